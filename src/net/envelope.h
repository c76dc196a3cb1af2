#ifndef ENVELOPE_H
#define ENVELOPE_H

#include "core/reply.h"
#include "core/span.h"

/*
 * envelope.h - a reply in UDP, IPv4, VLAN tags and Ethernet, by libnet.
 *
 * Live and replay use the same.  It needs no privilege: libnet builds the
 * frame, and inject.h sends it.
 *
 * libnet builds one frame for each number of VLAN tags.  For each answer the
 * fields that differ are filled in.
 */

struct envelope;

enum { ENVELOPE_ERROR_SIZE = 256 };	/* LIBNET_ERRBUF_SIZE */

/* NULL, and the reason in error, on failure. */
struct envelope *envelope_open(char error[ENVELOPE_ERROR_SIZE]);

/*
 * Wrap a reply: TTL 64, don't-fragment clear (old ROMs do not take such
 * packets), all checksums computed.
 *
 * true, and the whole Ethernet frame in *out until the next call.  false
 * where libnet refused; envelope_error() says why.
 */
bool envelope_wrap(struct envelope *envelope, const struct reply *reply,
    struct span *out);

const char *envelope_error(struct envelope *envelope);

void envelope_close(struct envelope *envelope);

#endif
