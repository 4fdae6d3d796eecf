/* Any bytes as a .npy file, a TensorProto, and a safetensors file. */
#include <stdint.h>
#include <unistd.h>

#include "import/tensorpb.h"
#include "ir/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Reads every byte, so that the sanitizer sees one that is not there. */
static void
touch(const struct array *v)
{
	volatile unsigned char sum = 0;

	for (size_t i = 0; i < v->bytes; i++)
		sum ^= ((const unsigned char *)v->data)[i];
}

static void
as_safetensors(struct arena *a, const uint8_t *data, size_t n, struct diag *d)
{
	char path[] = "/tmp/tamp-fuzz-XXXXXX";
	int fd = mkstemp(path);
	struct weights *w;

	if (fd < 0)
		return;
	if (write(fd, data, n) == (ssize_t)n) {
		w = weights_open(a, path, d);
		if (w)
			weights_close(w);
		else if (!d->nerrors)
			BUG("weights_open failed without a reason");
	}
	close(fd);
	unlink(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct source file = {"fuzz", (const char *)data, n};
	struct array got;
	struct arena a;
	struct diag d;

	arena_init(&a);
	diag_init(&d, "fuzz", stderr);
	d.suppressed = 1;
	if (npy_probe(&file)) {
		if (npy_parse(&a, &file, &got, &d) == 0)
			touch(&got);
	} else if (tensorpb_parse(&a, &file, 0, n, NULL, NULL, &got, &d) == 0) {
		touch(&got);
	}
	d.nerrors = 0;
	as_safetensors(&a, data, n, &d);
	arena_release(&a);
	return 0;
}
