/* The host target: C for gcc or clang, an rTask is a function call. */
#include "emit/tables.h"

static const char *const runtime[] = {
	"model.h", "host.c", "host.h", "host_model.h", "host_memory.c",
	"host_clock.h", "host_cpus.c", "host_cpus.h", "model_common.c",
	"model_common.h", "model_io.c", "model_io.h", "tamp_table.h", "map.h",
	"main.c", NULL
};

/* A C string literal of any bytes. */
static void
put_literal(struct str *out, const char *s)
{
	str_addc(out, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			str_addf(out, "\\%c", c);
		else if (c < 32 || c >= 127 || c == '?')
			str_addf(out, "\\%03o", c);
		else
			str_addc(out, (char)c);
	}
	str_addc(out, '"');
}

static void
put_table(struct emit *e, struct str *out)
{
	str_add(out, "\nconst struct tamp_instance tamp_instances[] = {\n");
	for (size_t i = 0; i < e->instances.n; i++) {
		const struct kinstance *k = e->instances.v[i];

		str_add(out, "\t{");
		put_literal(out, arena_printf(e->a, "%s %s", k->cls->class,
		                              k->cand->use));
		str_addf(out, ", inst_%zu},\n", i);
	}
	if (e->instances.n == 0)
		str_add(out, "\t{\"\", 0},\n");
	str_addf(out, "};\nconst uint32_t tamp_ninstances = %zu;\n",
	         e->instances.n);
}

static int
source(struct emit *e, struct str *out)
{
	int rc;

	str_add(out, "/* Made by tamp-emit: the model's rTasks.  Which vEU runs "
	        "them when is in\n * plan.bin. */\n"
	        "#include <stdint.h>\n\n#include \"host.h\"\n"
	        "#include \"map.h\"\n\n");
	rc = target_instances(e, out);
	put_table(e, out);
	return rc;
}

const struct target target_host = {
	.name = "host",
	.kind = TARGET_HOST,
	.source = source,
	.source_name = "model.c",
	.runtime = runtime,
	.makefile = "host.mk",
	.align = 64,
};
