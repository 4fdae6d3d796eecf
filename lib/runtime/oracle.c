/* The oracle's main:
 *
 *	oracle DIR [TABLE_DIR ...]	plan.bin of DIR is the reference
 *
 * prints a line for each TABLE_DIR, of which the names are read from standard
 * input if none are given: "right", or what is wrong.  A table is right if
 * every rTask has one row, nothing waits for ever, no two rTasks touch the same
 * bytes unordered with one writing, and, whatever its conditions turn out to be,
 * those rTasks run that run in the reference, and each read finds what it finds
 * there.  Where TABLE_DIR holds a witness, why somebody refused the table,
 * a tab and what came of it follow: see oracle_trip. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

static void
judge(struct trace *t, const char *dir, uint64_t hash)
{
	struct tamp_plan p;
	const char *wrong = NULL;

	if (tamp_plan_open(&p, dir, tamp_ninstances, hash) < 0) {
		printf("unreadable: %s%s\n", model_error(NULL),
		       oracle_has_witness(dir) ? "\ttripped" : "");
		return;
	}
	if (p.h->rops.count != t->ref->h->rops.count)
		wrong = "another model";
	for (uint64_t i = 0; i < p.h->rops.count && !wrong; i++)
		if (p.rops[i].ntasks != t->ref->rops[i].ntasks ||
		    p.rops[i].instance != t->ref->rops[i].instance)
			wrong = "rKernels that are not the reference's";
	/* other seeds change what happens first, not what is ordered; two
	 * are a check of the oracle itself */
	for (uint64_t seed = 1; seed <= 2 && !wrong; seed++)
		wrong = oracle_replay(t, &p, 0, seed, false);
	for (size_t i = 1; i < t->nworlds && !wrong; i++)
		wrong = oracle_replay(t, &p, i, i, false);
	printf("%s", wrong ? wrong : "right");
	wrong = oracle_trip(t, &p, dir);
	printf(wrong ? "\t%s\n" : "\n", wrong);
	tamp_plan_close(&p);
}

int
main(int argc, char **argv)
{
	struct tamp_plan ref;
	struct trace t;
	const char *wrong = NULL;
	char dir[4096];

	if (argc < 2) {
		fprintf(stderr, "usage: oracle DIR [TABLE_DIR ...]\n");
		return 2;
	}
	if (tamp_plan_open(&ref, argv[1], tamp_ninstances,
	                   tamp_instances_hash) < 0 ||
	    oracle_record(&t, &ref, argv[1]) < 0) {
		fprintf(stderr, "oracle: %s: %s\n", argv[1], model_error(NULL));
		return 1;
	}
	oracle_worlds(&t);
	for (size_t i = 0; i < t.nworlds && !wrong; i++)
		wrong = oracle_replay(&t, &ref, i, 1, true);
	if (wrong) {
		fprintf(stderr, "oracle: the reference: %s\n", wrong);
		return 1;
	}
	for (int i = 2; i < argc; i++)
		judge(&t, argv[i], tamp_instances_hash);
	while (argc == 2 && fgets(dir, sizeof dir, stdin)) {
		dir[strcspn(dir, "\n")] = '\0';
		judge(&t, dir, tamp_instances_hash);
	}
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
