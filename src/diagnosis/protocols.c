#include "diagnosis/event.h"

/*
 * The protocols around DHCP, each read as far as a boot shows in it.
 */

enum {
	/* RFC 826 */
	ARP_ETHERNET = 1,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	ARP_IPV4 = 0x0800,
	IPV4_OCTETS = 4,

	/* RFC 792 */
	ICMP_UNREACHABLE = 3,
	ICMP_REST = 6,			/* checksum and what is not used */

	/* RFC 9293 section 3.1 */
	FLAG_FIN = 0x01,
	FLAG_SYN = 0x02,
	FLAG_RST = 0x04,
	FLAG_ACK = 0x10,

	/* RFC 1035 section 4.1.1 */
	DNS_QR = 0x8000,
	DNS_RCODE = 0x000f,
	DNS_LABEL_MAX = 63,

	/* RFC 8415 section 21 */
	DHCPV6_USER_CLASS = 15,
	DHCPV6_VENDOR_CLASS = 16,
	DHCPV6_BOOT_FILE = 59,		/* RFC 5970 section 3.1 */
	DHCPV6_XID = 3,
};

bool
event_read_arp(struct span payload, struct event_arp *out)
{
	uint16_t hardware, protocol, operation;
	uint8_t hardware_length, protocol_length;
	struct event_arp arp;

	if (!span_be16(&payload, &hardware) ||
	    !span_be16(&payload, &protocol) ||
	    !span_u8(&payload, &hardware_length) ||
	    !span_u8(&payload, &protocol_length) ||
	    !span_be16(&payload, &operation) ||
	    !span_copy(&payload, FRAME_MAC, arp.sender) ||
	    !span_address(&payload, &arp.sender_address) ||
	    !span_skip(&payload, FRAME_MAC) ||
	    !span_address(&payload, &arp.target_address))
		return false;
	if (hardware != ARP_ETHERNET || protocol != ARP_IPV4 ||
	    hardware_length != FRAME_MAC || protocol_length != IPV4_OCTETS ||
	    (operation != ARP_REQUEST && operation != ARP_REPLY))
		return false;
	arp.is_reply = operation == ARP_REPLY;
	*out = arp;
	return true;
}

bool
event_read_unreachable(struct span payload, struct event_unreachable *out)
{
	uint8_t type;

	return span_u8(&payload, &type) && type == ICMP_UNREACHABLE &&
	    span_u8(&payload, &out->code) && span_skip(&payload, ICMP_REST) &&
	    packet_read_quoted(payload, &out->quoted, &out->protocol);
}

/* A text with its NUL; what has none is none. */
static bool
read_text(struct span *rest, struct span *out)
{
	struct span look = *rest;
	uint8_t octet;
	size_t n = 0;

	while (span_u8(&look, &octet)) {
		if (octet == 0)
			return span_take(rest, n, out) && span_skip(rest, 1);
		n++;
	}
	return false;
}

/* Decimal digits; false where there are none, or others. */
static bool
read_number(struct span text, uint32_t *out)
{
	uint64_t number = 0;
	uint8_t digit;

	if (text.n == 0)
		return false;
	while (span_u8(&text, &digit)) {
		if (digit < '0' || digit > '9')
			return false;
		number = number * 10 + (uint64_t)(digit - '0');
		if (number > UINT32_MAX)
			return false;
	}
	*out = (uint32_t)number;
	return true;
}

/* Letters as small ones: names of options and headers have no case. */
static bool
is_word(struct span text, struct span word)
{
	uint8_t a, b;

	if (text.n != word.n)
		return false;
	while (span_u8(&text, &a) && span_u8(&word, &b)) {
		if (a >= 'A' && a <= 'Z')
			a = (uint8_t)(a - 'A' + 'a');
		if (a != b)
			return false;
	}
	return true;
}

/* RFC 2347: names and values in turn. */
static void
read_tftp_options(struct span rest, struct event_tftp *out)
{
	struct span name, value;
	uint32_t number;

	while (read_text(&rest, &name) && read_text(&rest, &value)) {
		if (!read_number(value, &number))
			continue;
		if (is_word(name, SPAN_OF("blksize")) &&
		    number <= UINT16_MAX)
			out->block_size = (uint16_t)number;
		if (is_word(name, SPAN_OF("tsize"))) {
			out->asks_size = true;
			out->size = number;
		}
	}
}

bool
event_read_tftp(struct span payload, struct event_tftp *out)
{
	struct span mode;
	uint16_t code;

	if (!span_be16(&payload, &code))
		return false;
	*out = (struct event_tftp){ .code = (enum event_tftp_code)code };
	switch (code) {
	case TFTP_RRQ:
		if (!read_text(&payload, &out->name) ||
		    !read_text(&payload, &mode))
			return false;
		read_tftp_options(payload, out);
		return true;
	case TFTP_OACK:
		read_tftp_options(payload, out);
		return true;
	case TFTP_DATA:
		if (!span_be16(&payload, &out->number))
			return false;
		out->data = payload;
		return true;
	case TFTP_ACK:
		/* Padding of Ethernet is no part of the datagram. */
		return span_be16(&payload, &out->number) && payload.n == 0;
	case TFTP_ERROR:
		if (!span_be16(&payload, &out->number))
			return false;
		if (!read_text(&payload, &out->name))
			out->name = payload;
		return true;
	default:
		return false;
	}
}

