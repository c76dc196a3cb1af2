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
	ETHERTYPE_IS_9100 = 0x9100,	/* service tag of before 802.1ad */
};

/* One VLAN tag as it stood in the frame. */
struct frame_tag {
	uint16_t tpid;		/* 0x8100, 0x88a8 or 0x9100 */
	uint16_t tci;		/* priority, DEI and VLAN identifier */
};

struct frame {
	uint8_t to[FRAME_MAC];
	uint8_t from[FRAME_MAC];
	/*
	 * The tags that a reply must have, outermost first.  A tag with VLAN
	 * identifier 0 has a priority and no VLAN (IEEE 802.1Q section 9.6):
	 * it is not kept, so the frame counts as untagged.
	 */
	struct frame_tag tag[FRAME_TAGS];
	unsigned tags;
	struct in_addr source;
	struct in_addr destination;
	uint16_t source_port;		/* host order */
	uint16_t destination_port;	/* host order */
	struct span payload;		/* borrowed from the frame */
};

/*
 * The UDP port that a packet goes to which frame_read() refused, since it is a
 * fragment or was cut short; 0 for a later fragment, which has no ports and so
 * is no message that anybody could read.  false where the octets do not tell.
 */
bool frame_port(struct span octets, uint16_t *out);

/* The VLAN identifier of a tag: 1..4095. */
uint16_t frame_vlan(struct frame_tag tag);

/*
 * The address as one number, so that two are compared in one step.
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

/* Is this the address of a group (broadcast or multicast)? */
bool frame_is_group(const uint8_t mac[FRAME_MAC]);

/*
 * Read one Ethernet frame down to its UDP payload.
 *
 * true, and *out is filled, if the frame has a whole UDP datagram to any port;
 * octets behind the IPv4 packet (Ethernet padding) are ignored.  Otherwise
 * false, *why says what is missing, and the content of *out has no meaning.
 *
 * Neither the UDP nor the IPv4 checksum is verified.  A frame that was captured
 * on the host that sent it (a virtual machine on our bridge) may have no
 * checksum yet, because the network card computes it (checksum offload), and
 * libpcap does not tell which frames these are.
 */
bool frame_read(struct span octets, struct frame *out, enum verdict *why);

#endif
