/* tamp-schedule: places rTasks on vEUs, or checks a schedule that a person
 * has edited. */
#include <string.h>

#include "base/file.h"
#include "base/opt.h"
#include "base/str.h"
#include "external.h"
#include "ir/weights.h"
#include "policy/policy.h"
#include "verify/gantt.h"
#include "../view.h"

static const struct opt_usage usage = {
	"tamp-schedule", "[options] [FILE ...]",
	"Lays the rTasks of a partitioned plan onto vEUs, or checks a schedule.",
	"  tamp schedule -p wavefront --gantt timeline.svg tasks.yaml -o plan.yaml\n"
	"  tamp schedule --check plan.yaml        # after editing plan.yaml\n"
	"  tamp schedule -p help\n",
};

struct run {
	struct arena a;
	struct diag d;
	const char *policy, *select, *sync, *gantt, *out;
	struct view_options view;
	int64_t width, budget, seed;
	bool check, only, cut;
	struct strs rest;
	const struct policy *pol;	/* NULL: policy is a program */
	struct policy_options o;
	struct stack stack;
	struct plan plan;
	const struct schedule *older;	/* that is replaced, or NULL */
	struct schedule *made;		/* NULL with --check */
};

/* Whoever has seen enough of a search ends it so: what was found is written. */
static volatile sig_atomic_t stop;

static void
on_interrupt(int sig)
{
	(void)sig;
	stop = 1;
}

/* "help" and the policies' names, for completion. */
static const char *
policy_words(struct run *r)
{
	const char *words = "help";

	for (int i = 0; policy_list[i]; i++)
		words = arena_printf(&r->a, "%s %s", words, policy_list[i]->name);
	return words;
}

static int
list_policies(void)
{
	for (int i = 0; policy_list[i]; i++)
		printf("%-12s %s\n", policy_list[i]->name, policy_list[i]->doc);
	return fflush(stdout) || ferror(stdout) ? 1 : 0;
}

static int
unknown(struct run *r, const char *what, const char *word,
        const char *const *words, size_t n)
{
	const char *near = str_nearest(word, words, n);
	struct str s;

	str_init(&s);
	for (size_t i = 0; i < n; i++)
		str_addf(&s, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ",
		         words[i]);
	if (near)
		diag_error(&r->d, POS_NONE, "unknown %s '%s' (did you mean '%s'?)",
		           what, word, near);
	else
		diag_error(&r->d, POS_NONE, "unknown %s '%s', expected %s", what,
		           word, s.s);
	str_release(&s);
	return 2;
}

/* A policy of that name, or, with a '/' in it, a program. */
static int
find_policy(struct run *r)
{
	const char *names[64];
	size_t n = 0;

	if (!r->policy)
		r->policy = "wavefront";
	if (strchr(r->policy, '/'))
		return -1;
	r->pol = policy_find(r->policy);
	if (r->pol)
		return -1;
	while (policy_list[n] && n < 64) {
		names[n] = policy_list[n]->name;
		n++;
	}
	return unknown(r, "policy", r->policy, names, n);
}

/* The value of a word, or (none given) the word of a value; >= 0: the exit
 * status, since it is no word of the table. */
static int
find_word(struct run *r, const struct enum_table *t, const char **word,
          int *value)
{
	if (!*word)
		*word = t->words[*value];
	for (int i = 0; i < t->n; i++)
		if (str_eq(*word, t->words[i])) {
			*value = i;
			return -1;
		}
	return unknown(r, t->name, *word, t->words, (size_t)t->n);
}

