#include "daemon/delay.h"

#include <stdlib.h>

enum {
	WAITING_MAX = 1024,
	MS_PER_S = 1000,
	NS_PER_MS = 1000000,
};

struct delay_frame {
	int64_t due;			/* milliseconds of the steady clock */
	struct inject_sink *sink;
	struct timespec when;
	size_t n;
	uint8_t octets[];
};

struct delay {
	size_t n;
	struct delay_frame *waiting[WAITING_MAX];	/* in no order */
	struct delay_frame *taken;	/* the last one, to be freed */
};

static int64_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

struct delay *
delay_open(void)
{
	return calloc(1, sizeof(struct delay));
}

bool
delay_add(struct delay *delay, struct inject_sink *sink, struct span frame,
    struct timespec when, unsigned milliseconds)
{
	struct delay_frame *one;

	if (delay->n == WAITING_MAX ||
	    (one = malloc(sizeof(*one) + frame.n)) == NULL)
		return false;
	/* Of the millisecond that it is now some has passed. */
	one->due = now() + 1 + milliseconds;
	one->sink = sink;
	one->when = when;
	one->n = frame.n;
	(void)span_copy(&frame, frame.n, one->octets);
	delay->waiting[delay->n++] = one;
	return true;
}

/* The place of the one that is due first; n where none waits. */
static size_t
first(const struct delay *delay)
{
	size_t at = 0;

	for (size_t i = 1; i < delay->n; i++)
		if (delay->waiting[i]->due < delay->waiting[at]->due)
			at = i;
	return at;
}

int
delay_due(const struct delay *delay)
{
	int64_t left;

	if (delay->n == 0)
		return -1;
	left = delay->waiting[first(delay)]->due - now();
	return left > 0 ? (int)left : 0;
}

static struct delay_frame *
remove_at(struct delay *delay, size_t at)
{
	struct delay_frame *one = delay->waiting[at];

	/* Close the gap, so that those due at once keep their order. */
	for (delay->n--; at < delay->n; at++)
		delay->waiting[at] = delay->waiting[at + 1];
	return one;
}

bool
delay_take(struct delay *delay, struct inject_sink **sink, struct span *frame,
    struct timespec *when)
{
	free(delay->taken);
	delay->taken = NULL;
	if (delay_due(delay) != 0)
		return false;
	delay->taken = remove_at(delay, first(delay));
	*sink = delay->taken->sink;
	*frame = (struct span){ delay->taken->octets, delay->taken->n };
	*when = delay->taken->when;
	return true;
}

unsigned
delay_forget(struct delay *delay, const struct inject_sink *sink)
{
	unsigned forgotten = 0;
	size_t at = 0;

	while (at < delay->n) {
		if (delay->waiting[at]->sink == sink) {
			free(remove_at(delay, at));
			forgotten++;
		} else {
			at++;
		}
	}
	return forgotten;
}

void
delay_close(struct delay *delay)
{
	if (delay == NULL)
		return;
	while (delay->n > 0)
		free(remove_at(delay, 0));
	free(delay->taken);
	free(delay);
}
