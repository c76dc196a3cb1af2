#ifndef LONG_FRAME_H
#define LONG_FRAME_H

#include "core/frame.h"
#include "core/span.h"

/*
 * long_frame.h - frames that are longer than a slot of the capture ring.
 *
 * All slots have one size.  It is that of an ordinary request, so that few
 * octets are wasted; of a longer frame the ring has the beginning, and the
 * socket's own queue the whole (packet(7), PACKET_COPY_THRESH).
 */

enum {
	LONG_FRAME_TAG = 4,		/* octets of a VLAN tag */
	LONG_FRAME_MAX = 9216 + FRAME_TAGS * LONG_FRAME_TAG,	/* jumbo */
};

/* Where a whole frame is put together. */
struct long_frame {
	uint8_t octets[LONG_FRAME_MAX];
	uint8_t queued[LONG_FRAME_MAX];
};

/* Have the kernel queue the whole of what does not fit; false and errno. */
bool long_frame_enable(int descriptor);

/*
 * The whole frame of n octets that begins with head: from the queue, into
 * *room.  The kernel takes the outermost VLAN tag off, and libpcap has put it
 * back into head.  Frames that are queued before it belong to nobody, and are
 * dropped.  false where it is not there: the queue was full, or n is too much.
 */
bool long_frame_fetch(int descriptor, struct span head, size_t n,
    struct long_frame *room, struct span *out);

/* Does the frame begin with a VLAN tag? */
bool long_frame_is_tagged(struct span frame);

/* Drop all that is queued. */
void long_frame_drop(int descriptor);

#endif
