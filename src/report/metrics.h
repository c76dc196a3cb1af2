#ifndef METRICS_H
#define METRICS_H

#include "report/status.h"

/*
 * metrics.h - a file for node_exporter's textfile collector.
 */

/*
 * Write the file under another name, and then give it its own: whoever reads
 * finds the old one or the new one, whole.  false and errno.
 */
bool metrics_write(const char *path, const struct status *status);

#endif
