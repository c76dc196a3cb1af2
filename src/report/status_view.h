#ifndef STATUS_VIEW_H
#define STATUS_VIEW_H

#include "report/status.h"

#include <stdio.h>

/*
 * status_view.h - what can be asked of "pxeproxyd status": one table.
 */

/* Is there a view of this name, such as "rules"? */
bool status_view_exists(const char *name);

/*
 * Print it.  false where there is none of this name, and then nothing is
 * printed.
 */
bool status_view_print(FILE *to, const struct status *status,
    const char *name);

#endif
