/* Command-line options as a table: parsing, --help, and shell completion.
 *
 * Long options take "--name value" or "--name=value", short ones "-o value",
 * "-ovalue" and bundles of flags.  "--" ends options, "-" is an operand.
 * --help and --version are handled here for every tool. */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

enum opt_kind {
	OPT_FLAG,	/* bool * */
	OPT_STR,	/* const char **: the last one given counts */
	OPT_STRS,	/* struct strs *: may be given several times */
	OPT_INT,	/* int64_t *, in [min, max] */
	OPT_FLOAT,	/* double * */
	OPT_OPTSTR,	/* const char **: "--name" alone gives "" */
};

struct opt {
	char short_name;	/* 0: none */
	const char *long_name;	/* NULL: none */
	enum opt_kind kind;
	void *to;
	const char *arg;	/* what --help calls the argument: "FILE" */
	const char *help;	/* one line */
	const char *choices;	/* completion words "a b c", "" for files, NULL */
	int64_t min, max;	/* OPT_INT */
};

struct opt_usage {
	const char *tool;	/* "tamp-import" */
	const char *synopsis;	/* "[options] MODEL" */
	const char *summary;	/* one line */
	const char *examples;	/* may be NULL; printed at the end of --help */
};

/* Parses argv.  opts ends with a row whose kind's to is NULL.  Operands are
 * collected in rest.  Returns -1 to go on, else the exit status (0 after
 * --help or --version, 2 after a usage error, already reported on stderr). */
int opt_parse(const struct opt_usage *u, const struct opt *opts,
              struct arena *a, int argc, char **argv, struct strs *rest);

/* "--complete" (hidden) prints the table for shell completion, one option a
 * line: names, a tab, none | any | file | words, a tab, the words. */

#endif
