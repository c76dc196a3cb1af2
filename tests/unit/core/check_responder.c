#include <check.h>

#include "core/responder.h"
#include "unit/craft.h"
#include "fuzz/invariants.h"
#include "unit/rules.h"
#include "unit/suite.h"

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X250 X50 X50 X50 X50 X50
#define OPT_43_250 "\x2b\xfa" X250
#define OPT_82_250 "\x52\xfa" X250

static const struct form_item items[] = {
	{ .text = "Install", .file = "pxelinux.0" },
	{ .text = "Rescue", .file = "rescue.0" },
	{ .text = "Local disk" },
};
static const struct form_menu menu = {
	.prompt = "Press F8", .timeout = 10, .item = items, .n = ROWS(items),
};

/* A policy with rules of all kinds; the built-in ones behind them. */
static const struct policy_rule rules[] = {
	{ .name = "ignore",
	    MATCHES(MATCH_(MAC, IS_OUI4(0x52, 0x54, 0x00, 0x07))),
	    .ignore = true },
	{ .name = "http", MATCHES(MATCH_(USER_CLASS, IS_TEXT("http"))),
	    .form = FORM_HTTP, .file = "x.efi" },
	{ .name = "long", MATCHES(MATCH_(USER_CLASS, IS_TEXT("long"))),
	    .file = X250 },
	{ .name = "paired", MATCHES(MATCH_(ARCH, IS_ARCH(6))),
	    .form = FORM_PAIRED },
	{ .name = "standby", MATCHES(MATCH_(USER_CLASS, IS_TEXT("standby"))),
	    .min_secs = 8 },
	{ .name = "redirect",
	    MATCHES(MATCH_(USER_CLASS, IS_TEXT("redirect"))),
	    .form = FORM_REDIRECT },
	{ .name = "menu", MATCHES(MATCH_(USER_CLASS, IS_TEXT("menu"))),
	    .form = FORM_MENU, .menu = &menu },
	{ .name = "local", MATCHES(MATCH_(USER_CLASS, IS_TEXT("local"))),
	    .form = FORM_LOCAL },
	{ .name = "vlan", MATCHES(MATCH_(USER_CLASS, IS_TEXT("vlan"))),
	    .file = "vlan-${vlan}/x.efi" },
	{ .name = "server", MATCHES(MATCH_(USER_CLASS, IS_TEXT("server"))),
	    .next_server_text = "10.${arch}.0.2" },
	{ .name = "U-Boot", MATCHES(MATCH_(VENDOR_CLASS, IS_TEXT("U-Boot"))),
	    .form = FORM_PLAIN, .file = "boot.scr.uimg" },
	{ .name = "any other" },
};

/* 10.0.0.0/8, filled in by us(). */
static struct match_network allowed[1];

static const struct policy policy = { .rule = rules, .n = ROWS(rules),
	.allow_relay = { allowed, 1 }, .allow_client = { allowed, 1 },
	.classes = { .others = true } };

static struct in_addr also[1];

static struct reply_identity
us(void)
{
	struct reply_identity identity = {
		.address = octets_address(CRAFT_OUR_ADDRESS),
		.also = also, .n_also = 1,
	};

	also[0] = octets_address("10.1.0.2");
	allowed[0].address = octets_address("10.0.0.0");
	allowed[0].mask = octets_address("255.0.0.0");
	memcpy(identity.mac, CRAFT_OUR_MAC, FRAME_MAC);
	return identity;
}

