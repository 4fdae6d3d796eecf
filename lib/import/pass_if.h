/* Conditions that constants decide, for pass_infer: nodes stand in order, so
 * that what it asks about has been looked at. */
#ifndef IMPORT_PASS_IF_H
#define IMPORT_PASS_IF_H

#include "import/import.h"

/* Whether constants say that the condition, or one that it is within, does not
 * hold.  -1 always holds. */
bool if_never(const struct net *n, int cond);

/* Makes the node that selects an output of an If an Identity of the branch
 * that runs, if a constant says which.  Whether it did. */
bool if_select(struct net *n, struct onode *o);

/* Such a node's condition and branches, which are all known.  -1 after a
 * diagnostic. */
int if_check(struct net *n, const struct onode *o, struct diag *d);

#endif
