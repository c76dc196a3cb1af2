#ifndef METRICS_H
#define METRICS_H

#include "report/status.h"

/*
 * metrics.h - a file for node_exporter's textfile collector.
 */

/*
 * Write the file under the name PATH.new and then rename it, so that a reader
 * finds the old file or the new one, whole.  Everybody may read it, whatever
 * the umask.  No symbolic link is followed: one at either name is replaced.
 * false and errno.
 */
bool metrics_write(const char *path, const struct status *status);

#endif
