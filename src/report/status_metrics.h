#ifndef STATUS_METRICS_H
#define STATUS_METRICS_H

#include "report/status.h"

#include <stdio.h>

/*
 * status_metrics.h - the numbers as Prometheus has them in its text format,
 * version 0.0.4.
 */

void status_metrics(FILE *to, const struct status *status);

#endif
