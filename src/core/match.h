#ifndef MATCH_H
#define MATCH_H

#include "core/arch.h"
#include "core/pxe.h"
#include "core/span.h"

/*
 * match.h - does a condition of a rule hold for a request?
 *
 * Pure: no I/O, no allocation, no state, and conditions are const.
 */

enum match_key {
	MATCH_CLIENT,		/* pxe, http, ipxe or other */
	MATCH_ARCH,		/* option 93: number or family */
	MATCH_MAC,
	MATCH_UUID,		/* option 97 */
	MATCH_VENDOR_CLASS,	/* option 60, its beginning */
	MATCH_USER_CLASS,	/* option 77, an item or all of it */
	MATCH_CLIENT_ID,	/* option 61 */
	MATCH_IPXE_FEATURE,	/* option 175, a sub-option's code */
	MATCH_RELAY,		/* the network of pxe_network() */
	MATCH_RELAY_ADDRESS,	/* giaddr itself; never on port 4011 */
	MATCH_CIRCUIT_ID,	/* option 82 sub-option 1 */
	MATCH_REMOTE_ID,	/* option 82 sub-option 2 */
	MATCH_VLAN,
	MATCH_INTERFACE,
	MATCH_CLIENT_NETWORK,	/* ciaddr of who asks for its boot file */
	MATCH_HOSTS,		/* a table of hosts has the client */
	MATCH_OPTION,		/* any option of the request */
	MATCH_KEYS		/* how many there are; no key itself */
};

/* What MATCH_CLIENT tells apart; iPXE is a PXE client too. */
enum match_client {
	MATCH_CLIENT_PXE,
	MATCH_CLIENT_HTTP,
	MATCH_CLIENT_IPXE,
	MATCH_CLIENT_OTHER,
	MATCH_CLIENTS
};

/* A hardware address with some octets left open. */
struct match_mac {
	uint8_t value[FRAME_MAC];
	uint8_t mask[FRAME_MAC];	/* 0xff: must equal; 0: any */
};

struct match_network {
	struct in_addr address;		/* no bit set outside the mask */
	struct in_addr mask;
};

enum { MATCH_UUID_OCTETS = PXE_UUID_OCTETS };

struct hosts_table;

/* One of the values that a condition allows. */
struct match_value {
	const char *text;		/* as configured, for reports */
	union {
		enum match_client client;
		struct {
			bool is_family;
			enum arch_family family;
			uint16_t number;
		} arch;
		struct match_mac mac;
		struct {
			uint8_t octets[MATCH_UUID_OCTETS];
			uint8_t n;	/* fewer than all: its beginning, in
					 * the order of the wire */
		} uuid;
		struct {
			struct span octets;
			bool open;	/* what follows does not matter */
			uint8_t code;	/* of MATCH_OPTION */
		} text_or_hex;
		struct {
			uint16_t low, high;	/* both belong to it */
		} range;		/* of VLAN identifiers; 0: untagged */
		uint16_t number;	/* feature */
		struct match_network network;
		const char *interface;
		const struct hosts_table *hosts;
	} is;
};

/* A condition: one of the values must fit; or none, where negated. */
struct match {
	enum match_key key;
	bool negated;
	const struct match_value *value;
	size_t n;
};

bool match_holds(const struct match *match,
    const struct pxe_request *request);

/*
 * Does every request for which b holds fulfil a too?  May answer false where
 * it is so, but never true where it is not.
 */
bool match_covers(const struct match *a, const struct match *b);

/*
 * What a request can show at a glance, before a condition is looked into.
 */
enum match_trait {
	TRAIT_PXE = 1 << 0,		/* of the client's kinds */
	TRAIT_HTTP = 1 << 1,
	TRAIT_OTHER = 1 << 2,
	TRAIT_IPXE = 1 << 3,
	TRAIT_UUID = 1 << 4,		/* the options are there */
	TRAIT_USER_CLASS = 1 << 5,
	TRAIT_IPXE_OPTIONS = 1 << 6,
	TRAIT_RELAY_OPTION = 1 << 7,
	TRAIT_RELAY = 1 << 8,		/* an address for MATCH_RELAY */
	TRAIT_TAGGED = 1 << 9,
	TRAIT_ASKS_FILE = 1 << 10,	/* a REQUEST or INFORM */
};

unsigned match_request_traits(const struct pxe_request *request);

/* The traits without which the condition holds for no request. */
unsigned match_traits(const struct match *match);

/*
 * The request's architecture as a bit, the highest for none and for large
 * numbers; and the bits of those for which the condition can hold.
 */
uint64_t match_arch_bit(const struct pxe_request *request);
uint64_t match_archs(const struct match *match);

/* Is it the client's hardware address, or one that the open octets allow? */
bool match_is_mac(const struct match_mac *mac, const struct dhcp *dhcp);

bool match_in_network(const struct match_network *network,
    struct in_addr address);

/* Such as "user-class": the word of the configuration. */
const char *match_key_name(enum match_key key);

/* Such as "ipxe"; and its value, MATCH_CLIENTS where there is none. */
const char *match_client_name(enum match_client client);
enum match_client match_client_by_name(const char *name);

/* The code of an iPXE feature such as "http" in option 175; 0 if unknown. */
uint8_t match_feature_by_name(const char *name);

#endif
