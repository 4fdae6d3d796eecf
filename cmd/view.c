/* --gantt with --window and --rows, for schedule and run alike. */
#include "view.h"

#include "base/file.h"

int
view_parse(struct view_options *v, const char *gantt, struct diag *d)
{
	if (!gantt && (v->window || v->rows))
		return diag_error(d, POS_NONE, "--window and --rows say what "
		                  "--gantt draws: it is not given");
	if (v->window && !gantt_window(&v->view, v->window))
		return diag_error(d, POS_NONE, "--window '%s': expected FROM..TO, "
		                  "two times in us, the later one last",
		                  v->window);
	if (v->rows && !gantt_rows(&v->view, v->rows))
		return diag_error(d, POS_NONE, "--rows '%s': expected A..B, two "
		                  "vEUs, the greater one last", v->rows);
	return 0;
}

int
view_draw(const struct view_options *v, const struct spent *s,
          const char *path, struct diag *d)
{
	struct file_out f;

	if (file_create(&f, path, d) < 0)
		return -1;
	if (gantt_write(s, &v->view, f.f, d) < 0) {
		file_abandon(&f);
		return -1;
	}
	return file_commit(&f);
}
