#include "net/envelope.h"

#include <libnet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TTL = 64,
	TAG = 4,				/* octets of a VLAN tag */
	HEADERS_MAX = LIBNET_ETH_H + FRAME_TAGS * TAG + LIBNET_IPV4_H +
	    LIBNET_UDP_H,
	FRAME_MAX = HEADERS_MAX + REPLY_OCTETS,
};

/* Where the fields are, from the first octet of their header. */
enum {
	AT_ETH_TO = 0,
	AT_ETH_FROM = 6,
	AT_ETH_TAGS = 12,
	AT_IP_LENGTH = 2,
	AT_IP_ID = 4,
	AT_IP_CHECKSUM = 10,
	AT_IP_SOURCE = 12,
	AT_IP_DESTINATION = 16,
	AT_UDP_SOURCE = 0,
	AT_UDP_DESTINATION = 2,
	AT_UDP_LENGTH = 4,
	AT_UDP_CHECKSUM = 6,
};

/* A frame that libnet built, to be filled in. */
struct envelope_frame {
	bool made;
	uint8_t octet[FRAME_MAX];
};

struct envelope {
	libnet_t *libnet;
	struct envelope_frame frame[FRAME_TAGS + 1];	/* by number of tags */
};

_Static_assert(ENVELOPE_ERROR_SIZE >= LIBNET_ERRBUF_SIZE,
    "room for libnet's text");

struct envelope *
envelope_open(char error[ENVELOPE_ERROR_SIZE])
{
	struct envelope *envelope = calloc(1, sizeof(*envelope));

	if (envelope == NULL) {
		(void)snprintf(error, ENVELOPE_ERROR_SIZE, "out of memory");
		return NULL;
	}
	envelope->libnet = libnet_init(LIBNET_NONE, NULL, error);
	if (envelope->libnet == NULL) {
		free(envelope);
		return NULL;
	}
	return envelope;
}

static bool
build_udp(libnet_t *libnet, const struct reply *reply)
{
	return libnet_build_udp(reply->source_port, reply->destination_port,
	    (uint16_t)(LIBNET_UDP_H + reply->n), 0, reply->octets,
	    (uint32_t)reply->n, libnet, 0) != -1;
}

static bool
build_ipv4(libnet_t *libnet, const struct reply *reply)
{
	return libnet_build_ipv4(
	    (uint16_t)(LIBNET_IPV4_H + LIBNET_UDP_H + reply->n), 0,
	    reply->ip_id, 0, TTL, IPPROTO_UDP, 0, reply->source.s_addr,
	    reply->destination.s_addr, NULL, 0, libnet, 0) != -1;
}

/*
 * libnet builds one VLAN tag, as part of the Ethernet header.  The second tag
 * is written as its payload: the content of the tag, then the type of what
 * follows.
 */
static bool
build_inner_tag(libnet_t *libnet, struct frame_tag tag)
{
	uint8_t octets[4];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	write_be16(&w, tag.tci);
	write_be16(&w, ETHERTYPE_IS_IPV4);
	return libnet_build_data(octets, sizeof(octets), libnet, 0) != -1;
}

static bool
build_tagged(libnet_t *libnet, const struct reply *reply)
{
	struct frame_tag tag = reply->tag[0];
	uint16_t next = reply->tags > 1 ? reply->tag[1].tpid :
	    ETHERTYPE_IS_IPV4;

	if (reply->tags > 1 && !build_inner_tag(libnet, reply->tag[1]))
		return false;
	return libnet_build_802_1q(reply->to, reply->from, tag.tpid,
	    (uint8_t)(tag.tci >> 13), (uint8_t)(tag.tci >> 12 & 1),
	    frame_vlan(tag), next, NULL, 0, libnet, 0) != -1;
}

static bool
build_link(libnet_t *libnet, const struct reply *reply)
{
	if (reply->tags > 0)
		return build_tagged(libnet, reply);
	return libnet_build_ethernet(reply->to, reply->from,
	    ETHERTYPE_IS_IPV4, NULL, 0, libnet, 0) != -1;
}

/* Have libnet build a frame with as many tags as the reply has. */
static bool
make_frame(struct envelope *envelope, const struct reply *reply,
    struct envelope_frame *out)
{
	libnet_t *libnet = envelope->libnet;
	uint8_t *frame = NULL;
	uint32_t n;

	libnet_clear_packet(libnet);
	if (!build_udp(libnet, reply) || !build_ipv4(libnet, reply) ||
	    !build_link(libnet, reply) ||
	    libnet_pblock_coalesce(libnet, &frame, &n) == -1)
		return false;
	memcpy(out->octet, frame, n < FRAME_MAX ? n : FRAME_MAX);
	libnet_adv_free_packet(libnet, frame);
	out->made = true;
	return true;
}

