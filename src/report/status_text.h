#ifndef STATUS_TEXT_H
#define STATUS_TEXT_H

#include "report/status.h"

#include <stdio.h>

/*
 * status_text.h - the status for people.
 *
 * Each begins with what is wrong with the daemon, if something is.
 */

/* One line on all, then the machines, the one that asked last first. */
void status_text_machines(FILE *to, const struct status *status);

/* The policy in force, and how many requests each rule decided. */
void status_text_rules(FILE *to, const struct status *status);

void status_text_interfaces(FILE *to, const struct status *status);

/* All counters that are not 0. */
void status_text_counters(FILE *to, const struct status *status);

#endif
