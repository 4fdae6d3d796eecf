/* Where tamp's data lies: kernels, devices, the runtime's headers. */
#ifndef CMD_SHARE_H
#define CMD_SHARE_H

#include "base/file.h"

/* The executable's own path, links resolved; NULL after a diagnostic. */
const char *share_executable(struct arena *a, struct diag *d);

/* $TAMP_SHARE if it is set, else ../share/tamp beside the directory of the
 * executable.  NULL after a diagnostic if there is no such directory. */
const char *share_dir(struct arena *a, struct diag *d);

#endif