static const struct {
	const char *what;
	struct craft craft;
	enum verdict verdict;
	unsigned replies;
	enum responder_step step;
} frames[] = {
	{ "UEFI DISCOVER", { .options = OCTETS(OPTIONS_UEFI) },
	    VERDICT_OFFER, 1, RESPONDER_DECISION },
	{ "BIOS DISCOVER", { .options = OCTETS(OPTIONS_BIOS) },
	    VERDICT_OFFER, 1, RESPONDER_DECISION },
	{ "iPXE DISCOVER", { .options = OCTETS(OPTIONS_IPXE) },
	    VERDICT_OFFER, 1, RESPONDER_DECISION },
	{ "HTTP Boot DISCOVER", { .options = OCTETS(OPTIONS_HTTP) },
	    VERDICT_OFFER, 1, RESPONDER_DECISION },
	{ "paired DISCOVER", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    "\x5d\x02\x00\x06" OPT_END) }, VERDICT_OFFER, 2,
	    RESPONDER_DECISION },
	{ "paired REQUEST on 4011", { .base = CRAFT_4011, .options =
	    OCTETS(OPT_REQUEST OPT_PXE "\x5d\x02\x00\x06" OPT_END) },
	    VERDICT_ACK, 1, RESPONDER_DECISION },
	{ "relayed DISCOVER", { .base = CRAFT_RELAYED,
	    .options = OCTETS(OPTIONS_UEFI) }, VERDICT_OFFER, 1,
	    RESPONDER_DECISION },
	{ "tagged DISCOVER", { .options = OCTETS(OPTIONS_UEFI),
	    .tags = OCTETS("\x81\x00\x00\x0a") }, VERDICT_OFFER, 1,
	    RESPONDER_DECISION },
	{ "REQUEST on 4011", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011) }, VERDICT_ACK, 1,
	    RESPONDER_DECISION },
	{ "INFORM on 4011", { .base = CRAFT_4011, .options =
	    OCTETS(OPT_INFORM OPT_ARCH_7 OPT_PXE OPT_END) }, VERDICT_ACK, 1,
	    RESPONDER_DECISION },
	{ "DISCOVER with padding behind the packet", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE OPT_ARCH_0 OPT_END), .padding = 32 },
	    VERDICT_OFFER, 1, RESPONDER_DECISION },

	{ "cut in the Ethernet header", { .cut = AT_OPTIONS - 13 },
	    VERDICT_FRAME_SHORT, 0, RESPONDER_NOTHING },
	{ "our own frame", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_FROM, OCTETS(CRAFT_OUR_MAC) } } }, VERDICT_OWN_FRAME, 0,
	    RESPONDER_FRAME },
	{ "three tags", { .options = OCTETS(OPTIONS_UEFI), .tags =
	    OCTETS("\x88\xa8\x00\x01\x81\x00\x00\x02\x81\x00\x00\x03") },
	    VERDICT_VLAN_DEPTH, 0, RESPONDER_NOTHING },
	{ "IPv6", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_ETHERTYPE, OCTETS("\x86\xdd") } } }, VERDICT_NOT_IPV4, 0,
	    RESPONDER_NOTHING },
	{ "IHL below the header", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP, OCTETS("\x42") } } }, VERDICT_IP_HEADER, 0,
	    RESPONDER_NOTHING },
	{ "one octet cut off", { .options = OCTETS(OPTIONS_UEFI), .cut = 1 },
	    VERDICT_IP_LENGTH, 0, RESPONDER_NOTHING },
	{ "a fragment", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_FRAGMENT, OCTETS("\x20\x00") } } }, VERDICT_IP_FRAGMENT,
	    0, RESPONDER_NOTHING },
	{ "a fragment to another port", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_IP_FRAGMENT, OCTETS("\x20\x00") },
	    { AT_UDP + 2, OCTETS("\x00\x35") } } }, VERDICT_OTHER_PORT, 0,
	    RESPONDER_NOTHING },
	{ "a later fragment, which has no ports", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_FRAGMENT, OCTETS("\x20\x01") } } }, VERDICT_OTHER_PORT,
	    0, RESPONDER_NOTHING },
	{ "one octet cut off a packet to another port", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_UDP + 2, OCTETS("\x00\x35") } }, .cut = 1 },
	    VERDICT_OTHER_PORT, 0, RESPONDER_NOTHING },
	{ "TCP", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_IP_PROTOCOL, OCTETS("\x06") } } }, VERDICT_NOT_UDP, 0,
	    RESPONDER_NOTHING },
	{ "UDP length below its header", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_UDP_LENGTH, OCTETS("\x00\x07") } } },
	    VERDICT_UDP_LENGTH, 0, RESPONDER_NOTHING },
	{ "TFTP", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_UDP_DESTINATION, OCTETS("\x00\x45") } } },
	    VERDICT_OTHER_PORT, 0, RESPONDER_FRAME },
	{ "a request to the client's port", { .options =
	    OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_UDP_DESTINATION, OCTETS("\x00\x44") } } },
	    VERDICT_OTHER_PORT, 0, RESPONDER_DHCP },

	{ "a UDP datagram of 8 octets", { .edit = {
	    { AT_IP_LENGTH, OCTETS("\x00\x1c") },
	    { AT_UDP_LENGTH, OCTETS("\x00\x08") } } }, VERDICT_DHCP_SHORT, 0,
	    RESPONDER_FRAME },
	{ "another server's OFFER", { .options =
	    OCTETS("\x35\x01\x02" OPT_PXE OPT_END), .edit = {
	    { AT_UDP, OCTETS("\x00\x43\x00\x44") },
	    { AT_DHCP, OCTETS("\x02") } } }, VERDICT_A_REPLY, 0,
	    RESPONDER_DHCP },
	{ "another server's ACK on 4011", { .base = CRAFT_4011, .options =
	    OCTETS("\x35\x01\x05" OPT_PXE OPT_END), .edit = {
	    { AT_DHCP, OCTETS("\x02") } } }, VERDICT_A_REPLY, 0,
	    RESPONDER_DHCP },
	{ "op 3", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_DHCP, OCTETS("\x03") } } }, VERDICT_BAD_OP, 0,
	    RESPONDER_FRAME },
	{ "hlen 17", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_HLEN, OCTETS("\x11") } } }, VERDICT_BAD_HLEN, 0,
	    RESPONDER_FRAME },
	{ "no cookie", { .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_COOKIE, OCTETS("\0\0\0\0") } } }, VERDICT_NO_COOKIE, 0,
	    RESPONDER_HEADER },
	{ "option 60 one octet short", { .options =
	    OCTETS(OPT_DISCOVER "\x3c\x09PXEClien") },
	    VERDICT_OPTION_TRUNCATED, 0, RESPONDER_HEADER },
	{ "2250 octets of option 43", { .options = OCTETS(OPT_DISCOVER
	    OPT_43_250 OPT_43_250 OPT_43_250 OPT_43_250 OPT_43_250
	    OPT_43_250 OPT_43_250 OPT_43_250 OPT_43_250 OPT_END) },
	    VERDICT_OPTIONS_LONG, 0, RESPONDER_HEADER },
	{ "no message type", { .options = OCTETS(OPT_PXE OPT_END) },
	    VERDICT_NO_TYPE, 0, RESPONDER_HEADER },

	{ "no vendor class", { .options = OCTETS(OPT_DISCOVER OPT_END) },
	    VERDICT_NOT_PXE, 0, RESPONDER_DHCP },
	{ "REQUEST on 67", { .options = OCTETS(OPT_REQUEST OPT_ARCH_7
	    OPT_PXE OPT_END) }, VERDICT_LEASE_REQUEST, 0,
	    RESPONDER_REQUEST },
	{ "INFORM on 67", { .options = OCTETS(OPT_INFORM OPT_ARCH_7 OPT_PXE
	    OPT_END) }, VERDICT_OTHER_MESSAGE, 0, RESPONDER_REQUEST },
	{ "DISCOVER on 4011", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_UEFI) }, VERDICT_OTHER_MESSAGE, 0,
	    RESPONDER_REQUEST },
	{ "REQUEST on 4011 to another server", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = {
	    { AT_IP_DESTINATION, OCTETS("\x0a\x00\x00\x63") } } },
	    VERDICT_NOT_FOR_US, 0, RESPONDER_REQUEST },
	{ "giaddr is ours", { .base = CRAFT_RELAYED,
	    .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_GIADDR, OCTETS("\x0a\x01\x00\x02") } } },
	    VERDICT_BAD_GIADDR, 0, RESPONDER_REQUEST },
	{ "REQUEST on 4011 from a multicast address", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = {
	    { AT_IP_SOURCE, OCTETS("\xe0\x00\x00\x01") },
	    { AT_CIADDR, OCTETS("\xe0\x00\x00\x01") } } },
	    VERDICT_BAD_SOURCE, 0, RESPONDER_REQUEST },
	{ "REQUEST on 4011 from port 53", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = {
	    { AT_UDP, OCTETS("\x00\x35") } } }, VERDICT_SOURCE_PORT, 0,
	    RESPONDER_REQUEST },
	{ "REQUEST on 4011 with another ciaddr", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = {
	    { AT_CIADDR, OCTETS("\x0a\x00\x00\x33") } } },
	    VERDICT_SOURCE_NOT_CIADDR, 0, RESPONDER_REQUEST },
	{ "a relay that is not allowed", { .base = CRAFT_RELAYED,
	    .options = OCTETS(OPTIONS_UEFI), .edit = {
	    { AT_GIADDR, OCTETS("\x0b\x01\x00\x09") } } },
	    VERDICT_RELAY_NOT_ALLOWED, 0, RESPONDER_REQUEST },
	{ "REQUEST on 4011 from a network that is not allowed", {
	    .base = CRAFT_4011, .options = OCTETS(OPTIONS_4011), .edit = {
	    { AT_IP_SOURCE, OCTETS("\x0b\x00\x00\x32") },
	    { AT_CIADDR, OCTETS("\x0b\x00\x00\x32") } } },
	    VERDICT_CLIENT_NOT_ALLOWED, 0, RESPONDER_REQUEST },

	{ "a MAC address to ignore", { .options = OCTETS(OPTIONS_UEFI),
	    .edit = { { AT_CHADDR, OCTETS("\x52\x54\x00\x07") } } },
	    VERDICT_IGNORED, 0, RESPONDER_RULE },
	{ "a BIOS is told to boot from its disk", { .options = OCTETS(
	    OPT_DISCOVER OPT_PXE OPT_ARCH_0 "\x4d\x05local" OPT_END) },
	    VERDICT_OFFER, 1, RESPONDER_DECISION },
	{ "UEFI boots from its disk when nobody answers", { .options = OCTETS(
	    OPT_DISCOVER OPT_PXE OPT_ARCH_7 "\x4d\x05local" OPT_END) },
	    VERDICT_LOCAL, 0, RESPONDER_RULE },
	{ "iPXE on a BIOS too", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    OPT_ARCH_0 "\x4d\x05local\xaf\x00" OPT_END) }, VERDICT_LOCAL, 0,
	    RESPONDER_RULE },
	{ "and there is nothing to ask on 4011", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_0
	    "\x4d\x05local" OPT_END) }, VERDICT_LOCAL, 0, RESPONDER_RULE },
	{ "a stray giaddr on 4011 is nobody's", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = {
	    { AT_GIADDR, OCTETS("\x0b\x01\x00\x09") } } }, VERDICT_ACK, 1,
	    RESPONDER_DECISION },
	{ "all are asked on 4011 for the boot file", { .base = CRAFT_4011,
	    .options = OCTETS(OPTIONS_4011), .edit = {
	    { AT_TO, OCTETS("\x01\x00\x5e\x00\x01\x02") },
	    { AT_IP_DESTINATION, OCTETS("\xe0\x00\x01\x02") } } },
	    VERDICT_NO_ITEM, 0, RESPONDER_RULE },
	{ "all are asked on 4011 for an item that is not ours", {
	    .base = CRAFT_4011, .options = OCTETS(OPT_REQUEST OPT_PXE
	    OPT_ARCH_0 "\x4d\x04menu\x2b\x07\x47\x04\x00\x0f\x00\x00\xff"
	    OPT_END), .edit = {
	    { AT_TO, OCTETS("\x01\x00\x5e\x00\x01\x02") },
	    { AT_IP_DESTINATION, OCTETS("\xe0\x00\x01\x02") } } },
	    VERDICT_NO_ITEM, 0, RESPONDER_RULE },
	{ "all are asked on 4011 for an item of ours", {
	    .base = CRAFT_4011, .options = OCTETS(OPT_REQUEST OPT_PXE
	    OPT_ARCH_0 "\x4d\x04menu\x2b\x07\x47\x04\x80\x01\x00\x00\xff"
	    OPT_END), .edit = {
	    { AT_TO, OCTETS("\x01\x00\x5e\x00\x01\x02") },
	    { AT_IP_DESTINATION, OCTETS("\xe0\x00\x01\x02") } } },
	    VERDICT_ACK, 1, RESPONDER_DECISION },
	{ "no architecture", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    OPT_END) }, VERDICT_NO_ARCH, 0, RESPONDER_RULE },
	{ "arch 42", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    "\x5d\x02\x00\x2a" OPT_END) }, VERDICT_ARCH_UNKNOWN, 0,
	    RESPONDER_RULE },
	{ "arch 8", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    "\x5d\x02\x00\x08" OPT_END) }, VERDICT_ARCH_NO_FILE, 0,
	    RESPONDER_RULE },
	{ "a PXE client and a rule of the form http", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE OPT_ARCH_7 "\x4d\x04http" OPT_END) },
	    VERDICT_NOT_HTTP_CLIENT, 0, RESPONDER_RULE },
	{ "a standby, at once", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    OPT_ARCH_7 "\x4d\x07standby" OPT_END) }, VERDICT_TOO_SOON, 0,
	    RESPONDER_RULE },
	{ "a standby, after 8 s", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    OPT_ARCH_7 "\x4d\x07standby" OPT_END), .edit = {
	    { AT_SECS, OCTETS("\x00\x08") } } }, VERDICT_OFFER, 1,
	    RESPONDER_DECISION },
	{ "a standby, after 12 s with the octets swapped", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE OPT_ARCH_7 "\x4d\x07standby"
	    OPT_END), .edit = { { AT_SECS, OCTETS("\x0c\x00") } } },
	    VERDICT_OFFER, 1, RESPONDER_DECISION },
	{ "a standby has nothing to wait for with iPXE", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE OPT_ARCH_7 "\x4d\x07standby"
	    "\xaf\x00" OPT_END) }, VERDICT_OFFER, 1, RESPONDER_DECISION },
	{ "a standby answers at once on 4011", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_7
	    "\x4d\x07standby" OPT_END) }, VERDICT_ACK, 1,
	    RESPONDER_DECISION },
	{ "redirect makes no OFFER", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    OPT_ARCH_7 "\x4d\x08redirect" OPT_END) }, VERDICT_REDIRECT, 0,
	    RESPONDER_RULE },
	{ "redirect answers on 4011", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_7
	    "\x4d\x08redirect" OPT_END) }, VERDICT_ACK, 1,
	    RESPONDER_DECISION },
	{ "a menu is offered", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    OPT_ARCH_0 "\x4d\x04menu" OPT_END) }, VERDICT_OFFER, 1,
	    RESPONDER_DECISION },
	{ "a menu's item is asked for", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_0 "\x4d\x04menu"
	    "\x2b\x07\x47\x04\x80\x01\x00\x00\xff" OPT_END) },
	    VERDICT_ACK, 1, RESPONDER_DECISION },
	{ "a menu's item is asked for by broadcast", { .options =
	    OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_0 "\x4d\x04menu"
	    "\x2b\x07\x47\x04\x80\x01\x00\x00\xff" OPT_END), .edit = {
	    { AT_FLAGS, OCTETS("\x80\x00") },
	    { AT_IP_SOURCE, OCTETS("\x0a\x00\x00\x32") },
	    { AT_CIADDR, OCTETS("\x0a\x00\x00\x32") } } }, VERDICT_ACK, 1,
	    RESPONDER_DECISION },
	{ "an item request for who gets no menu", { .options =
	    OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_0
	    "\x2b\x07\x47\x04\x80\x01\x00\x00\xff" OPT_END), .edit = {
	    { AT_FLAGS, OCTETS("\x80\x00") },
	    { AT_IP_SOURCE, OCTETS("\x0a\x00\x00\x32") },
	    { AT_CIADDR, OCTETS("\x0a\x00\x00\x32") } } },
	    VERDICT_LEASE_REQUEST, 0, RESPONDER_RULE },
	{ "a menu has no fourth item", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_0 "\x4d\x04menu"
	    "\x2b\x07\x47\x04\x80\x03\x00\x00\xff" OPT_END) },
	    VERDICT_NO_ITEM, 0, RESPONDER_RULE },
	{ "a menu's local disk", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_0 "\x4d\x04menu"
	    "\x2b\x07\x47\x04\x80\x02\x00\x00\xff" OPT_END) },
	    VERDICT_NO_ITEM, 0, RESPONDER_RULE },
	{ "a menu's item of type 0x7fff", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_0 "\x4d\x04menu"
	    "\x2b\x07\x47\x04\x7f\xff\x00\x00\xff" OPT_END) },
	    VERDICT_NO_ITEM, 0, RESPONDER_RULE },
	{ "a menu's item with a signature", { .base = CRAFT_4011,
	    .options = OCTETS(OPT_REQUEST OPT_PXE OPT_ARCH_0 "\x4d\x04menu"
	    "\x2b\x07\x47\x04\x80\x00\x80\x00\xff" OPT_END) },
	    VERDICT_NO_ITEM, 0, RESPONDER_RULE },
	{ "a VLAN's file, tagged", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    OPT_ARCH_7 "\x4d\x04vlan" OPT_END),
	    .tags = OCTETS("\x81\x00\x00\x0a") }, VERDICT_OFFER, 1,
	    RESPONDER_DECISION },
	{ "a VLAN's file, untagged", { .options = OCTETS(OPT_DISCOVER OPT_PXE
	    OPT_ARCH_7 "\x4d\x04vlan" OPT_END) }, VERDICT_NO_VALUE, 0,
	    RESPONDER_RULE },
	{ "a next-server with a name in it", { .options = OCTETS(OPT_DISCOVER
	    OPT_PXE OPT_ARCH_7 "\x4d\x06server" OPT_END) },
	    VERDICT_BAD_NEXT_SERVER, 0, RESPONDER_RULE },
	{ "U-Boot, by a rule that means it", { .options = OCTETS(OPT_DISCOVER
	    "\x3c\x0cU-Boot.armv8" "\x5d\x02\x00\x16" OPT_END) },
	    VERDICT_OFFER, 1, RESPONDER_DECISION },
	{ "a file that is too long as a URL", { .options =
	    OCTETS(OPT_DISCOVER OPT_HTTP_00016 "\x4d\x04long" OPT_END) },
	    VERDICT_FILE_LONG, 0, RESPONDER_RULE },
	{ "500 octets of option 82 and room for 548", { .options =
	    OCTETS(OPT_DISCOVER OPT_PXE OPT_ARCH_7 OPT_82_250 OPT_82_250
	    OPT_END) }, VERDICT_REPLY_LONG, 0, RESPONDER_DECISION },
};

