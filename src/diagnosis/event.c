#include "diagnosis/event.h"

enum {
	PORT_TFTP = 69,
	PORT_DNS = 53,
	PORT_DHCPV6_CLIENT = 546,
	PORT_DHCPV6_SERVER = 547,
	PORT_FIRST_FREE = 1024,		/* TFTP's transfers use those above */
	LEASE_OPTIONS = 240,		/* octets before the options */
	FILE_AT = 108,

	/* Options that only address servers send (RFC 2132). */
	OPT_MASK = 1,
	OPT_ROUTER = 3,
	OPT_DNS = 6,

	/* Sub-options of option 43 (PXE 2.1, table 2-1). */
	PXE_DISCOVERY_CONTROL = 6,
	PXE_MENU = 9,
	PXE_MENU_PROMPT = 10,
	PXE_SKIPS_DISCOVERY = 8,	/* bit 3 of the first */

	IPXE_PRIORITY = 1,		/* sub-option of option 175 */
};

/* The text up to its first NUL. */
static struct span
to_nul(struct span text)
{
	struct span rest = text, head;
	uint8_t octet;
	size_t n = 0;

	while (span_u8(&rest, &octet) && octet != 0)
		n++;
	if (!span_take(&text, n, &head))
		return text;
	return head;
}

static void
address_option(struct span value, struct in_addr *out)
{
	(void)span_address(&value, out);
}

/*
 * EDK2 writes a NUL behind the value of option 67, wherever that is.  A value
 * that is the last one, and brings no NUL of its own, so loses the end option
 * behind it, and the whole message with it.
 */
static void
read_bootfile(struct span value, struct span rest, struct event_reply *out)
{
	struct span name = to_nul(value);
	uint8_t code;

	out->has_option_67 = name.n > 0;
	out->file = name;
	out->option_67_spoils = name.n == value.n &&
	    span_u8(&rest, &code) && code == OPTION_END;
}

static void
read_lease_options(struct span options, struct event_reply *out)
{
	struct option option;

	while (option_next(&options, &option) == OPTION_ITEM) {
		switch (option.code) {
		case OPT_MASK:
			address_option(option.value, &out->mask);
			break;
		case OPT_ROUTER:
			address_option(option.value, &out->router);
			break;
		case OPT_DNS:
			address_option(option.value, &out->dns);
			break;
		case DHCP_OPT_BOOTFILE:
			read_bootfile(option.value, options, out);
			break;
		default:
			break;
		}
	}
}

static void
read_pxe_options(struct span vendor, struct event_reply *out)
{
	struct option option;
	uint8_t control;

	while (option_next(&vendor, &option) == OPTION_ITEM) {
		if (option.code >= PXE_DISCOVERY_CONTROL &&
		    option.code <= PXE_MENU_PROMPT)
			out->has_pxe_options = true;
		if (option.code == PXE_MENU)
			out->has_menu = true;
		if (option.code == PXE_DISCOVERY_CONTROL &&
		    span_u8(&option.value, &control))
			out->skips_discovery =
			    (control & PXE_SKIPS_DISCOVERY) != 0;
	}
}

static struct span
optional(const struct dhcp *dhcp, enum dhcp_code code)
{
	struct span value = { 0 };

	(void)dhcp_option(dhcp, code, &value);
	return value;
}

static void
read_reply(const struct packet *packet, const struct dhcp *dhcp,
    struct event_reply *out)
{
	struct span file = packet->frame.payload, options = file, name, value;
	struct span vendor_class = optional(dhcp, DHCP_OPT_VENDOR_CLASS);
	uint8_t priority;

	*out = (struct event_reply){ .server = packet->frame.source,
	    .address = dhcp->yiaddr, .next = dhcp->siaddr };
	value = optional(dhcp, DHCP_OPT_SERVER_ID);
	(void)span_address(&value, &out->server);
	if (span_skip(&options, LEASE_OPTIONS))
		read_lease_options(options, out);
	if (span_skip(&file, FILE_AT) && span_take(&file, DHCP_FILE, &name)) {
		name = to_nul(name);
		out->has_header_file = name.n > 0;
		if (!out->has_option_67)
			out->file = name;
	}
	out->says_pxe = span_begins(vendor_class, SPAN_OF("PXEClient"));
	out->says_http = span_begins(vendor_class, SPAN_OF("HTTPClient"));
	read_pxe_options(optional(dhcp, DHCP_OPT_VENDOR_SPECIFIC), out);
	if (option_find(optional(dhcp, DHCP_OPT_IPXE), IPXE_PRIORITY,
	    &value) && span_u8(&value, &priority))
		out->has_priority = priority > 0 && priority < 0x80;
}

