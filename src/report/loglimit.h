#ifndef LOGLIMIT_H
#define LOGLIMIT_H

#include "core/frame.h"
#include "core/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * loglimit.h - how many lines requests may put into the log.
 *
 * In each period a client may have so many lines of each verdict, and all
 * together so many.  What is left out is counted, and a line tells the count:
 * those lines are part of the same budget, so nothing is written outside it.
 *
 * Of fixed size.  The lines of a client are counted in two tables, in a cell of
 * each that a hash picks, and the smaller number holds.  A cell that several
 * clients share only has too high a number, so no client, whatever its
 * address, has more lines than it may.
 */

enum {
	LOGLIMIT_SECONDS = 10,		/* the period */
	LOGLIMIT_LINES = 5,		/* of a client and a verdict */
	LOGLIMIT_ALL = 5000,		/* of all together */
	LOGLIMIT_CELLS = 8192,		/* of each table: a power of two */
	LOGLIMIT_SLOTS = 256,
};

/* In the place of a verdict: a line that tells a finding. */
#define LOGLIMIT_FINDING ((enum verdict)VERDICT_COUNT)

/* What a line is about. */
struct loglimit_about {
	uint8_t mac[FRAME_MAC];
	enum verdict verdict;
};

/* Whose lines were left out. */
struct loglimit_slot {
	struct loglimit_about about;
	int64_t since;			/* the period's beginning */
	unsigned long left_out;		/* 0: the slot is free */
};

struct loglimit {
	int64_t since;			/* seconds; the period's beginning */
	unsigned lines;			/* written in it */
	unsigned long left_out;		/* that no slot has */
	uint8_t first[LOGLIMIT_CELLS], second[LOGLIMIT_CELLS];
	struct loglimit_slot slot[LOGLIMIT_SLOTS];
};

/* Lines that were left out. */
struct loglimit_left {
	bool of_all;			/* about does not count */
	struct loglimit_about about;
	unsigned long lines;
};

/*
 * May a line about this be written, at so many seconds of the steady clock?
 * If not, it is counted.
 */
bool loglimit_allows(struct loglimit *limit,
    const struct loglimit_about *about, int64_t now);

/*
 * Call it until it answers false: each time *left is what was left out in a
 * period that is over by now, and one line may be written on it.
 */
bool loglimit_over(struct loglimit *limit, int64_t now,
    struct loglimit_left *left);

#endif
