#ifndef STATUS_JSON_H
#define STATUS_JSON_H

#include "report/status.h"

#include <stdio.h>

/*
 * status_json.h - the status for programs: one JSON object on one line.
 *
 * pxeproxyd(8) says what each member is.  The schema's number changes where a
 * member goes or means something else, not where one is added.
 */

enum { STATUS_JSON_SCHEMA = 1 };

void status_json(FILE *to, const struct status *status);

#endif
