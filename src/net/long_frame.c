#include "net/long_frame.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

enum { ADDRESSES = 2 * FRAME_MAC };	/* octets at a frame's beginning */

bool
long_frame_enable(int descriptor)
{
	int on = 1;

	return setsockopt(descriptor, SOL_PACKET, PACKET_COPY_THRESH, &on,
	    sizeof(on)) == 0;
}

bool
long_frame_is_tagged(struct span frame)
{
	uint16_t type;

	return span_skip(&frame, ADDRESSES) && span_be16(&frame, &type) &&
	    (type == ETHERTYPE_IS_8021Q || type == ETHERTYPE_IS_8021AD);
}

/* The octets of the tag that libpcap has put in. */
static size_t
tag_of(struct span head)
{
	return long_frame_is_tagged(head) ? LONG_FRAME_TAG : 0;
}

/*
 * Put the frame together: all of head, and what the queued one has behind the
 * same octets.  false where the two are not the same frame.
 */
static bool
join(struct span head, struct span queued, struct span_writer *w)
{
	struct span rest = head, addresses;

	if (!span_take(&rest, ADDRESSES, &addresses) ||
	    !span_begins(queued, addresses) ||
	    !span_skip(&rest, tag_of(head)) ||
	    !span_skip(&queued, ADDRESSES) ||
	    !span_begins(queued, rest) || !span_skip(&queued, rest.n))
		return false;
	write_octets(w, head);
	write_octets(w, queued);
	return !w->full;
}

static ssize_t
next(int descriptor, struct long_frame *room)
{
	return recv(descriptor, room->queued, sizeof(room->queued),
	    MSG_DONTWAIT | MSG_TRUNC);
}

bool
long_frame_fetch(int descriptor, struct span head, size_t n,
    struct long_frame *room, struct span *out)
{
	ssize_t got;

	while ((got = next(descriptor, room)) >= 0) {
		struct span_writer w = { room->octets, sizeof(room->octets), 0,
		    false };

		if ((size_t)got + tag_of(head) != n ||
		    (size_t)got > sizeof(room->queued) || !join(head,
		    (struct span){ room->queued, (size_t)got }, &w))
			continue;
		*out = writer_span(&w);
		return true;
	}
	return false;
}

void
long_frame_drop(int descriptor)
{
	uint8_t octet;

	while (recv(descriptor, &octet, sizeof(octet), MSG_DONTWAIT) >= 0)
		;
}
