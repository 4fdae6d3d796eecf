/* Runs a libFuzzer harness over files, without libFuzzer: every file given, or
 * every file of a folder given, once as it is and then N times changed (cut
 * off, bytes flipped, stretches repeated), from a fixed seed, so that a fault
 * comes back.  Prints the case before each run under -v.
 *
 *	fuzz_import [-n N] [-s SEED] [-v] FILE|DIR...		*/
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct run {
	long changes;
	uint64_t seed;
	bool verbose;
	size_t cases;
};

static uint64_t
draw(struct run *r)
{
	r->seed ^= r->seed << 13;
	r->seed ^= r->seed >> 7;
	r->seed ^= r->seed << 17;
	return r->seed;
}

/* A copy of exactly n bytes: the sanitizer sees a read past its end. */
static void
run_one(struct run *r, const char *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	r->cases++;
}

static void
change(struct run *r, struct str *s)
{
	size_t flips = 1 + draw(r) % 4;

	if (draw(r) % 4 == 0)
		s->len = draw(r) % (s->len + 1);
	for (size_t i = 0; i < flips && s->len; i++) {
		size_t at = draw(r) % s->len;
		uint64_t how = draw(r);

		if (how % 3 == 0)
			s->s[at] ^= (char)(1 << (how >> 8) % 8);
		else if (how % 3 == 1)
			s->s[at] = (char)(how >> 8);
		else
			s->s[at] = "\0\x7f\x80\xff\x01\x08"[(how >> 8) % 6];
	}
	if (draw(r) % 8 == 0 && s->len) {
		size_t from = draw(r) % s->len, n = draw(r) % 64;
		char piece[64];

		n = n < s->len - from ? n : s->len - from;
		memcpy(piece, s->s + from, n);
		str_addn(s, piece, n);
	}
}

static int
run_file(struct run *r, const char *path)
{
	struct source src;
	struct arena a;
	struct diag d;
	struct str s;

	arena_init(&a);
	diag_init(&d, "replay", stderr);
	if (file_read(&a, path, &src, &d) < 0)
		return -1;
	run_one(r, src.text, src.len);
	str_init(&s);
	for (long i = 0; i < r->changes; i++) {
		str_clear(&s);
		str_addn(&s, src.text, src.len);
		if (r->verbose)
			fprintf(stderr, "%s, change %ld, seed %llu\n", path, i,
			        (unsigned long long)r->seed);
		change(r, &s);
		run_one(r, s.s, s.len);
	}
	str_release(&s);
	arena_release(&a);
	return 0;
}

static int
run_path(struct run *r, const char *path)
{
	struct dirent **list;
	struct stat st;
	int n, bad = 0;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return run_file(r, path);
	n = scandir(path, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		struct arena a;

		arena_init(&a);
		if (list[i]->d_name[0] != '.')
			bad |= run_path(r, file_join(&a, path, list[i]->d_name));
		arena_release(&a);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return bad;
}

int
main(int argc, char **argv)
{
	struct run r = {.seed = 1};
	int c, bad = 0;

	while ((c = getopt(argc, argv, "n:s:v")) != -1) {
		if (c == 'n')
			r.changes = strtol(optarg, NULL, 10);
		else if (c == 's')
			r.seed = strtoull(optarg, NULL, 10) | 1;
		else if (c == 'v')
			r.verbose = true;
		else
			return 2;
	}
	for (int i = optind; i < argc; i++)
		bad |= run_path(&r, argv[i]);
	printf("%zu cases\n", r.cases);
	return bad ? 1 : 0;
}
