#include "report/loglimit.h"

#include <string.h>

static struct loglimit_slot *
slot_of(struct loglimit *limit, const struct loglimit_about *about)
{
	uint32_t hash = (uint32_t)about->verdict;

	for (size_t i = 0; i < FRAME_MAC; i++)
		hash = (hash ^ about->mac[i]) * 16777619u;
	return &limit->slot[(hash ^ hash >> 15) % LOGLIMIT_SLOTS];
}

static bool
same(const struct loglimit_about *a, const struct loglimit_about *b)
{
	return a->verdict == b->verdict &&
	    memcmp(a->mac, b->mac, FRAME_MAC) == 0;
}

static bool
is_over(const struct loglimit_slot *slot, int64_t now)
{
	return now - slot->since >= LOGLIMIT_SECONDS;
}

/* What was left out is told once. */
static struct loglimit_left
take_left(struct loglimit_slot *slot, bool of_all)
{
	struct loglimit_left left = { of_all, slot->about, slot->left_out };

	slot->left_out = 0;
	return left;
}

static bool
takes(struct loglimit_slot *slot, unsigned long most)
{
	if (slot->lines < most) {
		slot->lines++;
		return true;
	}
	slot->left_out++;
	return false;
}

bool
loglimit_allows(struct loglimit *limit, const struct loglimit_about *about,
    int64_t now, struct loglimit_left *left)
{
	struct loglimit_slot *slot = slot_of(limit, about);

	*left = (struct loglimit_left){ 0 };
	if (is_over(&limit->all, now)) {
		*left = take_left(&limit->all, true);
		limit->all = (struct loglimit_slot){ .since = now };
	}
	if (slot->lines == 0 || is_over(slot, now) ||
	    !same(&slot->about, about)) {
		/* Two counts at once: the other one is told later. */
		if (left->lines == 0)
			*left = take_left(slot, false);
		else
			limit->all.left_out += slot->left_out;
		*slot = (struct loglimit_slot){ .about = *about,
		    .since = now };
	}
	return takes(slot, LOGLIMIT_LINES) && takes(&limit->all, LOGLIMIT_ALL);
}

bool
loglimit_over(struct loglimit *limit, int64_t now, struct loglimit_left *left)
{
	for (size_t i = 0; i < LOGLIMIT_SLOTS; i++) {
		struct loglimit_slot *slot = &limit->slot[i];

		if (slot->left_out == 0 || !is_over(slot, now))
			continue;
		*left = take_left(slot, false);
		return true;
	}
	if (limit->all.left_out == 0 || !is_over(&limit->all, now))
		return false;
	*left = take_left(&limit->all, true);
	return true;
}
