#ifndef COOKED_H
#define COOKED_H

#include "core/frame.h"
#include "core/span.h"

/*
 * cooked.h - Linux cooked captures ("tcpdump -i any") as Ethernet frames.
 *
 * libpcap's LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2.  Their header does not
 * have the Ethernet destination, only whether the packet was sent to this host,
 * to all, or to another host.  Pure, like the core.
 */

enum cooked_version {
	COOKED_V1,
	COOKED_V2,
};

/*
 * Write the packet as an Ethernet frame.
 *
 * The source address is the header's.  The destination is ours where the
 * packet came to this host, the broadcast address where it was broadcast, and
 * 0 where it went elsewhere or that is not known.  false, and nothing of use
 * in *out, where the header is cut short, where the sender has no Ethernet
 * address, or where the frame does not fit.
 */
bool cooked_frame(enum cooked_version version, struct span octets,
    const uint8_t ours[FRAME_MAC], struct span_writer *out);

#endif