static int
check_words(struct run *r)
{
	int sync = SYNC_COUNTER, select = SELECT_BEST, bad;

	bad = find_word(r, &sync_words, &r->sync, &sync);
	if (bad < 0)
		bad = find_word(r, &select_words, &r->select, &select);
	if (bad >= 0)
		return bad;
	r->o = (struct policy_options){
		.sync = (enum sync_kind)sync,
		.select = (enum select_kind)select, .width = r->width,
		.budget = r->budget ? r->budget : 10,
		.seed = r->seed ? r->seed : 1, .stop = &stop, .cut = r->cut,
	};
	bad = find_policy(r);
	if (bad < 0 && r->cut && !r->pol) {
		diag_error(&r->d, POS_NONE, "policy '%s' places its launches "
		           "itself: --cut does not go with a program",
		           r->policy);
		return 2;
	}
	if (bad < 0 && (r->budget || r->seed) && !(r->pol && r->pol->whole)) {
		diag_error(&r->d, POS_NONE, "policy '%s' does not search: "
		           "--budget and --seed are for those that do",
		           r->policy);
		return 2;
	}
	return bad;
}

static int
parse(struct run *r, int argc, char **argv)
{
	const struct opt opts[] = {
		{'p', "policy", OPT_STR, &r->policy, "POLICY",
		 "how rTasks are laid out; 'help' prints the policies (wavefront)",
		 policy_words(r)},
		{0, "select", OPT_STR, &r->select, "HOW",
		 "rKernels: fastest alone, efficient, or best on the whole (best)",
		 policy_choices(&r->a, &select_words)},
		{0, "sync", OPT_STR, &r->sync, "KIND",
		 "what orders vEUs: barrier or counter (counter)",
		 policy_choices(&r->a, &sync_words)},
		{0, "width", OPT_INT, &r->width, "N",
		 "vEUs to use (as many as the device's file says)", NULL, 1,
		 1048576},
		{0, "budget", OPT_INT, &r->budget, "SECONDS",
		 "of a policy that searches, counted as work (10)", NULL, 1,
		 1000000},
		{0, "seed", OPT_INT, &r->seed, "N",
		 "of a policy that searches: draws other moves (1)", NULL, 1,
		 INT64_MAX},
		{0, "cut", OPT_FLAG, &r->cut, NULL,
		 "launches more than one, where what is predicted is shorter",
		 NULL},
		{0, "check", OPT_FLAG, &r->check, NULL,
		 "verifies the schedule that the plan holds; makes none", NULL},
		{0, "gantt", OPT_STR, &r->gantt, "FILE",
		 "draws the predicted timeline as SVG", ""},
		VIEW_OPTIONS(&r->view),
		{'o', "output", OPT_STR, &r->out, "FILE",
		 "where the plan goes (standard output)", ""},
		{0, "only", OPT_FLAG, &r->only, NULL,
		 "writes the schedule alone, without what lies below", NULL},
		{'v', "verbose", OPT_FLAG, &r->d.verbose, NULL,
		 "progress, and what the schedule holds", NULL},
		{0, "explain", OPT_FLAG, &r->d.explain, NULL,
		 "a reason for each choice", NULL},
		{0},
	};
	int status = opt_parse(&usage, opts, &r->a, argc, argv, &r->rest);

	if (status >= 0)
		return status;
	if (str_eq(r->policy, "help"))
		return list_policies();
	if (r->check && (r->policy || r->select || r->sync || r->width ||
	    r->budget || r->seed || r->cut || r->out || r->only)) {
		diag_error(&r->d, POS_NONE, "--check makes no schedule: it goes "
		           "with --gantt, --explain and -v only");
		return 2;
	}
	if (view_parse(&r->view, r->gantt, &r->d) < 0)
		return 2;
	if (r->rest.n == 0)
		vec_push(&r->a, &r->rest, "-");
	return check_words(r);
}

static int
read_plan(struct run *r)
{
	stack_init(&r->stack, &r->a, formats);
	for (size_t i = 0; i < r->rest.n; i++)
		if (stack_read(&r->stack, r->rest.v[i], &r->d) < 0)
			return -1;
	if (!r->check) {
		/* what is replaced need not be legal, nor even sensible */
		r->older = r->stack.read[FORMAT_SCHEDULE];
		r->stack.read[FORMAT_SCHEDULE] = NULL;
		r->stack.read[FORMAT_MEMORY] = NULL;
	}
	return plan_init_checked(&r->plan, &r->a, &r->stack, &r->d);
}

