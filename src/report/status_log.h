#ifndef STATUS_LOG_H
#define STATUS_LOG_H

#include "report/status.h"

/*
 * status_log.h - the counters as lines of the log.
 */

/* A line for each list of counters, each rule and each interface. */
void status_log(const struct status *status);

/* The last line: verdicts, frames dropped, answers not sent. */
void status_log_end(const struct status *status);

#endif