/* Answer one row, twice, and look whether all that must hold does. */
static enum verdict
answer(size_t row, struct responder_exchange *x)
{
	const char *what = frames[row].what, *fault;
	struct heap heap = craft_frame(&frames[row].craft);
	struct reply_identity identity = us();
	static struct responder_exchange again;
	enum verdict verdict;

	memset(x, 0xa5, sizeof(*x));
	memset(&again, 0x5a, sizeof(again));
	verdict = responder_answer(&policy, &identity, heap_span(heap), x);
	(void)responder_answer(&policy, &identity, heap_span(heap), &again);
	ck_assert_msg(verdict == x->verdict, "%s: two verdicts", what);
	fault = invariant_broken(x, &identity);
	ck_assert_msg(fault == NULL, "%s: %s", what, fault);
	fault = invariant_differs(x, &again);
	ck_assert_msg(fault == NULL, "%s: the second time differs in %s",
	    what, fault);
	heap_free(heap);
	return verdict;
}

START_TEST(test_frame)
{
	const char *what = frames[_i].what;
	static struct responder_exchange x;
	enum verdict verdict = answer((size_t)_i, &x);

	ck_assert_msg(verdict == frames[_i].verdict, "%s: %s, not %s", what,
	    verdict_name(verdict), verdict_name(frames[_i].verdict));
	ck_assert_msg(x.replies == frames[_i].replies, "%s: %u answers",
	    what, x.replies);
	ck_assert_msg(x.step == frames[_i].step, "%s: step %d", what,
	    (int)x.step);
}
END_TEST

