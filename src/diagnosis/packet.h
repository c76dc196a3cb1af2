#ifndef DIAGNOSIS_PACKET_H
#define DIAGNOSIS_PACKET_H

#include "core/frame.h"
#include "core/span.h"

/*
 * packet.h - which packet does this Ethernet frame carry, of whatever kind?
 *
 * The core reads whole UDP datagrams and nothing else.  Here ARP, ICMP, TCP
 * and IPv6 are read too, and a packet that the capture has cut short (tcpdump
 * -s) is read as far as it goes.  Pure: no I/O, no allocation, no state.
 */

/* What is carried. */
enum packet_kind {
	PACKET_ARP,
	PACKET_ICMP,
	PACKET_TCP,
	PACKET_UDP,
	PACKET_UDP6,		/* over IPv6 */
};

/* IANA protocol numbers. */
enum {
	PACKET_IS_ICMP = 1,
	PACKET_IS_TCP = 6,
	PACKET_IS_UDP = 17,
};

struct packet {
	enum packet_kind kind;
	/*
	 * Ethernet addresses and tags; of IPv4 the addresses; of TCP and UDP
	 * the ports.  The payload is what follows the header of that kind, or
	 * for ARP and ICMP all of it.
	 */
	struct frame frame;
	bool is_cut;		/* the capture lacks octets of its end */
	uint16_t udp_length;	/* as its header claims, itself included */
	uint8_t tcp_flags;	/* RFC 9293 section 3.1 */
};

/*
 * Read one Ethernet frame.  false where it holds none of these, or where its
 * headers do not hold together; then *out means nothing.  Of fragments only
 * the first one is read.
 */
bool packet_read(struct span octets, struct packet *out);

/*
 * Read the head of an IPv4 packet with UDP or TCP in it, as an ICMP error
 * quotes it: addresses and ports into *frame, the protocol into *protocol.
 */
bool packet_read_quoted(struct span octets, struct frame *frame,
    uint8_t *protocol);

#endif
