#ifndef DELAY_H
#define DELAY_H

#include "net/inject.h"
#include "core/span.h"

#include <time.h>

/*
 * delay.h - answers that wait, while others go out at once.
 */

struct delay;

/* NULL when out of memory. */
struct delay *delay_open(void);

/*
 * Keep a copy of the frame, to be sent to the sink in so many milliseconds.
 * false where too many wait already: then send it now.
 */
bool delay_add(struct delay *delay, struct inject_sink *sink, struct span frame,
    struct timespec when, unsigned milliseconds);

/* Milliseconds until the next one is due; -1 where none waits. */
int delay_due(const struct delay *delay);

/*
 * Take one that is due: true, and the frame until the next call.  false
 * where none is due.
 */
bool delay_take(struct delay *delay, struct inject_sink **sink,
    struct span *frame, struct timespec *when);

/* Forget those for a sink that is about to be closed; how many were there. */
unsigned delay_forget(struct delay *delay, const struct inject_sink *sink);

void delay_close(struct delay *delay);

#endif
