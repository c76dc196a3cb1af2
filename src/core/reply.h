#ifndef REPLY_H
#define REPLY_H

#include "core/frame.h"
#include "core/policy.h"
#include "core/pxe.h"
#include "core/span.h"
#include "core/verdict.h"

/*
 * reply.h - the OFFER or ACK for a decision, and where it must go.
 *
 * RFC 2131 section 4.1 and table 3, PXE 2.1 section 2.2, RFC 4578, RFC 3046
 * section 2.2.  Pure: no I/O, no allocation, no state.
 */

/* Who we are on the link that a frame came from. */
struct reply_identity {
	const char *interface;		/* its name; NULL: not known */
	uint8_t mac[FRAME_MAC];
	struct in_addr address;		/* we answer broadcasts as this */
	const struct in_addr *also;	/* further addresses of this host */
	size_t n_also;
};

/* The way back for the answers to a request. */
struct reply_route {
	struct in_addr ours;		/* the address that we answer as */
	uint8_t to[FRAME_MAC];
	struct in_addr destination;
	uint16_t source_port;		/* host order */
	uint16_t destination_port;	/* host order */
	bool broadcast;			/* set the broadcast flag */
};

enum {
	REPLY_SIZE_MAX = 1472,		/* of the IP packet: EDK2's limit */
	REPLY_HEADERS = 28,		/* IPv4 and UDP header before it */
	REPLY_OCTETS = REPLY_SIZE_MAX - REPLY_HEADERS,
};

/* One answer, not yet in its envelope. */
struct reply {
	struct frame_tag tag[FRAME_TAGS];
	unsigned tags;
	uint8_t to[FRAME_MAC];
	uint8_t from[FRAME_MAC];
	struct in_addr source, destination;
	uint16_t source_port, destination_port;	/* host order */
	uint16_t ip_id;			/* the IPv4 identification, host order;
					 * from the request, so that a replay
					 * gives the same */
	size_t n;			/* octets of the DHCP message */
	uint8_t octets[REPLY_OCTETS];
};

/*
 * Find the way back for a request.
 *
 * true, and *out is filled.  Otherwise false and *why is VERDICT_NOT_FOR_US,
 * _BAD_GIADDR, _BAD_SOURCE, _SOURCE_PORT or _SOURCE_NOT_CIADDR.
 *
 * A DISCOVER is answered by broadcast on its link, or, if a relay passed it on,
 * by unicast to the relay's port 67, or to its own port where RFC 8357 says so.
 * A request on port 4011 is answered to where it came from.  No address is
 * resolved: the way back is through the Ethernet source that brought the
 * request.
 */
bool reply_route(const struct pxe_request *request,
    const struct reply_identity *identity, struct reply_route *out,
    enum verdict *why);

/*
 * Write the answers: one OFFER or ACK, or two OFFERs for the form paired.
 *
 * Answers how many of out[] were written: 1 or 2; or 0, and then an answer
 * would not fit into what the client accepts (option 57).
 */
unsigned reply_write(const struct pxe_request *request,
    const struct reply_identity *identity, const struct reply_route *route,
    const struct policy_decision *decision, struct reply out[2]);

#endif