static void
put_16(struct envelope_frame *frame, size_t at, uint16_t value)
{
	frame->octet[at] = (uint8_t)(value >> 8);
	frame->octet[at + 1] = (uint8_t)value;
}

static void
put_address(struct envelope_frame *frame, size_t at, struct in_addr value)
{
	memcpy(&frame->octet[at], &value.s_addr,
	    sizeof(value.s_addr));
}

/*
 * The sum of n octets from an even offset, in the order of memory, not yet
 * folded (RFC 1071).  Eight octets at a time, as two halves of 32 bits in sums
 * of 64 bits, so that no carry is lost.
 */
static uint64_t
sum_from(const struct envelope_frame *frame, size_t at, size_t n)
{
	const uint8_t *p = &frame->octet[at];
	uint64_t low = 0, high = 0, piece;

	for (; n >= sizeof(piece); n -= sizeof(piece), p += sizeof(piece)) {
		memcpy(&piece, p, sizeof(piece));
		low += piece & UINT32_MAX;
		high += piece >> 32;
	}
	piece = 0;
	memcpy(&piece, p, n);
	return low + high + (piece & UINT32_MAX) + (piece >> 32);
}

/* Fold the sum, complement it, and store it in the order of memory. */
static void
put_checksum(struct envelope_frame *frame, size_t at, uint64_t sum, bool is_udp)
{
	uint16_t checksum;

	while (sum > UINT16_MAX)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	checksum = (uint16_t)~sum;
	/*
	 * A UDP checksum that comes out as 0 goes out as all ones (RFC 768):
	 * 0 would say that there is none.
	 */
	if (is_udp && checksum == 0)
		checksum = 0xffff;
	memcpy(&frame->octet[at], &checksum, sizeof(checksum));
}

static void
fill_link(struct envelope_frame *frame, const struct reply *reply)
{
	size_t at = AT_ETH_TAGS;

	memcpy(&frame->octet[AT_ETH_TO], reply->to, FRAME_MAC);
	memcpy(&frame->octet[AT_ETH_FROM], reply->from, FRAME_MAC);
	for (unsigned i = 0; i < reply->tags; i++, at += TAG) {
		put_16(frame, at, reply->tag[i].tpid);
		put_16(frame, at + 2, reply->tag[i].tci);
	}
}

static void
fill_ipv4(struct envelope_frame *frame, const struct reply *reply, size_t ip)
{
	put_16(frame, ip + AT_IP_LENGTH,
	    (uint16_t)(LIBNET_IPV4_H + LIBNET_UDP_H + reply->n));
	put_16(frame, ip + AT_IP_ID, reply->ip_id);
	put_address(frame, ip + AT_IP_SOURCE, reply->source);
	put_address(frame, ip + AT_IP_DESTINATION, reply->destination);
	put_16(frame, ip + AT_IP_CHECKSUM, 0);
	put_checksum(frame, ip + AT_IP_CHECKSUM,
	    sum_from(frame, ip, LIBNET_IPV4_H), false);
}

static void
fill_udp(struct envelope_frame *frame, const struct reply *reply, size_t ip)
{
	size_t udp = ip + LIBNET_IPV4_H;
	uint16_t length = (uint16_t)(LIBNET_UDP_H + reply->n);
	uint64_t sum;

	put_16(frame, udp + AT_UDP_SOURCE, reply->source_port);
	put_16(frame, udp + AT_UDP_DESTINATION, reply->destination_port);
	put_16(frame, udp + AT_UDP_LENGTH, length);
	put_16(frame, udp + AT_UDP_CHECKSUM, 0);
	memcpy(&frame->octet[udp + LIBNET_UDP_H], reply->octets,
	    reply->n);
	/* The pseudo-header: both addresses, the protocol, the length. */
	sum = sum_from(frame, ip + AT_IP_SOURCE, 8);
	sum += (uint64_t)htons(IPPROTO_UDP) + htons(length);
	sum += sum_from(frame, udp, length);
	put_checksum(frame, udp + AT_UDP_CHECKSUM, sum, true);
}

bool
envelope_wrap(struct envelope *envelope, const struct reply *reply,
    struct span *out)
{
	struct envelope_frame *frame = &envelope->frame[reply->tags];
	size_t ip = LIBNET_ETH_H + (size_t)TAG * reply->tags;

	if (!frame->made && !make_frame(envelope, reply, frame))
		return false;
	fill_link(frame, reply);
	fill_ipv4(frame, reply, ip);
	fill_udp(frame, reply, ip);
	*out = (struct span){ frame->octet,
	    ip + LIBNET_IPV4_H + LIBNET_UDP_H + reply->n };
	return true;
}

const char *
envelope_error(struct envelope *envelope)
{
	return libnet_geterror(envelope->libnet);
}

void
envelope_close(struct envelope *envelope)
{
	if (envelope == NULL)
		return;
	libnet_destroy(envelope->libnet);
	free(envelope);
}
