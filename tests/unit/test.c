/* The harness of unit tests: see test.h. */
#include "test.h"

#include <dirent.h>
#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

struct arena test_arena;

static int ran, bad;
static struct str message;	/* of the test that is running; empty: good */
static struct diag heard;
static char *heard_text;
static size_t heard_size;
static char dir[64];

static void
open_diag(void)
{
	FILE *f = open_memstream(&heard_text, &heard_size);

	if (!f)
		BUG("no memory stream");
	diag_init(&heard, "test", f);
}

static void
close_diag(void)
{
	if (heard.to)
		fclose(heard.to);
	free(heard_text);
	heard_text = NULL;
	heard.to = NULL;
}

struct diag *
test_diag(void)
{
	if (!heard.to)
		open_diag();
	return &heard;
}

const char *
test_said(void)
{
	const char *text;

	if (!heard.to)
		return "";
	fflush(heard.to);
	text = arena_strndup(&test_arena, heard_text, heard_size);
	close_diag();
	return text;
}

/* Every line of the message becomes a comment. */
static void
print_message(void)
{
	for (const char *s = message.s; *s;) {
		size_t n = strcspn(s, "\n");

		printf("# %.*s\n", (int)n, s);
		s += n + (s[n] == '\n');
	}
}

void
test_run(const char *name, void (*f)(void))
{
	if (!message.s)
		str_init(&message);
	str_clear(&message);
	f();
	ran++;
	if (message.len) {
		bad++;
		printf("not ok %d - %s\n", ran, name);
		print_message();
	} else {
		printf("ok %d - %s\n", ran, name);
	}
	fflush(stdout);
	close_diag();
	arena_release(&test_arena);
}

void
test_skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++ran, name, why);
}

static void
remove_dir(void)
{
	DIR *d = *dir ? opendir(dir) : NULL;
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d))) {
		struct str path;

		str_init(&path);
		str_addf(&path, "%s/%s", dir, e->d_name);
		unlink(path.s);
		str_release(&path);
	}
	closedir(d);
	rmdir(dir);
}

int
test_done(void)
{
	printf("1..%d\n", ran);
	remove_dir();
	if (message.s)
		str_release(&message);
	return bad ? 1 : 0;
}

const char *
test_dir(void)
{
	if (!*dir) {
		snprintf(dir, sizeof dir, "/tmp/tamp-test-XXXXXX");
		if (!mkdtemp(dir))
			BUG("no directory for tests");
	}
	return dir;
}

bool
test_true(const char *file, int line, bool ok, const char *text)
{
	if (!ok)
		str_addf(&message, "%s:%d: not so: %s\n", file, line, text);
	return ok;
}

bool
test_int(const char *file, int line, int64_t is, int64_t expected,
         const char *text)
{
	if (is == expected)
		return true;
	str_addf(&message, "%s:%d: %s is %lld, expected %lld\n", file, line,
	         text, (long long)is, (long long)expected);
	return false;
}

bool
test_float(const char *file, int line, double is, double expected,
           const char *text)
{
	if ((isnan(is) && isnan(expected)) ||
	    (is == expected && signbit(is) == signbit(expected)))
		return true;
	str_addf(&message, "%s:%d: %s is %.17g, expected %.17g\n", file, line,
	         text, is, expected);
	return false;
}

bool
test_str(const char *file, int line, const char *is, const char *expected,
         const char *text)
{
	if (str_eq(is, expected))
		return true;
	str_addf(&message, "%s:%d: %s is:\n%s\nexpected:\n%s\n", file, line, text,
	         is ? is : "(null)", expected ? expected : "(null)");
	return false;
}

bool
test_has(const char *file, int line, const char *is, const char *part,
         const char *text)
{
	if (is && strstr(is, part))
		return true;
	str_addf(&message, "%s:%d: %s is:\n%s\nwhich does not hold:\n%s\n", file,
	         line, text, is ? is : "(null)", part);
	return false;
}

struct source *
test_source(const char *text)
{
	struct source *src = arena_new(&test_arena, struct source);

	*src = (struct source){"t.yaml", text, strlen(text)};
	return src;
}
