#include "net/cooked.h"

enum {
	COOKED_ADDRESS = 8,	/* octets of the address field */
};

/* The packet type: to whom a packet was addressed (as in packet(7)). */
enum cooked_to {
	COOKED_TO_US = 0,
	COOKED_TO_ALL = 1,	/* broadcast */
	COOKED_TO_GROUP = 2,	/* multicast */
	COOKED_TO_OTHER = 3,
	COOKED_FROM_US = 4,
};

struct cooked {
	uint16_t to;
	uint16_t protocol;		/* an EtherType */
	uint16_t address_length;
	uint8_t address[COOKED_ADDRESS];
};

static bool
read_v1(struct span *octets, struct cooked *out)
{
	return span_be16(octets, &out->to) &&
	    span_skip(octets, 2) &&		/* ARPHRD_ type */
	    span_be16(octets, &out->address_length) &&
	    span_copy(octets, COOKED_ADDRESS, out->address) &&
	    span_be16(octets, &out->protocol);
}

static bool
read_v2(struct span *octets, struct cooked *out)
{
	uint8_t to, length;

	if (!span_be16(octets, &out->protocol) ||
	    !span_skip(octets, 2 + 4 + 2) ||	/* zero, interface, ARPHRD_ */
	    !span_u8(octets, &to) || !span_u8(octets, &length) ||
	    !span_copy(octets, COOKED_ADDRESS, out->address))
		return false;
	out->to = to;
	out->address_length = length;
	return true;
}

static void
write_destination(struct span_writer *w, uint16_t to, const uint8_t *ours)
{
	static const uint8_t all[FRAME_MAC] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	};

	if (to == COOKED_TO_US)
		write_octets(w, (struct span){ ours, FRAME_MAC });
	else if (to == COOKED_TO_ALL || to == COOKED_TO_GROUP)
		write_octets(w, (struct span){ all, FRAME_MAC });
	else
		write_zeros(w, FRAME_MAC);
}

bool
cooked_frame(enum cooked_version version, struct span octets,
    const uint8_t ours[FRAME_MAC], struct span_writer *out)
{
	struct cooked cooked;

	if (!(version == COOKED_V1 ? read_v1(&octets, &cooked) :
	    read_v2(&octets, &cooked)))
		return false;
	/*
	 * Of an interface without Ethernet addresses (tun, WireGuard, PPP) no
	 * request comes to us: a frame of no protocol, which is passed over.
	 */
	if (cooked.address_length != FRAME_MAC) {
		write_zeros(out, FRAME_HEADER);
		return !out->full;
	}
	write_destination(out, cooked.to, ours);
	write_octets(out, (struct span){ cooked.address, FRAME_MAC });
	write_be16(out, cooked.protocol);
	write_octets(out, octets);
	return !out->full;
}
