#include "report/loglimit.h"

#include <string.h>

static uint64_t
hash_of(const struct loglimit_about *about)
{
	uint8_t octets[FRAME_MAC + 1];

	memcpy(octets, about->mac, FRAME_MAC);
	octets[FRAME_MAC] = (uint8_t)about->verdict;
	return span_hash((struct span){ octets, sizeof(octets) });
}

static bool
is_same(const struct loglimit_about *a, const struct loglimit_about *b)
{
	return a->verdict == b->verdict &&
	    memcmp(a->mac, b->mac, FRAME_MAC) == 0;
}

static bool
is_over(int64_t since, int64_t now)
{
	return now - since >= LOGLIMIT_SECONDS;
}

static void
begin_period(struct loglimit *limit, int64_t now)
{
	limit->since = now;
	limit->lines = 0;
	memset(limit->first, 0, sizeof(limit->first));
	memset(limit->second, 0, sizeof(limit->second));
}

/* In the slot of the client, or where another one has that, with the rest. */
static void
leave_out(struct loglimit *limit, const struct loglimit_about *about,
    uint64_t hash)
{
	struct loglimit_slot *slot = &limit->slot[hash % LOGLIMIT_SLOTS];

	if (slot->left_out == 0)
		*slot = (struct loglimit_slot){ .about = *about,
		    .since = limit->since };
	if (is_same(&slot->about, about))
		slot->left_out++;
	else
		limit->left_out++;
}

bool
loglimit_allows(struct loglimit *limit, const struct loglimit_about *about,
    int64_t now)
{
	uint64_t hash = hash_of(about);
	uint8_t *first = &limit->first[hash % LOGLIMIT_CELLS];
	uint8_t *second = &limit->second[(hash >> 32) % LOGLIMIT_CELLS];

	if (is_over(limit->since, now))
		begin_period(limit, now);
	if (*first >= LOGLIMIT_LINES && *second >= LOGLIMIT_LINES) {
		leave_out(limit, about, hash);
		return false;
	}
	if (limit->lines >= LOGLIMIT_ALL) {
		limit->left_out++;
		return false;
	}
	limit->lines++;
	if (*first < LOGLIMIT_LINES)
		++*first;
	if (*second < LOGLIMIT_LINES)
		++*second;
	return true;
}

/* What was left out of all is told last: it grows by what finds no room. */
bool
loglimit_over(struct loglimit *limit, int64_t now, struct loglimit_left *left)
{
	if (is_over(limit->since, now))
		begin_period(limit, now);
	for (size_t i = 0; i < LOGLIMIT_SLOTS; i++) {
		struct loglimit_slot *slot = &limit->slot[i];

		if (slot->left_out == 0 || !is_over(slot->since, now))
			continue;
		*left = (struct loglimit_left){ false, slot->about,
		    slot->left_out };
		slot->left_out = 0;
		if (limit->lines < LOGLIMIT_ALL) {
			limit->lines++;
			return true;
		}
		limit->left_out += left->lines;
	}
	if (limit->left_out == 0 || limit->lines >= LOGLIMIT_ALL)
		return false;
	*left = (struct loglimit_left){ .of_all = true,
	    .lines = limit->left_out };
	limit->left_out = 0;
	limit->lines++;
	return true;
}
