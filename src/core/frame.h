#ifndef FRAME_H
#define FRAME_H

#include "core/span.h"
#include "core/verdict.h"

/*
 * frame.h - which UDP datagram does this Ethernet frame carry?
 *
 * Ethernet II, up to two VLAN tags (IEEE 802.1Q and 802.1ad), IPv4 with
 * options (RFC 791), UDP (RFC 768).  Pure: no I/O, no allocation, no state.
 */

enum {
	FRAME_MAC = 6,			/* octets of an Ethernet address */
	FRAME_TAGS = 2,			/* VLAN tags that are read */
	FRAME_HEADER = 14,		/* Ethernet header without a tag */
};

/* EtherTypes (IEEE registry). */
enum {
	ETHERTYPE_IS_IPV4 = 0x0800,
	ETHERTYPE_IS_8021Q = 0x8100,	/* customer tag */
	ETHERTYPE_IS_8021AD = 0x88a8,	/* service tag */
};

/* One VLAN tag as it stood in the frame. */
struct frame_tag {
	uint16_t tpid;		/* 0x8100 or 0x88a8 */
	uint16_t tci;		/* priority, DEI and VLAN identifier */
};

struct frame {
	uint8_t to[FRAME_MAC];
	uint8_t from[FRAME_MAC];
	/*
	 * The tags that a reply must bear, outermost first.  A tag with VLAN
	 * identifier 0 marks priority alone (IEEE 802.1Q section 9.6): it is
	 * read over and not kept, so the frame counts as untagged.
	 */
	struct frame_tag tag[FRAME_TAGS];
	unsigned tags;
	struct in_addr source;
	struct in_addr destination;
	uint16_t source_port;		/* host order */
	uint16_t destination_port;	/* host order */
	struct span payload;		/* borrowed from the frame */
};

/* The VLAN identifier of a tag: 1..4095. */
uint16_t frame_vlan(struct frame_tag tag);

/*
 * The address as one number, to compare it whole.  Put together of two loads:
 * what is stored in pieces and loaded whole has the processor wait.
 */
static inline uint64_t
frame_mac_word(const uint8_t mac[FRAME_MAC])
{
	uint32_t four;
	uint16_t two;

	memcpy(&four, mac, sizeof(four));
	memcpy(&two, mac + sizeof(four), sizeof(two));
	return (uint64_t)two << 32 | four;
}

/* Is this Ethernet address a group's (broadcast or multicast)? */
bool frame_is_group(const uint8_t mac[FRAME_MAC]);

/*
 * Read one Ethernet frame down to its UDP payload.
 *
 * true, and *out is filled, where the frame holds a whole UDP datagram to
 * any port; octets behind the IPv4 packet (Ethernet padding) are not looked
 * at.  Otherwise false, *why says what is missing, and what *out holds means
 * nothing.
 *
 * The UDP checksum is not verified: a frame sniffed on the host that sent it
 * (a virtual machine on our bridge) may carry a partial one, and libpcap does
 * not pass on the mark that says so.  Nor is the IPv4 header checksum, for
 * the same reason.
 */
bool frame_read(struct span octets, struct frame *out, enum verdict *why);

#endif
