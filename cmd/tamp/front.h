/* What the parts of the front share. */
#ifndef TAMP_FRONT_H
#define TAMP_FRONT_H

#include "base/arena.h"

/* Runs the command in argv[1]; the exit status. */
int front_main(struct arena *a, int argc, char **argv);

/* "tamp build ...": argv[0] is "build"; argv0 is how tamp was called. */
int front_build(struct arena *a, int argc, char **argv, const char *argv0);

/* The executable of a stage: beside tamp, or a name for PATH. */
const char *front_find(struct arena *a, const char *argv0, const char *stage);

#endif
