#ifndef DIAGNOSIS_CHOICE_H
#define DIAGNOSIS_CHOICE_H

#include "diagnosis/event.h"
#include "diagnosis/machine.h"

/*
 * choice.h - which of several OFFERs does a firmware take, and whom does it
 * ask next?
 *
 * One table has a row for each combination that a kind of firmware takes, the
 * first one first.  Pure.
 */

/* What firmware sees in an OFFER. */
enum choice_type {
	CHOICE_DROPPED,		/* it does not look at it */
	CHOICE_LEASE,		/* an address, and nothing of PXE */
	CHOICE_LEASE_PXE,	/* an address, and PXEClient */
	CHOICE_LEASE_OPTIONS,	/* the same, and PXE's sub-options */
	CHOICE_LEASE_URL,	/* an address, HTTPClient, a URL */
	CHOICE_LEASE_NAME_URL,	/* the same, its host a name */
	CHOICE_PROXY_PXE,	/* no address, and PXEClient */
	CHOICE_PROXY_OPTIONS,	/* the same, and PXE's sub-options */
	CHOICE_PROXY_URL,	/* no address, HTTPClient, a URL */
	CHOICE_PROXY_NAME_URL,	/* the same, its host a name */
	CHOICE_TYPES
};

/* An OFFER.  Spans are borrowed from the frame. */
struct choice_offer {
	struct event_reply says;
	bool has_server_id;	/* option 54, not 0.0.0.0 */
	uint16_t port;		/* it came from */
	struct span vendor;	/* option 43; n 0: absent */
};

enum { CHOICE_NONE = -1 };	/* no OFFER */

struct choice {
	const char *name;	/* of the row; NULL: nothing is taken */
	const char *why;	/* in words; where nothing is taken, why not */
	int lease;		/* whose address; CHOICE_NONE: nobody's */
	int boot;		/* who decides what is booted; CHOICE_NONE */
	struct in_addr asks;	/* on port 4011 next; 0.0.0.0: nobody */
	/*
	 * What the OFFERs say is booted, and where it is fetched from.  Where
	 * somebody is asked, his answer decides.
	 */
	struct span file;
	struct in_addr next;
	bool has_item;		/* it asks for this item of the menu */
	uint16_t item;
	const char *fault;	/* why nothing comes of it; NULL: something
				 * may */
};

/* The OFFER of an event, which is a reply. */
void choice_offer_of(const struct event *event, struct choice_offer *out);

/* What does the firmware see in it?  *why: the reason where it is dropped. */
enum choice_type choice_type(enum machine_client client,
    const struct choice_offer *offer, const char **why);

/*
 * What does the firmware take of these OFFERs, which are in the order in which
 * they came?
 */
void choice_make(enum machine_client client, const struct choice_offer *offer,
    size_t n, struct choice *out);

/*
 * Where PXE's option 43 sends the client: the first address of the list of
 * boot servers that are for this type of item, or for any.  false: there is
 * none.
 */
bool choice_boot_server(struct span vendor, bool any, uint16_t type,
    struct in_addr *out);

#endif
