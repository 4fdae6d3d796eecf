/* Blocked layouts for host convolutions. */
#include "partition/work.h"

void
block_layouts(struct work *w)
{
	(void)w;
}
