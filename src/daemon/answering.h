#ifndef ANSWERING_H
#define ANSWERING_H

#include "report/clients.h"
#include "config/config.h"
#include "report/counters.h"
#include "daemon/delay.h"
#include "net/envelope.h"
#include "daemon/limiter.h"
#include "report/loglimit.h"
#include "config/options.h"
#include "daemon/station.h"

/*
 * answering.h - a frame has come in: it is answered where that is due and
 * within the limits, and counted, remembered and logged.
 *
 * Answers and log lines are kept, and go out together: see answering_flush().
 */

struct answering {
	const struct options *options;
	const struct policy *policy;
	struct config_rates rates;
	unsigned worker;		/* which one: 0 is the first */
	struct timespec now;		/* steady clock, when we woke up */
	struct envelope *envelope;
	struct delay *delay;
	struct sink *savefile;		/* -w, or NULL */
	bool gone_bad;			/* a savefile that cannot be written */
	bool failing;			/* libnet did not make the last one */
	struct counters counters;
	struct clients clients;
	struct limiter limiter;
	struct loglimit loglimit;
};

/*
 * As one of so many workers; the first, which may be the only one, is 0.
 *
 * false: said what is wrong.  In either case the caller ends with
 * answering_close().
 */
bool answering_open(struct answering *answering,
    const struct options *options, const struct config *config,
    unsigned worker);
void answering_close(struct answering *answering);

/* Go by this configuration from now on; false when out of memory. */
bool answering_use(struct answering *answering, const struct config *config);

/* What has come in on a station. */
void answering_take(struct answering *answering, struct station *station,
    const struct capture_frame *frame);

/* Milliseconds until a delayed answer is due; -1 where none waits. */
int answering_due(const struct answering *answering);

/* The delayed answers that are due. */
void answering_send_delayed(struct answering *answering);

/*
 * No delayed answer goes out on a station that is about to be closed: they
 * count as not sent.
 */
void answering_forget(struct answering *answering, struct station *station);

/* Before we sleep, all that is kept goes out: answers, then log lines. */
void answering_flush(struct answering *answering,
    const struct station station[], unsigned n);

/*
 * Tell how many log lines were left out in the periods that are over at so
 * many seconds of the steady clock.
 */
void answering_tell_left_out(struct answering *answering, int64_t now);

#endif
