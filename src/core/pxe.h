#ifndef PXE_H
#define PXE_H

#include "core/arch.h"
#include "core/dhcp.h"
#include "core/frame.h"
#include "core/option.h"
#include "core/span.h"
#include "core/verdict.h"

/*
 * pxe.h - who is asking?
 *
 * Options 60, 93, 97, 43, 77, 82 and 175 of a DHCP request, read into
 * one struct (PXE 2.1 sections 2.1 and 2.2, RFC 4578, RFC 3004, RFC 3046).
 * Pure: no I/O, no allocation, no state.
 */

enum pxe_client {
	PXE_CLIENT_PXE,		/* option 60 begins with PXEClient */
	PXE_CLIENT_HTTP,	/* option 60 begins with HTTPClient (UEFI) */
	PXE_CLIENT_OTHER,	/* anything else */
};

/* What is wanted of a boot server. */
enum pxe_question {
	PXE_ASKS_OFFER,		/* a DISCOVER */
	PXE_ASKS_BOOT_SERVER,	/* a REQUEST or INFORM: the boot file */
};

/*
 * Beginnings of option 60 that make a PXE client beside PXEClient, such as
 * HW-Client.  They are echoed as they stand here.
 */
struct pxe_classes {
	const struct span *prefix;
	size_t n;
	bool others;			/* and any other machine may be one: a
					 * rule is meant for some */
};

/*
 * A request that a boot server may answer.  Spans point into the message
 * (or into dhcp->joined), so they live as long as that does.
 */
struct pxe_request {
	const struct frame *frame;
	const struct dhcp *dhcp;
	const char *interface;		/* it came in on; NULL: not known */
	enum pxe_client client;
	enum pxe_question question;
	bool on_4011;			/* came to port 4011, not 67 */
	bool to_group;			/* to 255.255.255.255 or multicast */
	struct span echo;		/* option 60 for the answer; or n 0 */

	struct span vendor_class;	/* option 60, whole */
	struct span user_class;		/* option 77, whole; n 0 if absent */
	struct span uuid;		/* option 97, whole; n 0 if absent */
	bool has_uuid;			/* even an empty one is echoed */
	struct span relay;		/* option 82, whole */
	bool has_relay;
	bool is_ipxe;			/* user class iPXE, or option 175 */
	struct span ipxe;		/* option 175, whole; n 0 if absent */

	bool has_arch;
	uint16_t arch;			/* option 93, or Arch: of option 60 */

	bool has_item;			/* option 43 sub-option 71 */
	uint16_t item_type, item_layer;

	uint16_t max_size;		/* option 57, at least 576 */
};

/*
 * Read who asks.
 *
 * true, and *out is filled but for interface, for a DISCOVER on port 67, for
 * a REQUEST or INFORM on port 4011, and for a boot server request on port 67:
 * a PXE client's REQUEST that names a boot item and its own address, but
 * neither requests an address nor selects a server (PXE 2.1 section 2.2.3).
 * Here it is decided who is a client: PXE_CLIENT_OTHER is one only where
 * classes->others says so, and with a DISCOVER on port 67 only.
 *
 * Otherwise false and *why is VERDICT_A_REPLY, _OTHER_PORT, _NOT_PXE,
 * _LEASE_REQUEST or _OTHER_MESSAGE; after the last two *out is filled all
 * the same.
 *
 * Of several architectures in option 93 the first one whose firmware fetches
 * as option 60 says (by TFTP or HTTP) is taken, else the first one of the
 * registry, else the first.  An option of a length that its format does not
 * allow counts as absent; so does an option 43 that is cut short.
 */
bool pxe_read(const struct frame *frame, const struct dhcp *dhcp,
    const struct pxe_classes *classes, struct pxe_request *out,
    enum verdict *why);

/*
 * Does option 77 hold this user class?  Both codings are understood: the
 * counted items of RFC 3004 section 4, and the bare string that iPXE and
 * others send.  open: it need only begin so.
 */
bool pxe_has_user_class(const struct pxe_request *request, struct span name,
    bool open);

/* Sub-options of option 82. */
enum {
	PXE_CIRCUIT_ID = 1,		/* RFC 3046 section 3.1 */
	PXE_REMOTE_ID = 2,		/* RFC 3046 section 3.2 */
	PXE_LINK_SELECTION = 5,		/* RFC 3527 */
	PXE_RELAY_PORT = 19,		/* RFC 8357 */
};

/* A sub-option of option 82; false where there is none. */
bool pxe_relay_item(const struct pxe_request *request, uint8_t code,
    struct span *out);

/*
 * An address in the client's network: the one that the relay names for it
 * (RFC 3527: giaddr may be a loopback address of a switch),
    else giaddr; 0.0.0.0
 * where there is no relay.  On port 4011 there is no relay between us and the
 * client: it is the client's own address.
 */
struct in_addr pxe_network(const struct pxe_request *request);

/*
 * The 16 octets of the machine's UUID (option 97 of type 0, RFC 4578 section
 * 2.3).  false where there is none, or only the zeros or ones of a machine
 * that was never given one.
 */
bool pxe_uuid(const struct pxe_request *request, struct span *out);

enum { PXE_UUID_OCTETS = 16 };

/*
 * The same UUID in the other order that it is written in: with the octets of
 * its first three fields swapped, as SMBIOS has them.
 */
void pxe_uuid_swapped(struct span uuid, uint8_t out[PXE_UUID_OCTETS]);

/* Does the request have the client's own address (port 4011)? */
bool pxe_has_address(const struct pxe_request *request);

/*
 * Seconds since the client began to ask (the field secs).  Some firmware swaps
 * the octets; this is undone.
 */
uint16_t pxe_secs(const struct pxe_request *request);

#endif