static void
add_number(struct run *r, struct made *m, const char *option, int64_t value)
{
	if (value)
		vec_push(&r->a, &m->options, arena_printf(&r->a, "--%s %lld",
		         option, (long long)value));
}

static struct made *
make_made(struct run *r)
{
	struct made *m = arena_new(&r->a, struct made);

	m->by = "tamp-schedule";
	m->version = TAMP_VERSION;
	vec_push(&r->a, &m->options, arena_printf(&r->a, "-p %s", r->policy));
	vec_push(&r->a, &m->options, arena_printf(&r->a, "--select %s",
	         r->select));
	vec_push(&r->a, &m->options, arena_printf(&r->a, "--sync %s", r->sync));
	add_number(r, m, "width", r->width);
	if (r->cut)
		vec_push(&r->a, &m->options, "--cut");
	add_number(r, m, "budget", r->budget);
	add_number(r, m, "seed", r->seed);
	return m;
}

/* What a program makes of the plan, and the waits that it leaves out. */
static int
ask_program(struct run *r)
{
	const char *argv[] = {r->policy, "--select", r->select, "--sync", r->sync,
		r->width ? "--width" : NULL,
		arena_printf(&r->a, "%lld", (long long)r->width), NULL};

	r->made = external_schedule(argv, &r->stack, &r->a, &r->d);
	if (!r->made || schedule_check(r->made, r->plan.tasks, &r->d) < 0 ||
	    plan_choose(&r->plan, r->made, &r->d) < 0)
		return -1;
	return sync_insert(&r->plan, r->made, r->o.sync, &r->d);
}

/* An older schedule that is legal may be improved. */
static void
look_at_older(struct run *r)
{
	struct diag quiet = r->d;

	quiet.suppressed = 1;
	if (schedule_check(r->older, r->plan.tasks, &quiet) == 0 &&
	    verify(&r->plan, r->older, NULL, &quiet) == FAULT_NONE)
		r->o.older = r->older;
	else
		diag_note(&r->d, record_pos(r->older, NULL), "this schedule is "
		          "not legal: the search does not begin with it");
}

/* A second interrupt ends the program. */
static int
search(struct run *r)
{
	struct sigaction sa = {.sa_handler = on_interrupt,
	                       .sa_flags = SA_RESETHAND}, old;
	bool set = sigaction(SIGINT, NULL, &old) == 0 &&
		old.sa_handler != SIG_IGN && sigaction(SIGINT, &sa, NULL) == 0;
	int bad;

	if (r->older)
		look_at_older(r);
	bad = policy_plan(r->pol, &r->plan, &r->o, r->made, &r->d);
	if (set)
		sigaction(SIGINT, &old, NULL);
	if (stop && bad == 0)
		diag_progress(&r->d, "interrupted: the best so far is taken");
	return bad;
}

static int
make_schedule(struct run *r)
{
	int bad;

	if (r->pol) {
		r->made = arena_new(&r->a, struct schedule);
		bad = r->pol->whole ? search(r) : policy_plan(r->pol, &r->plan,
			&r->o, r->made, &r->d);
	} else {
		bad = ask_program(r);
	}
	if (bad < 0)
		return -1;
	r->made->made = make_made(r);
	r->made->policy = r->policy;
	if (verify(&r->plan, r->made, NULL, &r->d) != FAULT_NONE)
		return diag_error(&r->d, POS_NONE, "policy '%s' made a schedule "
		                  "that is not legal", r->policy);
	return 0;
}

/* Where the time of its vEUs goes, in words and as a picture. */
static int
account(struct run *r, const struct schedule *s, const struct timeline *t)
{
	struct spent x;
	struct str text;

	if (spent_make(&x, &r->plan, s, r->o.costs, t, &r->a, &r->d) < 0)
		return -1;
	str_init(&text);
	spent_text(x.part, &text);
	if (!r->d.explain)
		diag_progress(&r->d, "of its vEUs' time: %s", text.s);
	str_release(&text);
	spent_explain(&x, &r->d);
	return r->gantt ? view_draw(&r->view, &x, r->gantt, &r->d) : 0;
}