/* A verdict that no row reaches would be one that nobody has tested. */
START_TEST(test_every_verdict)
{
	bool reached[VERDICT_COUNT] = { false };
	static struct responder_exchange x;

	for (size_t row = 0; row < ROWS(frames); row++)
		reached[answer(row, &x)] = true;
	/* The rates are the shell's: one frame by itself is never too many. */
	reached[VERDICT_CLIENT_RATE] = reached[VERDICT_TOTAL_RATE] = true;
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		ck_assert_msg(reached[v], "no frame gets the verdict %s",
		    verdict_name((enum verdict)v));
}
END_TEST

/* Each sound frame, cut at every length: no answer, and no read beyond. */
START_TEST(test_cut)
{
	struct heap whole = craft_frame(&frames[_i].craft);
	size_t packet = whole.n - frames[_i].craft.padding;
	struct reply_identity identity = us();
	static struct responder_exchange x;

	for (size_t n = 0; n < whole.n; n++) {
		struct heap cut = heap_of(whole.p, n);
		enum verdict verdict = responder_answer(&policy, &identity,
		    heap_span(cut), &x);
		const char *fault = invariant_broken(&x, &identity);

		ck_assert_msg(fault == NULL, "%s, cut at %zu: %s",
		    frames[_i].what, n, fault);
		ck_assert_msg(n >= packet || !verdict_answered(verdict),
		    "%s, cut at %zu: answered", frames[_i].what, n);
		heap_free(cut);
	}
	heap_free(whole);
}
END_TEST

