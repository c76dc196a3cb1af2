#include "core/frame.h"

enum {
	VLAN_ID_MASK = 0x0fff,
	IPV4_VERSION = 4,
	IPV4_WORD = 4,			/* octets in a word of IHL */
	IPV4_IHL_MIN = 5,
	IPV4_HEADER = IPV4_IHL_MIN * IPV4_WORD,	/* without options */
	UDP_HEADER = 8,
	IPV4_FRAGMENT = 0x3fff,		/* more-fragments bit and offset */
	IPV4_OFFSET = 0x1fff,
	PROTOCOL_UDP = 17,		/* IANA protocol numbers */
};

uint16_t
frame_vlan(struct frame_tag tag)
{
	return tag.tci & VLAN_ID_MASK;
}

bool
frame_is_group(const uint8_t mac[FRAME_MAC])
{
	return (mac[0] & 1) != 0;
}

static bool
is_tag(uint16_t type)
{
	return type == ETHERTYPE_IS_8021Q || type == ETHERTYPE_IS_8021AD ||
	    type == ETHERTYPE_IS_9100;
}

/*
 * Read the Ethernet header and its tags; *octets becomes the payload.
 *
 * Here and below, each header is cut off whole before its fields are read.
 */
static bool
read_ethernet(struct span *octets, struct frame *out, enum verdict *why)
{
	unsigned tags_seen = 0;
	struct frame_tag tag;
	struct span header;
	uint16_t type;

	*why = VERDICT_FRAME_SHORT;
	out->tags = 0;
	if (!span_take(octets, FRAME_HEADER, &header) ||
	    !span_copy(&header, FRAME_MAC, out->to) ||
	    !span_copy(&header, FRAME_MAC, out->from) ||
	    !span_be16(&header, &type))
		return false;
	while (is_tag(type)) {
		if (tags_seen++ == FRAME_TAGS) {
			*why = VERDICT_VLAN_DEPTH;
			return false;
		}
		tag.tpid = type;
		if (!span_be16(octets, &tag.tci) || !span_be16(octets, &type))
			return false;
		if (frame_vlan(tag) != 0)
			out->tag[out->tags++] = tag;
	}
	*why = VERDICT_NOT_IPV4;
	return type == ETHERTYPE_IS_IPV4;
}

/*
 * Read the IPv4 packet at the front of *octets, which becomes its payload.
 *
 * The packet is cut to its total length, and its header to the header length
 * within that, before anything is read inside.
 */
static bool
read_ipv4(struct span *octets, struct frame *out, enum verdict *why)
{
	struct span look = *octets, packet, header, fixed;
	uint8_t version_ihl, protocol;
	uint16_t total_length, fragment;

	*why = VERDICT_IP_HEADER;
	if (!span_u8(&look, &version_ihl) || !span_skip(&look, 1) ||
	    !span_be16(&look, &total_length))
		return false;
	if (version_ihl >> 4 != IPV4_VERSION ||
	    (version_ihl & 0xf) < IPV4_IHL_MIN)
		return false;

	/*
	 * The protocol before the length: a TCP packet that the capture has
	 * cut is not for us, and not a damaged request.
	 */
	*why = VERDICT_NOT_UDP;
	if (span_skip(&look, 5) && span_u8(&look, &protocol) &&
	    protocol != PROTOCOL_UDP)
		return false;

	*why = VERDICT_IP_LENGTH;
	if (!span_take(octets, total_length, &packet))
		return false;

	*why = VERDICT_IP_HEADER;
	if (!span_take(&packet, (size_t)(version_ihl & 0xf) * IPV4_WORD,
	    &header) || !span_take(&header, IPV4_HEADER, &fixed))
		return false;
	if (!span_skip(&fixed, 6) || !span_be16(&fixed, &fragment) ||
	    !span_skip(&fixed, 4) || !span_address(&fixed, &out->source) ||
	    !span_address(&fixed, &out->destination))
		return false;

	*why = VERDICT_IP_FRAGMENT;
	if ((fragment & IPV4_FRAGMENT) != 0)
		return false;
	*octets = packet;
	return true;
}

/* Cut first: a UDP length below 8 then fails like a short datagram. */
static bool
read_udp(struct span *octets, struct frame *out, enum verdict *why)
{
	struct span look = *octets, datagram, header;
	uint16_t length;

	*why = VERDICT_UDP_LENGTH;
	if (!span_skip(&look, 4) || !span_be16(&look, &length) ||
	    !span_take(octets, length, &datagram))
		return false;
	if (!span_take(&datagram, UDP_HEADER, &header) ||
	    !span_be16(&header, &out->source_port) ||
	    !span_be16(&header, &out->destination_port))
		return false;
	out->payload = datagram;
	return true;
}

bool
frame_read(struct span octets, struct frame *out, enum verdict *why)
{
	return read_ethernet(&octets, out, why) &&
	    read_ipv4(&octets, out, why) &&
	    read_udp(&octets, out, why);
}

bool
frame_port(struct span octets, uint16_t *out)
{
	struct span header, look;
	uint8_t version_ihl;
	uint16_t fragment;
	struct frame frame;
	enum verdict why;

	if (!read_ethernet(&octets, &frame, &why))
		return false;
	look = octets;
	if (!span_u8(&look, &version_ihl) || !span_take(&octets,
	    (size_t)(version_ihl & 0xf) * IPV4_WORD, &header) ||
	    !span_skip(&header, 6) || !span_be16(&header, &fragment))
		return false;
	if ((fragment & IPV4_OFFSET) != 0) {
		*out = 0;
		return true;
	}
	return span_skip(&octets, 2) && span_be16(&octets, out);
}
