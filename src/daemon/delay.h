#ifndef DELAY_H
#define DELAY_H

#include "net/inject.h"
#include "core/span.h"

#include <time.h>

/*
 * delay.h - answers that are sent some time after their request (the key
 * "delay" of a rule), while the others leave at once.
 */

struct delay;

/* NULL when out of memory. */
struct delay *delay_open(void);

/*
 * Keep a copy of the frame, for the sink, until so many milliseconds have
 * passed.  false where too many wait already: the caller then sends it now.
 */
bool delay_add(struct delay *delay, struct inject_sink *sink, struct span frame,
    struct timespec when, unsigned milliseconds);

/* Milliseconds until the next one is due; -1 where none waits. */
int delay_due(const struct delay *delay);

/*
 * Take a frame that is due.  It is valid until the next call.  false where
 * none is due.
 */
bool delay_take(struct delay *delay, struct inject_sink **sink,
    struct span *frame, struct timespec *when);

/* Drop the frames for a sink that is about to be closed; their number. */
unsigned delay_forget(struct delay *delay, const struct inject_sink *sink);

void delay_close(struct delay *delay);

#endif
