#ifndef DIAGNOSIS_EVENT_H
#define DIAGNOSIS_EVENT_H

#include "core/dhcp.h"
#include "core/pxe.h"
#include "core/span.h"
#include "diagnosis/packet.h"

/*
 * event.h - what of a boot does this frame show?
 *
 * One frame is one event, or none.  Spans point into the frame, and live as
 * long as its octets.  Pure: no I/O, no allocation, no state.
 */

enum event_kind {
	EVENT_NONE,
	EVENT_REQUEST,		/* DHCP to a server: is.request */
	EVENT_REPLY,		/* DHCP of a server: is.reply */
	EVENT_ARP,
	EVENT_UNREACHABLE,	/* ICMP, of a packet of a boot */
	EVENT_TFTP,
	EVENT_TCP,		/* a connection's begin or end, or HTTP */
	EVENT_DNS,
	EVENT_DHCPV6,
};

/*
 * A DHCP message of a client or relay.  read.frame, read.dhcp and read.client
 * are filled in any case, the rest where is_pxe holds or the client speaks of
 * its architecture.
 */
struct event_request {
	struct pxe_request read;
	bool is_boot;		/* of boot firmware: option 60 or 93 says so */
	bool is_uboot;		/* option 60 begins with U-Boot */
	struct in_addr server;	/* option 54, or 0.0.0.0 */
	struct in_addr wanted;	/* option 50, or 0.0.0.0 */
};

/* What a DHCP server says. */
struct event_reply {
	struct in_addr server;	/* option 54, else the packet's source */
	struct in_addr address;	/* yiaddr; 0.0.0.0: it gives none */
	struct in_addr next;	/* siaddr */
	struct in_addr mask;	/* option 1, or 0.0.0.0 */
	struct in_addr router;	/* the first of option 3, or 0.0.0.0 */
	struct in_addr dns;	/* the first of option 6, or 0.0.0.0 */
	struct span file;	/* option 67, else the header's, without NUL */
	bool has_header_file;	/* the header's own field has a name */
	bool has_option_67;
	bool option_67_spoils;	/* see event.c */
	bool says_pxe;		/* option 60 begins with PXEClient */
	bool says_http;		/* option 60 begins with HTTPClient */
	bool has_pxe_options;	/* option 43 has a sub-option of 6 to 10 */
	bool skips_discovery;	/* sub-option 6 has bit 3 */
	bool has_menu;		/* option 43 has sub-option 9 */
	bool has_priority;	/* option 175 has sub-option 1, above 0 */
};

struct event_arp {
	bool is_reply;
	uint8_t sender[FRAME_MAC];
	struct in_addr sender_address, target_address;
};

/* An ICMP destination unreachable (RFC 792) and what it quotes. */
struct event_unreachable {
	uint8_t code;		/* 3: the port */
	struct in_addr teller;	/* who sends it */
	struct frame quoted;	/* addresses and ports of the packet that it
				 * is about */
	uint8_t protocol;	/* of that packet: UDP or TCP */
};

/* RFC 1350 section 5, RFC 2347. */
enum event_tftp_code {
	TFTP_RRQ = 1,
	TFTP_DATA = 3,
	TFTP_ACK = 4,
	TFTP_ERROR = 5,
	TFTP_OACK = 6,
};

struct event_tftp {
	enum event_tftp_code code;
	uint16_t number;	/* of the block; the code of an ERROR */
	struct span name;	/* RRQ: the file; ERROR: the text */
	uint16_t block_size;	/* RRQ and OACK: option blksize; 0: none */
	bool asks_size;		/* RRQ and OACK: option tsize */
	uint32_t size;		/* its value */
	struct span data;	/* DATA */
};

enum event_tcp_step {
	TCP_SYN,
	TCP_SYN_ACK,
	TCP_RST,
	TCP_FIN,
	HTTP_REQUEST,
	HTTP_STATUS,
	TCP_DATA,
};

struct event_tcp {
	enum event_tcp_step step;
	struct span path;	/* HTTP_REQUEST: its target */
	bool is_head;		/* HTTP_REQUEST: for the size only */
	uint16_t status;	/* HTTP_STATUS: 100 to 999 */
	bool has_length;	/* HTTP_STATUS: of the body */
	uint32_t length;
};

enum { DNS_NAME_MAX = 64 };

struct event_dns {
	bool is_answer;
	uint8_t code;		/* RCODE: 0 where all is well */
	uint16_t answers;
	size_t n_name;		/* of the name that is asked for */
	char name[DNS_NAME_MAX];	/* cut to this, no NUL */
};

enum event_dhcpv6_type {
	DHCPV6_SOLICIT = 1,
	DHCPV6_ADVERTISE = 2,
	DHCPV6_REQUEST = 3,
	DHCPV6_REPLY = 7,
};

struct event_dhcpv6 {
	enum event_dhcpv6_type type;
	bool is_pxe, is_http;	/* option 16 */
	bool has_user_class;	/* option 15: iPXE, not the firmware */
	bool has_boot_file;	/* option 59 with a value */
};

struct event {
	enum event_kind kind;
	struct packet packet;
	struct dhcp dhcp;		/* of REQUEST and REPLY */
	union {
		struct event_request request;
		struct event_reply reply;
		struct event_arp arp;
		struct event_unreachable unreachable;
		struct event_tftp tftp;
		struct event_tcp tcp;
		struct event_dns dns;
		struct event_dhcpv6 dhcpv6;
	} is;
};

/*
 * Read one Ethernet frame.  Answers out->kind; with EVENT_NONE nothing else
 * of *out means anything.  The parts of *out point at one another: it is
 * passed by address and never copied, and need not be initialised.
 */
enum event_kind event_read(struct span octets, struct event *out);

/*
 * The readers of one protocol each, for event_read() and for tests: of the
 * packet's payload, false where it is none.
 */
bool event_read_arp(struct span payload, struct event_arp *out);
bool event_read_unreachable(struct span payload,
    struct event_unreachable *out);
bool event_read_tftp(struct span payload, struct event_tftp *out);
bool event_read_tcp(const struct packet *packet, struct event_tcp *out);
bool event_read_dns(struct span payload, struct event_dns *out);
bool event_read_dhcpv6(struct span payload, struct event_dhcpv6 *out);

#endif
