/* For tests of the verifier on the plan of five.h: lines of schedules, and what
 * the verifier makes of them. */
#ifndef JUDGE_H
#define JUDGE_H

#include "five.h"
#include "verify/verify.h"

/* A schedule's lines, of which L A B C S Y is legal. */
#define A "- {run: a, tasks: 0..3, veus: 0..1}\n"
#define B "- {run: b, tasks: 0..3, veus: 0..1}\n"
#define C "- {run: c, tasks: 0..3, veus: 0..1}\n"
#define S "- {run: s, tasks: 0..0, veus: 0..0, after: [{run: b}]}\n"
#define Y "- {run: \"y\", tasks: 0..3, veus: 0..1, after: [{run: s}]}\n"
#define L "- launch: {width: 2}\n"
#define BARRIER "- barrier: {}\n"

/* Offsets of a, b, c and s in the arena. */
#define PLACES(a, b, c, s) \
	"---\nformat: memory/1\nmade: {by: test}\narena: 128\nweights: 0\n" \
	"packed: 0\nplaces:\n" \
	"- {name: x, base: input, offset: 0, bytes: 32}\n" \
	"- {name: a, base: arena, offset: " a ", bytes: 32}\n" \
	"- {name: b, base: arena, offset: " b ", bytes: 32}\n" \
	"- {name: c, base: arena, offset: " c ", bytes: 32}\n" \
	"- {name: s, base: arena, offset: " s ", bytes: 32}\n" \
	"- {name: \"y\", base: output, offset: 0, bytes: 32}\n...\n"

__attribute__((unused)) static enum fault
judge_on(const char *device, const char *steps, const char *memory)
{
	if (!load(device, kernels, steps, memory))
		return (enum fault)-1;
	return verify(&plan, stack_schedule(&stack), stack_memory(&stack),
	              test_diag());
}

__attribute__((unused)) static enum fault
judge(const char *steps)
{
	return judge_on(host, steps, "");
}

/* A text with the first "from" in it replaced. */
__attribute__((unused)) static const char *
changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (!at)
		return text;
	return arena_printf(&test_arena, "%.*s%s%s", (int)(at - text), text, to,
	                    at + strlen(from));
}

#endif
