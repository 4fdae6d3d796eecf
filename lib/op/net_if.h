/* Conditions between a net and graph/1, for net.c. */
#ifndef OP_NET_IF_H
#define OP_NET_IF_H

#include "op/net.h"

/* Takes the conditions of a graph that is checked, whose tensors the net has. */
void net_if_take(struct net *n, const struct graph *g);

/* The condition of that name; -1 for NULL. */
int net_if_named(const struct net *n, const char *name);

/* Lists the conditions under which live nodes are, all of them with a name. */
void net_if_put(struct net *n, struct graph *g);

#endif
