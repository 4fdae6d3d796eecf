/* A harness for unit tests: one executable an area, TAP on standard output.
 *
 *	static void test_swap(void) { CHECK_INT(swap(1), 2); }
 *	int main(void) { RUN(test_swap); return test_done(); }
 *
 * A failed check ends its test (it returns from the function it stands in)
 * and says where; the other tests go on. */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"

#define RUN(f) test_run(#f, f)
void test_run(const char *name, void (*f)(void));
void test_skip(const char *name, const char *why);

/* Prints the plan; the exit status of main. */
int test_done(void);

/* Each says where and returns false if the check fails. */
bool test_true(const char *file, int line, bool ok, const char *text);
bool test_int(const char *file, int line, int64_t is, int64_t expected,
              const char *text);
bool test_float(const char *file, int line, double is, double expected,
                const char *text);
bool test_str(const char *file, int line, const char *is,
              const char *expected, const char *text);
bool test_has(const char *file, int line, const char *is, const char *part,
              const char *text);

#define TEST_OR_RETURN(call) do { if (!(call)) return; } while (0)
#define CHECK(x) TEST_OR_RETURN(test_true(__FILE__, __LINE__, (x), #x))
#define CHECK_INT(is, expected) \
	TEST_OR_RETURN(test_int(__FILE__, __LINE__, (is), (expected), #is))
/* Equal to the last bit; NAN equals NAN. */
#define CHECK_FLOAT(is, expected) \
	TEST_OR_RETURN(test_float(__FILE__, __LINE__, (is), (expected), #is))
#define CHECK_STR(is, expected) \
	TEST_OR_RETURN(test_str(__FILE__, __LINE__, (is), (expected), #is))
/* The string holds the part. */
#define CHECK_HAS(is, part) \
	TEST_OR_RETURN(test_has(__FILE__, __LINE__, (is), (part), #is))

/* An arena that is emptied after every test. */
extern struct arena test_arena;

/* A diag that keeps what is said; test_said returns it and empties it. */
struct diag *test_diag(void);
const char *test_said(void);

/* A text as a source named "t.yaml". */
struct source *test_source(const char *text);

/* A directory of its own for the program, removed at its end. */
const char *test_dir(void);

#endif
