/* The emitted directory: all its files, written so that no one ever sees half
 * of it, and so that make rebuilds only what changed. */
#ifndef EMIT_DIR_H
#define EMIT_DIR_H

#include "emit/target.h"

/* Writes DIR for target t: the source, plan.bin, weights.bin, plan.yaml (the
 * stack with memory/1 on top), model.h with a table of the model's inputs and
 * outputs, runtime, Makefile, arch.mk, README and .tamp, which lists them.
 * An existing directory must be empty or one of ours; files whose content
 * stays are not touched.  Where e->verified is set, what was written is read
 * again and proved to be that plan before it is moved.  -1 after diagnostics. */
int dir_write(struct emit *e, const struct target *t, const struct stack *s,
              const char *dir);

#endif
