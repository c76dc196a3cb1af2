#ifndef HANDLER_H
#define HANDLER_H

#include "report/clients.h"
#include "config/config.h"
#include "report/counters.h"
#include "daemon/delay.h"
#include "net/envelope.h"
#include "daemon/limiter.h"
#include "daemon/listener.h"
#include "report/loglimit.h"
#include "config/options.h"

/*
 * handler.h - take a frame that has come in: answer it where an answer is due
 * and within the limits, count it, remember its client, log it.
 *
 * Answers and log lines are queued and leave together, with handler_flush().
 */

struct handler {
	const struct options *options;
	const struct policy *policy;
	struct timespec now;		/* steady clock, at the last wake-up */
	struct envelope *envelope;
	struct delay *delay;
	struct inject_sink *savefile;		/* -w, or NULL */
	bool savefile_failed;		/* it was closed for that */
	bool envelope_failed;		/* libnet did not make the last frame */
	struct counters counters;
	struct clients clients;
	struct limiter *limiter;
	struct loglimit loglimit;
};

/*
 * false: what is wrong is in the log.  In either case the caller ends with
 * handler_close().
 */
bool handler_open(struct handler *handler, const struct options *options,
    const struct config *config);
void handler_close(struct handler *handler);

/* Use this configuration from now on; false when out of memory. */
bool handler_use(struct handler *handler, const struct config *config);

/* Handle a frame that has come in on this listener. */
void handler_receive(struct handler *handler, struct listener *listener,
    const struct capture_frame *frame);

/* Milliseconds until a delayed answer is due; -1 where none waits. */
int handler_due(const struct handler *handler);

/* Send the delayed answers that are due. */
void handler_send_delayed(struct handler *handler);

/*
 * Drop the delayed answers of a listener that is about to be closed; they
 * count as not sent.
 */
void handler_forget(struct handler *handler, struct listener *listener);

/* Before the daemon sleeps: send the queued answers, then write the log. */
void handler_flush(struct handler *handler, const struct listener listener[],
    unsigned n);

/*
 * May a line about this be logged?  What clients cause in the log is within one
 * budget; with -d all lines are wanted.
 */
bool handler_may_log(struct handler *handler,
    const struct loglimit_about *about);

/*
 * Log how many lines were left out in the periods that are over at this
 * second of the steady clock.
 */
void handler_log_left_out(struct handler *handler, int64_t now);

#endif
