#ifndef CRAFT_H
#define CRAFT_H

#include "unit/octets.h"

/*
 * craft.h - frames as clients send them, and frames that no client sends.
 *
 * A frame is a sound request, bent: octets overwritten at a place, cut off,
 * or added.  Nothing here uses the code under test, so that both cannot be
 * wrong in the same way.
 */

/* The sound requests to start from. */
enum craft_base {
	CRAFT_DISCOVER,		/* 0.0.0.0:68 to 255.255.255.255:67 */
	CRAFT_4011,		/* 10.0.0.50:4011 to 10.0.0.2:4011 */
	CRAFT_RELAYED,		/* 10.9.0.1:67 to 10.0.0.2:67, giaddr */
};

/*
 * Where things are in a frame without a VLAN tag, with an IPv4 header of 20
 * octets: what an analyser shows as the offset in the frame.
 */
enum {
	AT_TO = 0,
	AT_FROM = 6,
	AT_ETHERTYPE = 12,
	AT_IP = 14,		/* version and header length */
	AT_IP_LENGTH = 16,
	AT_IP_FRAGMENT = 20,
	AT_IP_PROTOCOL = 23,
	AT_IP_SOURCE = 26,
	AT_IP_DESTINATION = 30,
	AT_UDP = 34,		/* source port, destination port */
	AT_UDP_DESTINATION = 36,
	AT_UDP_LENGTH = 38,
	AT_DHCP = 42,		/* op */
	AT_HTYPE = 43,
	AT_HLEN = 44,
	AT_XID = 46,
	AT_SECS = 50,
	AT_FLAGS = 52,
	AT_CIADDR = 54,
	AT_GIADDR = 66,
	AT_CHADDR = 70,
	AT_SNAME = 86,
	AT_FILE = 150,
	AT_COOKIE = 278,
	AT_OPTIONS = 282,
};

enum {
	CRAFT_EDITS = 4,
	CRAFT_MAX = 4096,	/* octets of a frame */
};

struct craft {
	enum craft_base base;
	struct octets options;	/* after the cookie, END included */
	struct octets tags;	/* put in front of the EtherType */
	struct octets ip_options;	/* a multiple of 4 octets */
	struct {
		size_t at;	/* one of AT_... */
		struct octets to;	/* what stands there instead */
	} edit[CRAFT_EDITS];
	size_t cut;		/* octets cut off the end of the frame */
	size_t padding;		/* octets added behind the IPv4 packet */
};

/* Who we are in these frames. */
#define CRAFT_OUR_ADDRESS "10.0.0.2"
#define CRAFT_OUR_MAC "\x02\x00\x00\x00\x00\x02"

/* Options as clients send them, to be strung together. */
#define OPT_DISCOVER "\x35\x01\x01"
#define OPT_REQUEST "\x35\x01\x03"
#define OPT_INFORM "\x35\x01\x08"
#define OPT_MAX_1472 "\x39\x02\x05\xc0"
#define OPT_PXE "\x3c\x09" "PXEClient"
#define OPT_PXE_00000 "\x3c\x20" "PXEClient:Arch:00000:UNDI:002001"
#define OPT_PXE_00007 "\x3c\x20" "PXEClient:Arch:00007:UNDI:003016"
#define OPT_HTTP_00016 "\x3c\x21" "HTTPClient:Arch:00016:UNDI:003001"
#define OPT_UUID "\x61\x11\x00" "\x10\x11\x12\x13\x14\x15\x16\x17" \
	"\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"
#define OPT_ARCH_0 "\x5d\x02\x00\x00"
#define OPT_ARCH_7 "\x5d\x02\x00\x07"
#define OPT_ARCH_16 "\x5d\x02\x00\x10"
#define OPT_UNDI "\x5e\x03\x01\x03\x10"
#define OPT_IPXE_CLASS "\x4d\x04iPXE"
#define OPT_END "\xff"

/* What EDK2 and a BIOS ROM ask. */
#define OPTIONS_UEFI OPT_DISCOVER OPT_MAX_1472 OPT_UUID OPT_UNDI \
	OPT_ARCH_7 OPT_PXE_00007 OPT_END
#define OPTIONS_BIOS OPT_DISCOVER OPT_MAX_1472 OPT_UUID OPT_ARCH_0 \
	OPT_UNDI OPT_PXE_00000 OPT_END
#define OPTIONS_HTTP OPT_DISCOVER OPT_MAX_1472 OPT_UUID OPT_UNDI \
	OPT_ARCH_16 OPT_HTTP_00016 OPT_END
#define OPTIONS_IPXE OPT_DISCOVER OPT_MAX_1472 OPT_ARCH_0 OPT_UNDI \
	OPT_PXE_00000 OPT_IPXE_CLASS OPT_UUID OPT_END
#define OPTIONS_4011 OPT_REQUEST OPT_MAX_1472 OPT_UUID OPT_UNDI \
	OPT_ARCH_7 OPT_PXE_00007 OPT_END

/* Build the frame, in a heap buffer of its exact size. */
struct heap craft_frame(const struct craft *craft);

/* Its DHCP message alone: what follows the UDP header. */
struct heap craft_message(const struct craft *craft);

#endif
