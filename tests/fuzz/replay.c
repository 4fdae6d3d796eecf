/* Runs a libFuzzer harness over files, without libFuzzer: every file given, or
 * every file of a folder given, once as it is and then N times changed (cut
 * off, bytes flipped, stretches repeated), from a fixed seed, so that a fault
 * comes back.  Prints the case before each run under -v.
 *
 *	fuzz_import [-n N] [-s SEED] [-w WORDS] [-v] FILE|DIR...
 *
 * WORDS: a file of words, one a line, of which some are put into the copies
 * (also in place of another line or word), so that text stays nearly right. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/vec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct run {
	long changes;
	uint64_t seed;
	bool verbose;
	size_t cases;
	struct strs words;
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

/* Puts a word where something else stood: nothing, a word, or a line. */
static void
put_word(struct run *r, struct str *s)
{
	const char *word = r->words.v[draw(r) % r->words.n];
	size_t at = draw(r) % s->len, end = at;
	const char *stop = draw(r) % 2 ? " ,:{}[]\n" : "\n";
	struct str t;

	if (draw(r) % 3) {
		while (at > 0 && !strchr(stop, s->s[at - 1]))
			at--;
		while (end < s->len && !strchr(stop, s->s[end]))
			end++;
	}
	str_init(&t);
	str_addn(&t, s->s, at);
	str_add(&t, word);
	str_addn(&t, s->s + end, s->len - end);
	str_release(s);
	*s = t;
}

static void
change(struct run *r, struct str *s)
{
	size_t flips = 1 + draw(r) % 4;

	if (r->words.n && s->len && draw(r) % 8) {
		flips = draw(r) % 2 ? 1 : flips;
		for (size_t i = 0; i < flips && s->len; i++)
			put_word(r, s);
		return;
	}
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

static int
read_words(struct arena *a, struct strs *words, const char *path)
{
	struct source src;
	struct diag d;
	const char *s, *end;

	diag_init(&d, "replay", stderr);
	if (file_read(a, path, &src, &d) < 0)
		return 1;
	for (s = src.text; *s; s = end + (*end == '\n')) {
		end = s + strcspn(s, "\n");
		vec_push(a, words, arena_strndup(a, s, (size_t)(end - s)));
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct run r = {.seed = 1};
	struct arena a;
	int c, bad = 0;

	arena_init(&a);

	while ((c = getopt(argc, argv, "n:s:vw:")) != -1) {
		if (c == 'n')
			r.changes = strtol(optarg, NULL, 10);
		else if (c == 's')
			r.seed = strtoull(optarg, NULL, 10) | 1;
		else if (c == 'v')
			r.verbose = true;
		else if (c == 'w')
			bad |= read_words(&a, &r.words, optarg);
		else
			return 2;
	}
	for (int i = optind; i < argc; i++)
		bad |= run_path(&r, argv[i]);
	printf("%zu cases\n", r.cases);
	arena_release(&a);
	return bad ? 1 : 0;
}
