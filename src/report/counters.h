#ifndef COUNTERS_H
#define COUNTERS_H

#include "core/policy.h"
#include "core/responder.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * counters.h - how often what happened, and how soon we answered.
 *
 * All numbers are since the start, but those of the rules, which are since
 * the policy was read.
 */

enum {
	COUNTERS_PENDING = 64,	/* answers whose time is taken together */
	COUNTERS_BUCKETS = 10,	/* of the latency, and one for the rest */
};

struct counters {
	unsigned long long verdict[VERDICT_COUNT];
	unsigned long long form[FORM_COUNT];	/* of answered requests */
	/* Requests by the row of arch_table(); then none, then no row. */
	unsigned long long *arch;
	size_t archs;
	unsigned long long *rule;	/* requests that the rule decided */
	size_t rules;

	/* Each by itself. */
	unsigned long long latency[COUNTERS_BUCKETS + 1];
	uint64_t latency_ns;		/* the sum */
	struct timespec pending[COUNTERS_PENDING];
	unsigned n_pending;
	int64_t ahead;			/* ns, of the steady clock: the system's */
};

/* false when out of memory. */
bool counters_open(struct counters *counters);
void counters_close(struct counters *counters);

/* Count this policy's rules from now on, from 0; false when out of memory. */
bool counters_use(struct counters *counters, const struct policy *policy);

/* Count what came of a frame. */
void counters_add(struct counters *counters, const struct policy *policy,
    const struct responder_exchange *exchange);

/*
 * Answers: counters_answered() says when the request of one was captured, by
 * the system's clock, and counters_settle() that all of them have been sent.
 */
void counters_answered(struct counters *counters, struct timespec captured);
void counters_settle(struct counters *counters);

/*
 * From the capture until now, in nanoseconds, by the system's clock, which may
 * have been set ahead (or back: less than 0) by so much, before or after.
 */
int64_t counters_elapsed(struct timespec captured, struct timespec now,
    int64_t step);

/* One latency; a negative one counts as none. */
void counters_latency(struct counters *counters, int64_t ns);

/* All the requests. */
unsigned long long counters_requests(const struct counters *counters);

/* The upper bound of a bucket in nanoseconds. */
int64_t counters_bound(unsigned bucket);

/*
 * The name of a row of counters->arch: such as "x64-uefi"; "none" and
 * "unknown" for the last two.
 */
const char *counters_arch_name(const struct counters *counters, size_t row);

#endif
