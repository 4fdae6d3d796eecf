/* Conditions as a tree: what graph/1 and tasks/1 list, and what must hold for
 * one node or rOperator to use what another one makes.
 *
 * Conditions go by their index in the list, -1 is none: it always holds. */
#ifndef IR_CONDITIONS_H
#define IR_CONDITIONS_H

#include "ir/ir.h"

struct conditions {
	const struct condition *v;
	size_t n;
	int *within;		/* of each: the index of what it is within, or -1 */
	struct map by_name;
};

/* v: the list of a document, n long.  Names are not yet checked: of two equal
 * ones the first counts, and what is within an unknown or a later one is within
 * none. */
void conditions_init(struct conditions *c, const struct condition *v, size_t n,
                     struct arena *a);

/* The condition of that name, -1 if name is NULL; unknown: -2. */
int conditions_find(const struct conditions *c, const char *name);

/* Whether "outer" holds wherever "inner" does: it is inner, or inner lies within
 * it, or it is none. */
bool conditions_under(const struct conditions *c, int inner, int outer);

/* Names unique, each within an earlier one, no two of them alike.  -1 after
 * diagnostics.  The tensors are the caller's to check, who knows them. */
int conditions_check(const struct conditions *c, struct diag *d);

/* Reports what "if: name" at a place refers to and is not there. */
void conditions_unknown(const struct conditions *c, const char *name,
                        struct pos at, struct diag *d);

/* Whether the tensor of condition k, of that type and shape, can decide it; -1
 * after a diagnostic. */
int conditions_decides(const struct conditions *c, size_t k, enum dtype type,
                       const struct ints *shape, struct diag *d);

/* The note under a fault that has to do with condition k: what it says. */
void conditions_note(const struct conditions *c, int k, struct diag *d);

#endif
