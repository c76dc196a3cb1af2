#include "daemon/limiter.h"

#include <string.h>

static const int64_t ONE = 1000000000;	/* an answer, and a second */

static struct limiter_bucket *
bucket_of(struct limiter *limiter, const uint8_t mac[FRAME_MAC])
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < FRAME_MAC; i++)
		hash = (hash ^ mac[i]) * 16777619u;
	return &limiter->client[(hash ^ hash >> 15) % LIMITER_SLOTS];
}

/* Fill it with what came in since, up to so many seconds' worth. */
static void
fill(struct limiter_bucket *bucket, unsigned rate, int64_t seconds,
    int64_t now)
{
	int64_t most = seconds * rate * ONE, elapsed = now - bucket->since;

	if (!bucket->used || elapsed >= seconds * ONE)
		bucket->tokens = most;
	else if (elapsed > 0)
		bucket->tokens += elapsed * rate;
	if (bucket->tokens > most)
		bucket->tokens = most;
	bucket->used = true;
	bucket->since = now;
}

bool
limiter_allows(struct limiter *limiter, const struct config_rates *rates,
    const uint8_t mac[FRAME_MAC], struct timespec now, enum verdict *why)
{
	struct limiter_bucket *client = bucket_of(limiter, mac);
	int64_t ns = (int64_t)now.tv_sec * ONE + now.tv_nsec;

	if (memcmp(client->mac, mac, FRAME_MAC) != 0) {
		memcpy(client->mac, mac, FRAME_MAC);
		client->used = false;
	}
	fill(client, rates->client, LIMITER_CLIENT_BURST, ns);
	fill(&limiter->all, rates->total, LIMITER_TOTAL_BURST, ns);
	if (rates->client > 0 && client->tokens < ONE) {
		*why = VERDICT_CLIENT_RATE;
		return false;
	}
	if (rates->total > 0 && limiter->all.tokens < ONE) {
		*why = VERDICT_TOTAL_RATE;
		return false;
	}
	client->tokens -= ONE;
	limiter->all.tokens -= ONE;
	return true;
}
