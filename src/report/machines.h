#ifndef MACHINES_H
#define MACHINES_H

#include "report/status.h"

#include <stdio.h>

/*
 * machines.h - the machines of a status: what they asked us for, and what was
 * observed of their boots.
 */

enum { MACHINES_FINDINGS = 6 };		/* that are shown of one machine */

/* A machine; one of the two knows it, or both do. */
struct machines_row {
	const struct clients_entry *asked;	/* NULL: it asked us nothing */
	const struct machine *observed;	/* NULL: nothing was seen of it */
	/* Micros of the system's clock: when it asked us or, if it did not,
	 * was seen last; and when its last boot began, if observed. */
	int64_t when, began;
	/* Those that are problems first, then notes.  One on a boot before the
	 * last has no evidence: the times of that mean nothing any more. */
	struct machine_finding finding[MACHINES_FINDINGS];
	bool is_earlier[MACHINES_FINDINGS];
	size_t n, problems;
};

/* The one with that address; false: nobody knows it. */
bool machines_find(const struct status *status, const uint8_t mac[FRAME_MAC],
    struct machines_row *out);

/*
 * All that asked, and of those that did not, the ones whose boots have a
 * problem: at most CLIENTS_MAX, the one that was heard last first.
 */
struct machines {
	struct machines_row *row;
	size_t n;
};

/* false and errno: no memory.  machines_free() is to be called in any case. */
bool machines_collect(const struct status *status, struct machines *out);
void machines_free(struct machines *machines);

/* Of the last hour. */
struct machines_hour {
	unsigned asked;
	unsigned problems;		/* see machines_has_problem() */
	bool more;			/* than are remembered */
};

struct machines_hour machines_hour(const struct machines *machines,
    const struct status *status);

/* Its boot failed, or its last request was refused; notes do not count. */
bool machines_has_problem(const struct machines_row *row);

/* Fields of a struct machines_row; *n is how many there are. */
const struct field *machines_fields(size_t *n);

/* Members of a JSON object: its fields, and its findings if there are any. */
void machines_json(FILE *to, const struct machines_row *row);

#endif
