#ifndef ASK_STATUS_H
#define ASK_STATUS_H

#include "config/options.h"

/*
 * ask_status.h - "pxeproxyd status": ask the running daemon how it is.
 */

/*
 * Print what it answers, of a view or of a machine, with --watch again and
 * again.  Answers the exit status: 0 if all is well, 1 if something is wrong, 2
 * for a view that there is not, 3 if no daemon runs, 4 if that cannot be found
 * out, or nobody knows the machine.
 */
int ask_status_run(const struct options *options);

#endif