static void
read_request(const struct packet *packet, const struct dhcp *dhcp,
    struct event_request *out)
{
	static const struct pxe_classes any = { NULL, 0, true };
	struct span vendor_class, value;
	enum verdict why;

	(void)pxe_read(&packet->frame, dhcp, &any, &out->read, &why);
	vendor_class = optional(dhcp, DHCP_OPT_VENDOR_CLASS);
	out->is_uboot = span_begins(vendor_class, SPAN_OF("U-Boot"));
	out->is_boot = out->read.client != PXE_CLIENT_OTHER ||
	    out->is_uboot || out->read.has_arch ||
	    dhcp_option(dhcp, DHCP_OPT_UNDI, &value);
	out->server = out->wanted = (struct in_addr){ INADDR_ANY };
	value = optional(dhcp, DHCP_OPT_SERVER_ID);
	(void)span_address(&value, &out->server);
	value = optional(dhcp, DHCP_OPT_REQUESTED);
	(void)span_address(&value, &out->wanted);
}

static enum event_kind
read_dhcp(struct event *out)
{
	enum verdict why;

	if (!dhcp_read(out->packet.frame.payload, &out->dhcp, &why))
		return EVENT_NONE;
	if (out->dhcp.op == DHCP_BOOTREQUEST) {
		read_request(&out->packet, &out->dhcp, &out->is.request);
		return EVENT_REQUEST;
	}
	read_reply(&out->packet, &out->dhcp, &out->is.reply);
	return EVENT_REPLY;
}

static bool
is_dhcp(const struct frame *frame)
{
	return frame->destination_port == DHCP_PORT_SERVER ||
	    frame->destination_port == DHCP_PORT_CLIENT ||
	    frame->destination_port == DHCP_PORT_PXE ||
	    frame->source_port == DHCP_PORT_PXE;
}

/* Which of the protocols over UDP is it?  By its ports, then by itself. */
static enum event_kind
read_udp(struct event *out)
{
	const struct frame *frame = &out->packet.frame;

	if (is_dhcp(frame))
		return read_dhcp(out);
	if (frame->source_port == PORT_DNS ||
	    frame->destination_port == PORT_DNS)
		return event_read_dns(frame->payload, &out->is.dns) ?
		    EVENT_DNS : EVENT_NONE;
	if (!event_read_tftp(frame->payload, &out->is.tftp))
		return EVENT_NONE;
	if (out->is.tftp.code == TFTP_RRQ)
		return frame->destination_port == PORT_TFTP ? EVENT_TFTP :
		    EVENT_NONE;
	return (frame->source_port >= PORT_FIRST_FREE ||
	    frame->source_port == PORT_TFTP) &&
	    (frame->destination_port >= PORT_FIRST_FREE ||
	    frame->destination_port == PORT_TFTP) ?
	    EVENT_TFTP : EVENT_NONE;
}

static enum event_kind
read_udp6(struct event *out)
{
	const struct frame *frame = &out->packet.frame;

	if (frame->destination_port != PORT_DHCPV6_SERVER &&
	    frame->destination_port != PORT_DHCPV6_CLIENT)
		return EVENT_NONE;
	return event_read_dhcpv6(frame->payload, &out->is.dhcpv6) ?
	    EVENT_DHCPV6 : EVENT_NONE;
}

static enum event_kind
read_kind(struct event *out)
{
	struct span payload = out->packet.frame.payload;

	switch (out->packet.kind) {
	case PACKET_ARP:
		return event_read_arp(payload, &out->is.arp) ? EVENT_ARP :
		    EVENT_NONE;
	case PACKET_ICMP:
		if (!event_read_unreachable(payload, &out->is.unreachable))
			return EVENT_NONE;
		out->is.unreachable.teller = out->packet.frame.source;
		return EVENT_UNREACHABLE;
	case PACKET_TCP:
		return event_read_tcp(&out->packet, &out->is.tcp) ?
		    EVENT_TCP : EVENT_NONE;
	case PACKET_UDP:
		return read_udp(out);
	case PACKET_UDP6:
		return read_udp6(out);
	}
	return EVENT_NONE;
}

enum event_kind
event_read(struct span octets, struct event *out)
{
	out->kind = EVENT_NONE;
	if (packet_read(octets, &out->packet))
		out->kind = read_kind(out);
	return out->kind;
}
