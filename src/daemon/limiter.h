#ifndef LIMITER_H
#define LIMITER_H

#include "config/config.h"
#include "core/frame.h"
#include "core/verdict.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * limiter.h - how many answers a client and all clients together may have.
 *
 * Token buckets, of fixed size: two clients that fall into the same slot take
 * it from one another, each time with a full bucket, and the bucket of all
 * bounds what comes of that.
 */

enum {
	LIMITER_CLIENT_BURST = 5,	/* seconds' worth that may be saved */
	LIMITER_TOTAL_BURST = 2,
	LIMITER_SLOTS = 4096,
};

struct limiter_bucket {
	uint8_t mac[FRAME_MAC];
	bool used;
	int64_t tokens;			/* billionths of an answer */
	int64_t since;			/* nanoseconds of the steady clock */
};

struct limiter {
	struct limiter_bucket all;
	struct limiter_bucket client[LIMITER_SLOTS];
};

/*
 * May this client be answered at this time of the steady clock?  If not, *why
 * is VERDICT_CLIENT_RATE or VERDICT_TOTAL_RATE.
 */
bool limiter_allows(struct limiter *limiter,
    const struct config_rates *rates, const uint8_t mac[FRAME_MAC],
    struct timespec now, enum verdict *why);

#endif
