/* Parts of the checks of documents that are files of their own. */
#ifndef IR_CHECK_H
#define IR_CHECK_H

#include "ir/ir.h"

/* A number of a record that is finite and above zero or, with zero, not negative. */
int check_number(const void *rec, const char *key, double x, bool zero,
                 struct diag *d);

/* The conditions of a graph that is sound but for them. */
int graph_check_if(const struct graph *g, struct diag *d);

/* The conditions of tasks/1 that fit their graph but for them. */
int tasks_check_if(const struct tasks *t, const struct graph *g,
                   struct diag *d);

/* Whether the map of an argument of the class looks at what it calls "name"
 * only where what it calls "by" is "is": it stands as that operand of
 * SELECT(by, , ) and nowhere else. */
bool map_picks(const struct strs *map, const char *name, const char *by,
               bool is);

#endif