static void
summary(struct run *r, const struct schedule *s, const struct timeline *t)
{
	size_t launches = 0, barriers = 0, waits = 0;

	for (size_t i = 0; i < s->steps.n; i++) {
		launches += s->steps.v[i].launch != NULL;
		barriers += s->steps.v[i].barrier != NULL;
		waits += s->steps.v[i].after.n;
	}
	diag_progress(&r->d, "%zu rTasks in %zu steps: %zu launches, %zu barriers, "
	              "%zu waits", t->bars.n, s->steps.n, launches, barriers,
	              waits);
}

/* A timeline costs as much as a try of the policy: only where it is wanted. */
static int
show(struct run *r, const struct schedule *s)
{
	struct timeline t;

	if (!r->check && !r->gantt && !r->d.verbose && !r->d.explain)
		return 0;
	if (predict(&r->plan, s, r->o.costs, &r->a, &t, &r->d) < 0)
		return -1;
	summary(r, s, &t);
	if (r->check)
		fprintf(stderr, "tamp-schedule: legal, %.3f us predicted on %lld "
		        "vEUs of '%s'\n", t.total_us, (long long)t.width,
		        r->plan.device->name);
	else
		diag_progress(&r->d, "%.3f us predicted on %lld vEUs of '%s'",
		              t.total_us, (long long)t.width,
		              r->plan.device->name);
	return r->gantt || r->d.verbose || r->d.explain
		? account(r, s, &t) : 0;
}

static int
write_out(struct run *r)
{
	struct file_out f;

	if (weights_follow(&r->stack, r->out, &r->d) < 0 ||
	    file_create(&f, r->out ? r->out : "-", &r->d) < 0)
		return -1;
	if (stack_write(&r->stack, FORMAT_SCHEDULE, r->made, r->only, f.f) < 0) {
		file_abandon(&f);
		return diag_error(&r->d, POS_NONE, "cannot write the plan");
	}
	return file_commit(&f);
}

/* A memory/1 that was computed goes with its schedule: where that was edited
 * since, emit computes another, and its old one is no fault. */
static int
check_memory(struct run *r, struct verified *v)
{
	const struct memory *m = stack_memory(&r->stack);

	if (!m)
		return 0;
	if (memory_origin(m, r->plan.tasks, stack_schedule(&r->stack)) !=
	    MEMORY_STALE)
		return verify_memory(v, m, &r->d) == FAULT_NONE ? 0 : -1;
	diag_note(&r->d, record_pos(m, "made"), "this memory plan is of another "
	          "schedule: tamp emit will make one anew");
	return 0;
}

static int
check(struct run *r)
{
	const struct schedule *s = stack_schedule(&r->stack);
	struct verified *v;
	struct arena a;
	int bad;

	if (!s)
		return diag_error(&r->d, POS_NONE, "the plan has no schedule/1 to "
		                  "check");
	arena_init(&a);
	bad = verify_schedule(&r->plan, s, &a, &v, &r->d) != FAULT_NONE ||
		check_memory(r, v) < 0;
	arena_release(&a);
	return bad ? -1 : show(r, s);
}

static int
schedule(struct run *r)
{
	size_t known, all;

	if (read_plan(r) < 0)
		return -1;
	r->o.costs = task_costs_make(&r->plan, r->stack.read[FORMAT_COSTS],
	                             &r->a);
	known = task_costs_known(r->o.costs, &all);
	if (known)
		diag_progress(&r->d, "times of rTasks: %zu of %zu rKernels "
		              "measured, the others estimated", known, all);
	if (r->check)
		return check(r);
	if (make_schedule(r) < 0 || show(r, r->made) < 0)
		return -1;
	return write_out(r);
}

int
main(int argc, char **argv)
{
	struct run r = {.made = NULL};
	int status;

	arena_init(&r.a);
	diag_init(&r.d, "tamp-schedule", stderr);
	file_cleanup_on_signals();
	status = parse(&r, argc, argv);
	if (status < 0)
		status = schedule(&r) < 0 ? 1 : 0;
	arena_release(&r.a);
	return status;
}
