/* Recognises handwritten digits with an emitted model: how a program uses one.
 *
 *	classify BUILD_DIR DATA_DIR [images]
 *
 * Shows the first ten held-back images with the digit found, then runs all of
 * them (or as many as asked) and reports accuracy, the largest difference from
 * the outputs ONNX Runtime computed (expected.f32), and the median time. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define PIXELS 64
#define CLASSES 10

/* Reads at most max bytes of dir/name; returns how many. */
static size_t
load(const char *dir, const char *name, void *to, size_t max)
{
	char path[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!f) {
		perror(path);
		exit(1);
	}
	n = fread(to, 1, max, f);
	fclose(f);
	return n;
}

static int
argmax(const float *v, int n)
{
	int best = 0;

	for (int i = 1; i < n; i++)
		if (v[i] > v[best])
			best = i;
	return best;
}

/* Ten images side by side, with what was found below each. */
static void
show(const uint8_t *images, const int *found, int n)
{
	static const char ink[] = " .:-=+*#%@";

	for (int row = 0; row < 8; row++) {
		for (int i = 0; i < n; i++) {
			const uint8_t *line = images + i * PIXELS + row * 8;

			for (int c = 0; c < 8; c++)
				putchar(ink[line[c] * 9 / 16]);
			putchar(' ');
		}
		putchar('\n');
	}
	for (int i = 0; i < n; i++)
		printf("   %d     ", found[i]);
	printf("\n");
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static uint8_t images[512 * PIXELS], labels[512];
	static float expected[512 * CLASSES];
	static double us[512];
	static int found[512];
	int n, right = 0;
	float worst = 0;
	struct model *m;

	if (argc < 3) {
		fprintf(stderr, "usage: classify BUILD_DIR DATA_DIR [images]\n");
		return 2;
	}
	n = (int)load(argv[2], "labels.u8", labels, sizeof labels);
	if (load(argv[2], "images.u8", images, sizeof images) != (size_t)n * PIXELS ||
	    load(argv[2], "expected.f32", expected, sizeof expected) !=
	    (size_t)n * CLASSES * sizeof(float)) {
		fprintf(stderr, "classify: data files do not fit together\n");
		return 1;
	}
	if (argc > 3 && strtol(argv[3], NULL, 10) > 0 &&
	    strtol(argv[3], NULL, 10) < n)
		n = (int)strtol(argv[3], NULL, 10);
	if (model_open(argv[1], &m)) {
		fprintf(stderr, "classify: %s\n", model_error(NULL));
		return 1;
	}
	for (int i = 0; i < n; i++) {
		float x[PIXELS], y[CLASSES];

		for (int k = 0; k < PIXELS; k++)
			x[k] = (float)images[i * PIXELS + k] / 16.0f;
		if (model_run(m, (const void *[]){ x }, (void *[]){ y })) {
			fprintf(stderr, "classify: %s\n", model_error(m));
			return 1;
		}
		us[i] = model_run_us(m);
		found[i] = argmax(y, CLASSES);
		right += found[i] == labels[i];
		for (int k = 0; k < CLASSES; k++) {
			float e = fabsf(y[k] - expected[i * CLASSES + k]);

			if (!(e <= worst))	/* a NaN counts as worst */
				worst = e;
		}
	}
	show(images, found, n < 10 ? n : 10);
	qsort(us, (size_t)n, sizeof us[0], by_value);
	printf("%d of %d held-back images right (%.1f %%)\n", right, n,
	       100.0 * right / n);
	printf("largest difference from ONNX Runtime %.2g\n", worst);
	printf("median %.1f us a run, %d vEUs, %s\n", us[n / 2], model_veus(m),
	       model_device(m));
	model_close(m);
	return right * 100 >= n * 97 && worst <= 1e-4f ? 0 : 1;
}
