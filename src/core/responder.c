#include "core/responder.h"

/* DHCP goes to one of these; whatever else UDP carries is not read. */
static bool
is_dhcp_port(uint16_t port)
{
	return port == DHCP_PORT_SERVER || port == DHCP_PORT_CLIENT ||
	    port == DHCP_PORT_PXE;
}

/* Is it UDP, but not whole? */
static bool
is_broken(enum verdict verdict)
{
	return verdict == VERDICT_IP_LENGTH ||
	    verdict == VERDICT_IP_FRAGMENT || verdict == VERDICT_UDP_LENGTH;
}

static bool
is_own(const struct frame *frame, const struct reply_identity *identity)
{
	return memcmp(frame->from, identity->mac, FRAME_MAC) == 0;
}

/* Which UDP datagram is it, and could it be for a boot server? */
static bool
read_frame(const struct reply_identity *identity, struct span octets,
    struct responder_exchange *x)
{
	uint16_t port;

	if (!frame_read(octets, &x->frame, &x->verdict)) {
		/* Of other ports nobody wants to know what is broken. */
		if (is_broken(x->verdict) && frame_port(octets, &port) &&
		    !is_dhcp_port(port))
			x->verdict = VERDICT_OTHER_PORT;
		return false;
	}
	x->step = RESPONDER_FRAME;
	x->verdict = VERDICT_OTHER_PORT;
	if (!is_dhcp_port(x->frame.destination_port))
		return false;
	x->verdict = VERDICT_OWN_FRAME;
	return !is_own(&x->frame, identity);
}

/* What does the message say? */
static bool
read_message(struct responder_exchange *x)
{
	if (!dhcp_read(x->frame.payload, &x->dhcp, &x->verdict)) {
		if (x->verdict == VERDICT_OPTION_TRUNCATED ||
		    x->verdict == VERDICT_OPTIONS_LONG ||
		    x->verdict == VERDICT_NO_COOKIE ||
		    x->verdict == VERDICT_NO_TYPE)
			x->step = RESPONDER_HEADER;
		return false;
	}
	x->step = RESPONDER_DHCP;
	return true;
}

/* Who asks? */
static bool
read_request(const struct policy *policy, const struct reply_identity *identity,
    struct responder_exchange *x)
{
	bool is_ours = pxe_read(&x->frame, &x->dhcp, &policy->classes,
	    &x->request, &x->verdict);

	if (is_ours || x->verdict == VERDICT_LEASE_REQUEST ||
	    x->verdict == VERDICT_OTHER_MESSAGE)
		x->step = RESPONDER_REQUEST;
	x->request.interface = identity->interface;
	if (!x->request.has_arch && policy->has_default_arch) {
		x->request.arch = policy->default_arch;
		x->request.has_arch = true;
	}
	return is_ours;
}

/* What do they get? */
static bool
decide(const struct policy *policy, struct in_addr ours,
    struct responder_exchange *x)
{
	bool gives = policy_decide(policy, &x->request, ours, &x->decision,
	    &x->verdict);

	x->step = gives ? RESPONDER_DECISION : RESPONDER_RULE;
	/* One that is no PXE client, and that no rule is meant for. */
	if (x->verdict == VERDICT_NOT_PXE && !gives)
		x->step = RESPONDER_DHCP;
	return gives;
}

enum verdict
responder_answer(const struct policy *policy,
    const struct reply_identity *identity,
    struct span octets, struct responder_exchange *x)
{
	struct reply_route route;

	x->step = RESPONDER_NOTHING;
	x->replies = 0;
	if (!read_frame(identity, octets, x) ||
	    !read_message(x) ||
	    !read_request(policy, identity, x) ||
	    !reply_route(&x->request, identity, &route, &x->verdict) ||
	    !policy_allows(policy, &x->request, &x->verdict) ||
	    !decide(policy, route.ours, x))
		return x->verdict;

	x->replies = reply_write(&x->request, identity, &route, &x->decision,
	    x->reply);
	if (x->replies == 0)
		x->verdict = VERDICT_REPLY_LONG;
	else
		x->verdict = x->request.question == PXE_ASKS_OFFER ?
		    VERDICT_OFFER : VERDICT_ACK;
	return x->verdict;
}