/* The words before the next blank or end of line. */
static bool
read_word(struct span *rest, struct span *out)
{
	struct span look = *rest;
	uint8_t octet;
	size_t n = 0;

	while (span_u8(&look, &octet) && octet > ' ')
		n++;
	if (n == 0 || !span_take(rest, n, out))
		return false;
	(void)span_skip(rest, 1);
	return true;
}

/* Content-Length, where it is in this segment (RFC 9110 section 8.6). */
static void
read_http_length(struct span rest, struct event_tcp *out)
{
	struct span look, name, value;

	while (span_skip(&rest, 1)) {
		look = rest;
		if (span_take(&look, sizeof("content-length:") - 1, &name) &&
		    is_word(name, SPAN_OF("content-length:"))) {
			while (span_begins(look, SPAN_OF(" ")))
				(void)span_skip(&look, 1);
			out->has_length = read_word(&look, &value) &&
			    read_number(value, &out->length);
			return;
		}
		if (span_begins(rest, SPAN_OF("\r\n\r\n")))
			return;
	}
}

static bool
read_http(struct span payload, struct event_tcp *out)
{
	struct span word, rest = payload;
	uint32_t status;

	if (!read_word(&rest, &word))
		return false;
	if (span_begins(word, SPAN_OF("HTTP/"))) {
		if (!read_word(&rest, &word) || word.n != 3 ||
		    !read_number(word, &status))
			return false;
		out->step = HTTP_STATUS;
		out->status = (uint16_t)status;
		read_http_length(rest, out);
		return true;
	}
	out->is_head = span_equal(word, SPAN_OF("HEAD"));
	if (!out->is_head && !span_equal(word, SPAN_OF("GET")))
		return false;
	if (!read_word(&rest, &out->path))
		return false;
	out->step = HTTP_REQUEST;
	return true;
}

bool
event_read_tcp(const struct packet *packet, struct event_tcp *out)
{
	unsigned flags = packet->tcp_flags;

	*out = (struct event_tcp){ .step = TCP_DATA };
	if ((flags & FLAG_RST) != 0) {
		out->step = TCP_RST;
		return true;
	}
	if ((flags & FLAG_SYN) != 0) {
		out->step = (flags & FLAG_ACK) != 0 ? TCP_SYN_ACK : TCP_SYN;
		return true;
	}
	if (packet->frame.payload.n > 0 &&
	    read_http(packet->frame.payload, out))
		return true;
	if ((flags & FLAG_FIN) != 0) {
		out->step = TCP_FIN;
		return true;
	}
	return packet->frame.payload.n > 0;
}

/*
 * The name that is asked for, its labels joined by dots (RFC 1035 section
 * 4.1.2).  Questions are not compressed.
 */
static bool
read_dns_name(struct span *rest, struct event_dns *out)
{
	struct span_writer w = { (uint8_t *)out->name, sizeof(out->name), 0,
	    false };
	struct span label;
	uint8_t length;

	for (;;) {
		if (!span_u8(rest, &length) || length > DNS_LABEL_MAX ||
		    !span_take(rest, length, &label))
			return false;
		if (length == 0)
			break;
		if (w.n > 0)
			write_u8(&w, '.');
		write_octets(&w, label);
	}
	out->n_name = w.n;
	return w.n > 0;
}

bool
event_read_dns(struct span payload, struct event_dns *out)
{
	uint16_t flags, questions, answers;

	if (!span_skip(&payload, 2) || !span_be16(&payload, &flags) ||
	    !span_be16(&payload, &questions) ||
	    !span_be16(&payload, &answers) || !span_skip(&payload, 4) ||
	    questions == 0)
		return false;
	*out = (struct event_dns){ .is_answer = (flags & DNS_QR) != 0,
	    .code = (uint8_t)(flags & DNS_RCODE), .answers = answers };
	return read_dns_name(&payload, out);
}

/* Option 16: an enterprise number, then items with their length. */
static void
read_vendor_class(struct span value, struct event_dhcpv6 *out)
{
	uint32_t enterprise;
	uint16_t length;

	if (!span_be32(&value, &enterprise) || !span_be16(&value, &length))
		return;
	out->is_pxe = span_begins(value, SPAN_OF("PXEClient"));
	out->is_http = span_begins(value, SPAN_OF("HTTPClient"));
}

bool
event_read_dhcpv6(struct span payload, struct event_dhcpv6 *out)
{
	uint16_t code, length;
	struct span value;
	uint8_t type;

	if (!span_u8(&payload, &type) || !span_skip(&payload, DHCPV6_XID) ||
	    (type != DHCPV6_SOLICIT && type != DHCPV6_ADVERTISE &&
	    type != DHCPV6_REQUEST && type != DHCPV6_REPLY))
		return false;
	*out = (struct event_dhcpv6){ .type = (enum event_dhcpv6_type)type };
	while (span_be16(&payload, &code) && span_be16(&payload, &length) &&
	    span_take(&payload, length, &value)) {
		if (code == DHCPV6_USER_CLASS)
			out->has_user_class = true;
		else if (code == DHCPV6_VENDOR_CLASS)
			read_vendor_class(value, out);
		else if (code == DHCPV6_BOOT_FILE)
			out->has_boot_file = value.n > 0;
	}
	return true;
}
