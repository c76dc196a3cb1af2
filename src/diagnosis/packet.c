#include "diagnosis/packet.h"

enum {
	ETHERTYPE_IS_ARP = 0x0806,
	ETHERTYPE_IS_IPV6 = 0x86dd,

	IPV4_VERSION = 4,
	IPV4_WORD = 4,			/* octets in a word of IHL */
	IPV4_HEADER = 20,		/* without options */
	IPV4_OFFSET = 0x1fff,		/* of a fragment that is not the first */
	IPV6_VERSION = 6,
	IPV6_HEADER = 40,
	UDP_HEADER = 8,
	TCP_HEADER = 20,		/* without options */
	TCP_WORD = 4,
};

static bool
is_tag(uint16_t type)
{
	return type == ETHERTYPE_IS_8021Q || type == ETHERTYPE_IS_8021AD;
}

/* As frame.c: a tag of VLAN 0 is read over and not kept. */
static bool
read_ethernet(struct span *octets, struct frame *out, uint16_t *type)
{
	unsigned tags_seen = 0;
	struct frame_tag tag;
	struct span header;

	out->tags = 0;
	if (!span_take(octets, FRAME_HEADER, &header) ||
	    !span_copy(&header, FRAME_MAC, out->to) ||
	    !span_copy(&header, FRAME_MAC, out->from) ||
	    !span_be16(&header, type))
		return false;
	while (is_tag(*type)) {
		if (tags_seen++ == FRAME_TAGS)
			return false;
		tag.tpid = *type;
		if (!span_be16(octets, &tag.tci) || !span_be16(octets, type))
			return false;
		if (frame_vlan(tag) != 0)
			out->tag[out->tags++] = tag;
	}
	return true;
}

/* Cut to the length that is claimed, or to what the capture has of it. */
static bool
cut(struct span *octets, size_t claimed)
{
	struct span whole;

	if (!span_take(octets, claimed, &whole))
		return true;
	*octets = whole;
	return false;
}

/* *octets is left at the payload. */
static bool
read_ipv4(struct span *octets, struct frame *out, uint8_t *protocol,
    bool *is_cut)
{
	struct span look = *octets, header, fixed;
	uint8_t version_ihl;
	uint16_t total_length, fragment;

	if (!span_u8(&look, &version_ihl) || !span_skip(&look, 1) ||
	    !span_be16(&look, &total_length) ||
	    version_ihl >> 4 != IPV4_VERSION)
		return false;
	*is_cut = cut(octets, total_length);
	if (!span_take(octets, (size_t)(version_ihl & 0xf) * IPV4_WORD,
	    &header) || !span_take(&header, IPV4_HEADER, &fixed))
		return false;
	return span_skip(&fixed, 6) && span_be16(&fixed, &fragment) &&
	    span_skip(&fixed, 1) && span_u8(&fixed, protocol) &&
	    span_skip(&fixed, 2) && span_address(&fixed, &out->source) &&
	    span_address(&fixed, &out->destination) &&
	    (fragment & IPV4_OFFSET) == 0;
}

static bool
read_udp(struct span *octets, struct packet *out)
{
	struct span look = *octets, header;

	if (!span_skip(&look, 4) || !span_be16(&look, &out->udp_length))
		return false;
	if (cut(octets, out->udp_length))
		out->is_cut = true;
	return span_take(octets, UDP_HEADER, &header) &&
	    span_be16(&header, &out->frame.source_port) &&
	    span_be16(&header, &out->frame.destination_port);
}

static bool
read_tcp(struct span *octets, struct packet *out)
{
	struct span look = *octets, header;
	uint8_t offset;

	if (!span_be16(&look, &out->frame.source_port) ||
	    !span_be16(&look, &out->frame.destination_port) ||
	    !span_skip(&look, 8) || !span_u8(&look, &offset) ||
	    !span_u8(&look, &out->tcp_flags))
		return false;
	offset >>= 4;
	/* Where the capture has cut the header, there is no payload. */
	if (offset * TCP_WORD < TCP_HEADER)
		return false;
	if (!span_take(octets, (size_t)offset * TCP_WORD, &header))
		*octets = (struct span){ 0 };
	return true;
}

static bool
read_transport(struct span octets, uint8_t protocol, struct packet *out)
{
	if (protocol == PACKET_IS_UDP) {
		out->kind = PACKET_UDP;
		if (!read_udp(&octets, out))
			return false;
	} else if (protocol == PACKET_IS_TCP) {
		out->kind = PACKET_TCP;
		if (!read_tcp(&octets, out))
			return false;
	} else if (protocol == PACKET_IS_ICMP) {
		out->kind = PACKET_ICMP;
	} else {
		return false;
	}
	out->frame.payload = octets;
	return true;
}

/* Only UDP that follows the fixed header (RFC 8200 section 3). */
static bool
read_ipv6(struct span octets, struct packet *out)
{
	struct span header;
	uint8_t version, next;
	uint16_t length;

	if (!span_take(&octets, IPV6_HEADER, &header) ||
	    !span_u8(&header, &version) || version >> 4 != IPV6_VERSION ||
	    !span_skip(&header, 3) || !span_be16(&header, &length) ||
	    !span_u8(&header, &next) || next != PACKET_IS_UDP)
		return false;
	out->is_cut = cut(&octets, length);
	out->kind = PACKET_UDP6;
	out->frame.source = out->frame.destination =
	    (struct in_addr){ INADDR_ANY };
	if (!read_udp(&octets, out))
		return false;
	out->frame.payload = octets;
	return true;
}

bool
packet_read(struct span octets, struct packet *out)
{
	uint16_t type;
	uint8_t protocol;

	out->tcp_flags = 0;
	out->udp_length = 0;
	out->is_cut = false;
	if (!read_ethernet(&octets, &out->frame, &type))
		return false;
	if (type == ETHERTYPE_IS_IPV4)
		return read_ipv4(&octets, &out->frame, &protocol,
		    &out->is_cut) && read_transport(octets, protocol, out);
	if (type == ETHERTYPE_IS_IPV6)
		return read_ipv6(octets, out);
	if (type != ETHERTYPE_IS_ARP)
		return false;
	out->kind = PACKET_ARP;
	out->frame.payload = octets;
	return true;
}

bool
packet_read_quoted(struct span octets, struct frame *frame, uint8_t *protocol)
{
	bool is_cut;

	return read_ipv4(&octets, frame, protocol, &is_cut) &&
	    (*protocol == PACKET_IS_UDP || *protocol == PACKET_IS_TCP) &&
	    span_be16(&octets, &frame->source_port) &&
	    span_be16(&octets, &frame->destination_port);
}
