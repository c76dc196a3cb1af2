#include "daemon/limiter.h"

#include "daemon/bloom.h"

#include <stdlib.h>
#include <string.h>

static const int64_t SECOND = 1000000000;

enum {
	SETS = 512,			/* of clients */
	SLOTS = 8,			/* of a set */

	/* That are remembered: at 40,000 a second, for 6 seconds or more. */
	TURNED_AWAY = 1 << 18,
	HELPED = 1 << 16,
};

/*
 * How much is used up is kept as one number: the time at which all of it will
 * have come in again.  An answer moves that on by its cost, the time in which
 * one comes in; what may be saved up is how far it may be ahead of now.
 */
struct client {
	uint64_t key;
	int64_t used;
};

struct limiter {
	struct siphash_secret secret;
	int64_t client_cost, total_cost;	/* nanoseconds; 0: no limit */
	int64_t links;
	int64_t total;
	struct client client[SETS][SLOTS];
	struct bloom *turned_away, *helped;
};

/* Who asks: three numbers that cannot be foretold. */
struct asker {
	uint64_t vlan;			/* without a relay */
	uint64_t sender;
	uint64_t client;
};

/*
 * What is used up.
 */

static int64_t
used_after(int64_t used, int64_t cost, int64_t now)
{
	return (used > now ? used : now) + cost;
}

/* One answer may always be saved up, however slowly it comes in. */
static bool
has_enough(int64_t used, int64_t cost, int64_t saved, int64_t now)
{
	return used_after(used, cost, now) <=
	    now + (saved > cost ? saved : cost);
}

static void
use_up(int64_t *used, int64_t cost, int64_t now)
{
	*used = used_after(*used, cost, now);
}

/*
 * Who asks.
 */

/* Octets that are hashed together; all of it fits. */
struct identity_octets {
	uint8_t octets[64];
	size_t n;
};

static void
append(struct identity_octets *id, const void *octets, size_t n)
{
	memcpy(id->octets + id->n, octets, n);
	id->n += n;
}

static struct span
span_of(const struct identity_octets *id)
{
	return (struct span){ id->octets, id->n };
}

static bool
has_chaddr(const struct dhcp *dhcp)
{
	static const uint8_t none[DHCP_CHADDR];

	return dhcp->hlen > 0 && memcmp(dhcp->chaddr, none, DHCP_CHADDR) != 0;
}

/* The octets by which a client tells itself from others. */
static struct span
name_of(const struct dhcp *dhcp)
{
	struct span name = { dhcp->chaddr, DHCP_CHADDR };

	if (!has_chaddr(dhcp) &&
	    !dhcp_option(dhcp, DHCP_OPT_CLIENT_ID, &name))
		(void)dhcp_option(dhcp, DHCP_OPT_UUID, &name);
	return name;
}

static struct asker
asker_of(const struct limiter *limiter, const struct limiter_link *link,
    const struct responder_exchange *exchange)
{
	const struct frame *frame = &exchange->frame;
	struct identity_octets id = { .n = 0 };
	struct asker asker;

	append(&id, &link->number, sizeof(link->number));
	for (unsigned i = 0; i < frame->tags; i++) {
		uint16_t vlan = frame_vlan(frame->tag[i]);

		append(&id, &vlan, sizeof(vlan));
	}
	asker.vlan = siphash(&limiter->secret, span_of(&id));
	append(&id, frame->from, FRAME_MAC);
	append(&id, &frame->source, sizeof(frame->source));
	append(&id, &exchange->dhcp.giaddr, sizeof(exchange->dhcp.giaddr));
	asker.sender = siphash(&limiter->secret, span_of(&id));
	asker.client = siphash(&limiter->secret, name_of(&exchange->dhcp));
	id.n = 0;
	append(&id, &asker.sender, sizeof(asker.sender));
	append(&id, &asker.client, sizeof(asker.client));
	asker.client = siphash(&limiter->secret, span_of(&id));
	return asker;
}

/*
 * Clients.
 */

/* Its slot, or that of the one in its set that has used least. */
static struct client *
client_of(struct limiter *limiter, uint64_t key)
{
	struct client *set = limiter->client[key % SETS], *least = set;

	for (unsigned i = 0; i < SLOTS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].used < least->used)
			least = &set[i];
	}
	*least = (struct client){ .key = key };
	return least;
}

/*
 * The total.
 */

static int64_t
link_cost(const struct limiter *limiter)
{
	return limiter->total_cost * limiter->links;
}

static int64_t
share_cost(const struct limiter *limiter)
{
	return link_cost(limiter) * LIMITER_SHARES;
}

