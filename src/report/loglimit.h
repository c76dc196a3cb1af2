#ifndef LOGLIMIT_H
#define LOGLIMIT_H

#include "core/frame.h"
#include "core/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * loglimit.h - how many lines one client may put into the log.
 *
 * In each period so many of a client and a verdict, and so many of all; what
 * is left out is counted, and the count is told.  Of fixed size.
 */

enum {
	LOGLIMIT_SECONDS = 10,		/* the period */
	LOGLIMIT_LINES = 5,		/* of a client and a verdict */
	LOGLIMIT_ALL = 5000,		/* of all together */
	LOGLIMIT_SLOTS = 1024,
};

/* What a line is about. */
struct loglimit_about {
	uint8_t mac[FRAME_MAC];
	enum verdict verdict;
};

struct loglimit_slot {
	struct loglimit_about about;
	int64_t since;			/* seconds; the period's beginning */
	unsigned long lines, left_out;
};

struct loglimit {
	struct loglimit_slot slot[LOGLIMIT_SLOTS];
	struct loglimit_slot all;
};

/* Lines that were left out. */
struct loglimit_left {
	bool of_all;			/* about does not count */
	struct loglimit_about about;
	unsigned long lines;		/* 0: none */
};

/*
 * May a line about this be written, at so many seconds of the steady clock?
 * *left is what was left out and should be told first.
 */
bool loglimit_allows(struct loglimit *limit,
    const struct loglimit_about *about, int64_t now,
    struct loglimit_left *left);

/*
 * Call it until it answers false: each time *left is what was left out in a
 * period that is over by now.
 */
bool loglimit_over(struct loglimit *limit, int64_t now,
    struct loglimit_left *left);

#endif
