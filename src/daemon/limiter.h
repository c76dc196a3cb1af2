#ifndef LIMITER_H
#define LIMITER_H

#include "config/config.h"
#include "core/responder.h"
#include "core/verdict.h"
#include "daemon/siphash.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * limiter.h - how many answers a client and all clients together may have.
 *
 * Asked only about requests that would be answered: what the allow-lists or
 * the rules turn away uses up nothing.
 *
 * Who is limited.  A client is who really sends: the link and its VLAN, the
 * relay (giaddr), the Ethernet source, the IPv4 source, and the hardware
 * address; where that is empty, as with InfiniBand (RFC 4390), the client
 * identifier (option 61), or else the UUID (option 97).  So a host behind a
 * router, which cannot choose the link and the Ethernet source, cannot use up
 * what a machine may have whose hardware address it knows.
 *
 * client-rate.  Clients are kept in a table of sets, in a slot of the set that
 * a keyed hash gives.  Where all slots of a set are taken, the client that
 * has used least gives up its slot, and begins anew with all that a client may
 * save up.  So however many clients there are, none is denied an answer for
 * what another one has had.
 *
 * total-rate.  It is shared out at three levels: all of it; of each link an
 * equal part; of each link's part equal shares, of which each VLAN has one,
 * each machine that sends without a relay one, and each relay two, as a keyed
 * hash says.  Each of these saves up for some seconds, and has a line in the
 * middle of what it can save up.  Above the line everybody may take from it;
 * below it only those for whom it is kept:
 *
 *	all of it	links that have not used up their own part
 *	a link's part	shares that are not used up
 *	a share		clients that were turned away before and ask again
 *
 * What is kept is never more than what flows in, so who stays within a part
 * of his own is never turned away for what others do; and what nobody uses,
 * everybody may have, so a single link has the whole total-rate.
 *
 * A flood through one relay (its address, and who really sends as it) uses up
 * two of 32 shares; the odds that these are another relay's are 1 in 500.  A
 * machine without a relay takes from the share of its VLAN or from its own,
 * and so does a flood: in another VLAN it leaves the first one alone, and by
 * one sender the second one.
 *
 * Against a flood of addresses that are all made up, on the same link, the
 * lowest line helps: such an address never comes again, while a machine that
 * boots asks again after some seconds, and then has the lower half of the
 * shares for itself.  Each client is helped so once in a while, so that
 * addresses that come again and again do not use that up either.  Who was
 * turned away is remembered in a filter of bits (bloom.h): at 40,000 that are
 * turned away a second, for 6 seconds or more, and with fewer for 16.
 *
 * What it does not do: a sender on a client's own link can forge everything,
 * and use up what that client may have, or with enough addresses, each sent
 * again, what is kept for those who ask again.  He could as well answer in
 * our place.
 *
 * All memory is taken by limiter_open().  Not pure, as it remembers; but
 * without a clock and without input or output.
 */

enum {
	LIMITER_CLIENT_SECONDS = 5,	/* that may be saved up: by a client, */
	LIMITER_TOTAL_SECONDS = 4,	/* of total-rate, */
	LIMITER_LINK_SECONDS = 2,	/* of a link's part, */
	LIMITER_SHARE_SECONDS = 1,	/* of a share */

	LIMITER_VLANS = 16,		/* shares of a link's part */
	LIMITER_MACHINES = 64,
	LIMITER_RELAYS = 32,
	LIMITER_SHARES = LIMITER_VLANS + LIMITER_MACHINES + LIMITER_RELAYS,
};

struct limiter;

/* Of a link, and its owner's: all but the number is 0 at the start. */
struct limiter_link {
	unsigned number;			/* no other link has it */
	/* Until when it is used up, in nanoseconds of the steady clock. */
	int64_t part;
	int64_t vlan[LIMITER_VLANS];
	int64_t machine[LIMITER_MACHINES];
	int64_t relay[LIMITER_RELAYS];
};

/* NULL when out of memory.  The secret must not be known to any sender. */
struct limiter *limiter_open(const struct siphash_secret *secret);
void limiter_close(struct limiter *limiter);

/* From now on these rates, and so many links that share them (at least 1). */
void limiter_use(struct limiter *limiter, const struct config_rates *rates,
    unsigned links);

/*
 * May this request, which came by this link and would be answered, have its
 * answer at this time of the steady clock?  If not, *why is
 * VERDICT_CLIENT_RATE or VERDICT_TOTAL_RATE.
 */
bool limiter_allows(struct limiter *limiter, struct limiter_link *link,
    const struct responder_exchange *exchange, struct timespec now, enum verdict *why);

#endif