/* What is known of a frame, step by step, for those who report on it. */
START_TEST(test_exchange)
{
	static struct responder_exchange x;

	for (size_t row = 0; row < ROWS(frames); row++) {
		(void)answer(row, &x);
		if (x.step >= RESPONDER_FRAME)
			ck_assert(x.frame.payload.p != NULL);
		if (x.step >= RESPONDER_HEADER)
			ck_assert_uint_eq(x.dhcp.xid, frames[row].craft.base ==
			    CRAFT_4011 ? 0xcafef00d : 0xdeadbeef);
		if (x.step >= RESPONDER_REQUEST) {
			ck_assert_ptr_eq(x.request.frame, &x.frame);
			ck_assert_ptr_eq(x.request.dhcp, &x.dhcp);
		}
		if (x.step >= RESPONDER_RULE)
			ck_assert_ptr_nonnull(x.decision.rule->name);
	}
}
END_TEST

/* No octet at all. */
START_TEST(test_no_frame)
{
	struct reply_identity identity = us();
	static struct responder_exchange x;

	ck_assert_int_eq(responder_answer(&policy, &identity,
	    (struct span){ NULL, 0 }, &x), VERDICT_FRAME_SHORT);
	ck_assert_uint_eq(x.replies, 0);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("responder");
	TCase *tc = tcase_create("responder");

	tcase_add_loop_test(tc, test_frame, 0, ROWS(frames));
	tcase_add_test(tc, test_every_verdict);
	tcase_add_loop_test(tc, test_cut, 0, ROWS(frames));
	tcase_add_test(tc, test_exchange);
	tcase_add_test(tc, test_no_frame);
	suite_add_tcase(s, tc);
	return s;
}
