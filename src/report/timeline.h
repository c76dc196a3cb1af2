#ifndef TIMELINE_H
#define TIMELINE_H

#include "diagnosis/machine.h"

#include <stdio.h>

/*
 * timeline.h - a machine's boot as a ladder: a column for each who takes
 * part, a line for each event.
 */

/* An event of it, with its own copy of the name. */
struct timeline_entry {
	int64_t when;		/* micros */
	struct machine_step step;
	char name[MACHINE_NAME];
};

enum { TIMELINE_TEXT = 256 };

/* What the event is, in words; in out, cut to size.  Answers out. */
const char *timeline_text(const struct timeline_entry *entry, char *out,
    size_t size);

/* Such as "discover", and "machine": the kind, and a column, in JSON. */
const char *timeline_kind(const struct timeline_entry *entry);
const char *timeline_lane(unsigned lane);

/*
 * Print the ladder.  Lines are broken at width columns; 0: nowhere.  Times
 * are seconds since began (micros).
 */
void timeline_print(FILE *to, const struct timeline_entry *entry, size_t n,
    int64_t began, unsigned width, bool colour);

#endif