/* The one of its two shares that has more. */
static int64_t *
share_of(struct limiter_link *link, const struct responder_exchange *exchange,
    const struct asker *asker)
{
	bool relayed = exchange->dhcp.giaddr.s_addr != 0;
	int64_t *one = relayed ?
	    &link->relay[(asker->sender >> 32) % LIMITER_RELAYS] :
	    &link->vlan[asker->vlan % LIMITER_VLANS];
	int64_t *other = relayed ?
	    &link->relay[asker->sender % LIMITER_RELAYS] :
	    &link->machine[asker->sender % LIMITER_MACHINES];

	return *one <= *other ? one : other;
}

static bool
asks_again(const struct limiter *limiter, uint64_t client)
{
	return bloom_has(limiter->turned_away, client) &&
	    !bloom_has(limiter->helped, client);
}

/*
 * From a share of its own: newcomers above the line, and those who ask again
 * below it too.
 */
static bool
takes_from_share(struct limiter *limiter, int64_t *share,
    const struct asker *asker, int64_t now)
{
	const int64_t cost = share_cost(limiter);
	const int64_t all = LIMITER_SHARE_SECONDS * SECOND;

	if (!has_enough(*share, cost, all / 2, now)) {
		if (!has_enough(*share, cost, all, now) ||
		    !asks_again(limiter, asker->client))
			return false;
		bloom_mark(limiter->helped, asker->client);
	}
	use_up(share, cost, now);
	return true;
}

/* By the share, else by what the link, else by what all have to spare. */
static bool
takes_from_total(struct limiter *limiter, struct limiter_link *link,
    int64_t *share, const struct asker *asker, int64_t now)
{
	const int64_t cost = limiter->total_cost;
	const int64_t of_link = link_cost(limiter);

	if (!has_enough(limiter->total, cost,
	    LIMITER_TOTAL_SECONDS * SECOND, now))
		return false;
	if (takes_from_share(limiter, share, asker, now) ||
	    has_enough(link->part, of_link,
	    LIMITER_LINK_SECONDS * SECOND / 2, now))
		use_up(&link->part, of_link, now);
	else if (!has_enough(limiter->total, cost,
	    LIMITER_TOTAL_SECONDS * SECOND / 2, now))
		return false;
	use_up(&limiter->total, cost, now);
	return true;
}

static bool
total_allows(struct limiter *limiter, struct limiter_link *link,
    const struct responder_exchange *exchange, const struct asker *asker, int64_t now)
{
	if (limiter->total_cost == 0)
		return true;
	bloom_forget(limiter->turned_away, now);
	bloom_forget(limiter->helped, now);
	if (takes_from_total(limiter, link, share_of(link, exchange, asker),
	    asker, now))
		return true;
	bloom_mark(limiter->turned_away, asker->client);
	return false;
}

/*
 * Both.
 */

bool
limiter_allows(struct limiter *limiter, struct limiter_link *link,
    const struct responder_exchange *exchange, struct timespec at, enum verdict *why)
{
	const int64_t cost = limiter->client_cost;
	int64_t now = (int64_t)at.tv_sec * SECOND + at.tv_nsec;
	struct asker asker = asker_of(limiter, link, exchange);
	struct client *client = NULL;

	if (cost > 0) {
		client = client_of(limiter, asker.client);
		if (!has_enough(client->used, cost,
		    LIMITER_CLIENT_SECONDS * SECOND, now)) {
			*why = VERDICT_CLIENT_RATE;
			return false;
		}
	}
	if (!total_allows(limiter, link, exchange, &asker, now)) {
		*why = VERDICT_TOTAL_RATE;
		return false;
	}
	if (client != NULL)
		use_up(&client->used, cost, now);
	return true;
}

/*
 * The beginning and the end.
 */

struct limiter *
limiter_open(const struct siphash_secret *secret)
{
	struct limiter *limiter = calloc(1, sizeof(*limiter));

	if (limiter == NULL)
		return NULL;
	limiter->secret = *secret;
	limiter->links = 1;
	limiter->turned_away = bloom_open(TURNED_AWAY);
	limiter->helped = bloom_open(HELPED);
	if (limiter->turned_away == NULL || limiter->helped == NULL) {
		limiter_close(limiter);
		return NULL;
	}
	return limiter;
}

void
limiter_close(struct limiter *limiter)
{
	if (limiter == NULL)
		return;
	bloom_close(limiter->turned_away);
	bloom_close(limiter->helped);
	free(limiter);
}

/* The time in which one answer comes in; at least a nanosecond. */
static int64_t
cost_of(unsigned rate)
{
	if (rate == 0)
		return 0;
	return rate < SECOND ? SECOND / rate : 1;
}

void
limiter_use(struct limiter *limiter, const struct config_rates *rates,
    unsigned links)
{
	limiter->client_cost = cost_of(rates->client);
	limiter->total_cost = cost_of(rates->total);
	limiter->links = links > 0 ? links : 1;
}
