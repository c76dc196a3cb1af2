#ifndef INVARIANTS_H
#define INVARIANTS_H

#include "core/responder.h"

/*
 * invariants.h - what holds for every frame there is, sound or hostile.
 */

/* NULL, or what does not hold for an exchange that has just been. */
const char *invariant_broken(const struct responder_exchange *x,
    const struct reply_identity *identity);

/* NULL, or in what two exchanges with the same frame differ. */
const char *invariant_differs(const struct responder_exchange *a,
    const struct responder_exchange *b);

/*
 * NULL, or what is wrong with the Ethernet frame that a reply was wrapped in:
 * all of its octets are compared, and both checksums computed.
 */
const char *invariant_envelope(const struct reply *reply, struct span frame);

#endif
