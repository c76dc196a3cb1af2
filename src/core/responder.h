#ifndef RESPONDER_H
#define RESPONDER_H

#include "core/dhcp.h"
#include "core/frame.h"
#include "core/policy.h"
#include "core/pxe.h"
#include "core/reply.h"
#include "core/span.h"
#include "core/verdict.h"

/*
 * responder.h - the only door to the core: one frame in, one verdict and at
 * most two replies out.
 *
 * Pure: no I/O, no clock, no random number, no allocation, no state of
 * earlier frames.  Same octets in, same octets out: live and replay run this.
 */

enum { RESPONDER_REPLIES = 2 };

/* How far a frame was understood: each step includes those before it. */
enum responder_step {
	RESPONDER_NOTHING,
	RESPONDER_FRAME,	/* exchange.frame is filled */
	RESPONDER_HEADER,	/* the header fields of exchange.dhcp too */
	RESPONDER_DHCP,		/* all of exchange.dhcp */
	RESPONDER_REQUEST,	/* exchange.request */
	RESPONDER_RULE,		/* exchange.decision.rule */
	RESPONDER_DECISION,	/* all of exchange.decision */
};

/*
 * All that came of one frame.  Its parts point at one another and into the
 * frame, so it is passed by address, never copied, and read only as long as
 * the frame's octets are there.  The caller need not initialise it.
 */
struct responder_exchange {
	enum verdict verdict;
	enum responder_step step;
	struct frame frame;
	struct dhcp dhcp;
	struct pxe_request request;
	struct policy_decision decision;
	unsigned replies;		/* 0, 1 or 2 */
	struct reply reply[RESPONDER_REPLIES];
};

/*
 * Answer one Ethernet frame.
 *
 * The verdict is also in out->verdict.  out->replies is 1 or 2 where
 * verdict_answered() holds, and else 0.
 */
enum verdict responder_answer(const struct policy *policy,
    const struct reply_identity *identity, struct span octets,
    struct responder_exchange *out);

#endif
