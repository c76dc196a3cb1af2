#ifndef DHCP_H
#define DHCP_H

#include "core/option.h"
#include "core/span.h"
#include "core/verdict.h"

/*
 * dhcp.h - what does this BOOTP/DHCP message say, and how is one written?
 *
 * RFC 2131 section 2 (the header), RFC 2132 (options), RFC 3396 (long
 * options).  Pure: no I/O, no allocation, no state.
 */

enum {
	DHCP_PORT_SERVER = 67,
	DHCP_PORT_CLIENT = 68,
	DHCP_PORT_PXE = 4011,		/* PXE 2.1 section 2.2.3 */

	DHCP_CHADDR = 16,		/* octets of the fields of that name */
	DHCP_SNAME = 64,
	DHCP_FILE = 128,

	DHCP_LENGTH_MIN = 300,		/* of a message we send (RFC 1542
					 * section 2.1) */
	DHCP_FLAG_BROADCAST = 0x8000,	/* RFC 2131 section 2 */
};

enum dhcp_op {
	DHCP_BOOTREQUEST = 1,
	DHCP_BOOTREPLY = 2,
};

/* Option 53 (RFC 2132 section 9.6). */
enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_DECLINE = 4,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
	DHCP_RELEASE = 7,
	DHCP_INFORM = 8,	/* the registry goes on (RFC 3203, RFC 4388) */
};

/* The options that this program knows by name (IANA registry). */
enum dhcp_code {
	DHCP_OPT_HOST_NAME = 12,
	DHCP_OPT_VENDOR_SPECIFIC = 43,
	DHCP_OPT_REQUESTED = 50,	/* the address that is requested */
	DHCP_OPT_OVERLOAD = 52,
	DHCP_OPT_MESSAGE_TYPE = 53,
	DHCP_OPT_SERVER_ID = 54,
	DHCP_OPT_PARAMETERS = 55,	/* the options that a client wants */
	DHCP_OPT_MAX_SIZE = 57,
	DHCP_OPT_VENDOR_CLASS = 60,
	DHCP_OPT_CLIENT_ID = 61,	/* RFC 2132 section 9.14 */
	DHCP_OPT_BOOTFILE = 67,
	DHCP_OPT_USER_CLASS = 77,	/* RFC 3004 */
	DHCP_OPT_RELAY = 82,		/* RFC 3046 */
	DHCP_OPT_ARCH = 93,		/* RFC 4578 section 2.1 */
	DHCP_OPT_UNDI = 94,		/* RFC 4578 */
	DHCP_OPT_UUID = 97,		/* RFC 4578 section 2.3 */
	DHCP_OPT_IPXE = 175,		/* iPXE's own options */
};

enum {
	DHCP_CODES = 256,
	DHCP_JOINED_MAX = 2048,		/* octets of joined long options */
};

/*
 * A message that was read.
 *
 * Spans point into the message, or into joined if an option came in several
 * parts.  Therefore a struct dhcp is passed by address and never copied.
 */
struct dhcp {
	uint8_t op;
	uint8_t htype;
	uint8_t hlen;			/* 0..16 */
	uint8_t hops;
	uint32_t xid;
	uint16_t secs;
	uint16_t flags;
	struct in_addr ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[DHCP_CHADDR];
	enum dhcp_type type;

	/* For dhcp_option() only: each option by its code. */
	struct span option[DHCP_CODES];
	bool has[DHCP_CODES];
	uint8_t joined[DHCP_JOINED_MAX];
	size_t n_joined;
};

/*
 * Read the UDP payload of a DHCP message, request or reply.
 *
 * true, and *out is filled, if header, cookie, options and message type are
 * valid.  If option 52 says that file and sname hold options, those are read
 * too, in the order of RFC 3396 section 5: options, file, sname.
 * Parts of one option are joined.
 *
 * Otherwise false and *why is one of VERDICT_DHCP_SHORT (below 240 octets
 * and so without room for cookie and options), _BAD_OP, _BAD_HLEN,
 * _NO_COOKIE, _OPTION_TRUNCATED, _OPTIONS_LONG or _NO_TYPE.  After _NO_COOKIE,
 * _NO_TYPE and _OPTION_* the header fields of *out are filled,
    but no option can be
 * asked for.
 */
bool dhcp_read(struct span payload, struct dhcp *out, enum verdict *why);

/* The value of an option, in *out; false where the message lacks it. */
static inline bool
dhcp_option(const struct dhcp *dhcp, uint8_t code, struct span *out)
{
	if (!dhcp->has[code])
		return false;
	*out = dhcp->option[code];
	return true;
}

/* Such as "DISCOVER" (option 53); "OTHER" for what the registry lacks. */
const char *dhcp_type_name(enum dhcp_type type);

/* A message's fixed fields, to be written. */
struct dhcp_header {
	uint8_t op;
	uint8_t htype;
	uint8_t hlen;
	uint32_t xid;
	uint16_t secs;
	uint16_t flags;
	struct in_addr ciaddr, siaddr, giaddr;
	const uint8_t *chaddr;		/* DHCP_CHADDR octets */
	struct span sname;		/* cut to 63 octets */
	struct span file;		/* cut to 127 octets */
};

/*
 * Write the header and the magic cookie: hops and yiaddr are 0, sname and file
 * end with NUL.  Options follow with option_append().
 */
void dhcp_write_header(struct span_writer *w, const struct dhcp_header *header);

/* Write the end option, then zeros until the message has that length. */
void dhcp_write_end(struct span_writer *w, size_t shortest);

#endif
