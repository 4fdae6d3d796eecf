/* A shape for unit tests: shape(2, 3, 4) is [3, 4]. */
#ifndef SHAPE_H
#define SHAPE_H

#include <stdarg.h>

#include "base/vec.h"
#include "test.h"

static struct ints
shape(size_t n, ...)
{
	struct ints s = {0};
	va_list ap;

	va_start(ap, n);
	for (size_t i = 0; i < n; i++)
		vec_push(&test_arena, &s, va_arg(ap, int));
	va_end(ap);
	return s;
}

#endif
