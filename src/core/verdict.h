#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

/*
 * verdict.h - what became of a frame, and if it was not answered, why.
 *
 * One value for each reason.  The name does not change between versions: logs,
 * counters and the expectations of the tests have it.  The sentence is for the
 * administrator; pxeproxyd(8) has the same sentences.
 */
enum verdict {
	/* Answered. */
	VERDICT_OFFER,
	VERDICT_ACK,

	/* The frame is not a whole UDP datagram for a boot server. */
	VERDICT_FRAME_SHORT,
	VERDICT_OWN_FRAME,
	VERDICT_VLAN_DEPTH,
	VERDICT_NOT_IPV4,
	VERDICT_IP_HEADER,
	VERDICT_IP_LENGTH,
	VERDICT_IP_FRAGMENT,
	VERDICT_NOT_UDP,
	VERDICT_UDP_LENGTH,
	VERDICT_OTHER_PORT,

	/* The datagram is not a sound DHCP request. */
	VERDICT_DHCP_SHORT,
	VERDICT_A_REPLY,
	VERDICT_BAD_OP,
	VERDICT_BAD_HLEN,
	VERDICT_NO_COOKIE,
	VERDICT_OPTION_TRUNCATED,
	VERDICT_OPTIONS_LONG,
	VERDICT_NO_TYPE,

	/* Another server answers the request, or it cannot be answered. */
	VERDICT_NOT_PXE,
	VERDICT_LEASE_REQUEST,
	VERDICT_OTHER_MESSAGE,
	VERDICT_NOT_FOR_US,
	VERDICT_BAD_GIADDR,
	VERDICT_BAD_SOURCE,
	VERDICT_SOURCE_PORT,
	VERDICT_SOURCE_NOT_CIADDR,
	VERDICT_RELAY_NOT_ALLOWED,
	VERDICT_CLIENT_NOT_ALLOWED,

	/* The policy has no answer for this client. */
	VERDICT_IGNORED,
	VERDICT_LOCAL,
	VERDICT_TOO_SOON,
	VERDICT_REDIRECT,
	VERDICT_NO_ARCH,
	VERDICT_ARCH_UNKNOWN,
	VERDICT_ARCH_NO_FILE,
	VERDICT_NOT_HTTP_CLIENT,
	VERDICT_NO_ITEM,
	VERDICT_NO_VALUE,
	VERDICT_BAD_NEXT_SERVER,
	VERDICT_FILE_LONG,
	VERDICT_REPLY_LONG,

	/* There was an answer, but a limit was reached.  Only when live. */
	VERDICT_CLIENT_RATE,
	VERDICT_TOTAL_RATE,

	VERDICT_COUNT		/* how many there are; no verdict itself */
};

/* Its stable word, such as "not-pxe": lower case, digits and hyphens. */
const char *verdict_name(enum verdict verdict);

/* What it means, one sentence without a full stop. */
const char *verdict_sentence(enum verdict verdict);

/* Was the frame answered? */
bool verdict_answered(enum verdict verdict);

#endif
