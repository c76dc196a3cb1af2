#ifndef LINKS_H
#define LINKS_H

#include "core/frame.h"
#include "core/span.h"
#include "net/link_kind.h"

#include <net/if.h>

/*
 * links.h - the links and the IPv4 addresses of this host, by index.
 *
 * The table takes rtnetlink messages as octets (rtnetlink(7)) and asks for a
 * dump of all of them only at the start and after messages were lost.  It does
 * no I/O of its own: whoever has the socket sends what links_request() writes,
 * and hands over what comes in.
 */

struct links;

struct link_address {
	struct in_addr address;
	struct in_addr peer;		/* the other end's, or the same */
	uint8_t prefix;			/* bits of the peer's network */
	uint8_t scope;			/* RT_SCOPE_ */
	uint32_t flags;			/* IFA_F_ */
	char label[IF_NAMESIZE];	/* "eth0:1"; "": it has none */
	unsigned round;			/* links.c: of the dump that had it */
};

struct link {
	unsigned index;
	char name[IF_NAMESIZE];
	struct span altnames;		/* each ends with a NUL */
	unsigned type;			/* ARPHRD_ */
	bool up;			/* by the administrator (IFF_UP) */
	bool loopback;
	enum link_kind kind;
	bool has_mac;			/* its address has six octets */
	uint8_t mac[FRAME_MAC];
	unsigned master;		/* the link that it is a port of, or 0 */
	unsigned parent;		/* the link that it is made on, or 0 */
	struct link_address *address;	/* as the kernel has them in order */
	unsigned addresses;
	unsigned user;			/* see links_mark() */
	unsigned round;			/* links.c: of the dump that had it */
};

/* What about a link is other than before: some of these. */
enum links_news {
	LINKS_APPEARED = 1,
	LINKS_GONE = 2,			/* it is told of for the last time */
	LINKS_NAMES = 4,		/* its name, or an altname */
	LINKS_STATE = 8,		/* what else is in struct link */
	LINKS_ADDRESSES = 16,
};

/* Who is told of them, while links_take() runs. */
struct links_user {
	void (*changed)(void *context, const struct link *link,
	    unsigned news);
	/* A message that was skipped, and why; may be NULL. */
	void (*skipped)(void *context, const char *why);
	void *context;
};

/* NULL when out of memory.  An empty table, which wants a dump. */
struct links *links_open(void);
void links_close(struct links *links);

/*
 * Take one datagram of the kernel's.  What is damaged is skipped, and said so;
 * what is of no use to us is skipped in silence.
 */
void links_take(struct links *links, struct span datagram,
    const struct links_user *user);

/* Messages were lost: all there is is to be asked for again. */
void links_lost(struct links *links);

enum { LINKS_REQUEST = 64 };		/* octets that a request fits into */

/* Is a request to be sent, now that no other is under way? */
bool links_wants(const struct links *links);

/*
 * Write the next request, and expect its answer.  To be called where
 * links_wants().
 */
void links_request(struct links *links, struct span_writer *w);

/* Is it addresses that are to be asked for next, after a dump of the links? */
bool links_is_half(const struct links *links);

/* It could not be sent, and is wanted again. */
void links_cannot_ask(struct links *links);

/* Has all that there is been heard, so that the table is whole? */
bool links_whole(const struct links *links);

/* NULL where there is no such link.  A name may be an altname. */
const struct link *links_by_index(const struct links *links, unsigned index);
const struct link *links_by_name(const struct links *links, const char *name);

/* Is it one of the link's names? */
bool link_is_called(const struct link *link, const char *name);

/* Let the link have this as its user, which is 0 at first. */
void links_mark(struct links *links, unsigned index, unsigned user);

/* How many there are, and each of them by its place, in order of index. */
unsigned links_count(const struct links *links);
const struct link *links_at(const struct links *links, unsigned place);

/*
 * All IPv4 addresses of this host but those of loopback links: until the next
 * links_take().  NULL, and *n is 0, when there are none or no memory is left.
 */
const struct in_addr *links_addresses(struct links *links, size_t *n);

/*
 * Does a frame that comes in on one link come in on another one as well?  So
 * it is from a port to its bridge, bond or team, and from the parent of a
 * VLAN, macvlan or ipvlan to it (for a VLAN: of frames with its tag; for the
 * others: of frames to all or to its address).
 */
bool links_pass_on(const struct links *links, const struct link *from,
    const struct link *to);

#endif
