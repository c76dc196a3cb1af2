#include "core/template.h"

enum { LABEL_MAX = 63 };	/* octets in a label (RFC 1035 section 2.3.4) */

static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

/* By hand, as below: the core has no stdio. */
static void
write_decimal(struct span_writer *w, uint16_t value)
{
	enum { DIGITS = 5 };
	uint8_t digits[DIGITS];
	size_t at = DIGITS;

	do
		digits[--at] = (uint8_t)('0' + value % 10);
	while ((value /= 10) > 0);
	write_octets(w, (struct span){ digits + at, DIGITS - at });
}

static void
write_hex_octet(struct span_writer *w, uint8_t octet, const char *digits)
{
	write_u8(w, (uint8_t)digits[octet >> 4]);
	write_u8(w, (uint8_t)digits[octet & 0xf]);
}

void
template_write_text(struct span_writer *w, const char *text)
{
	write_octets(w, span_text(text));
}

void
template_write_hex(struct span_writer *w, struct span octets, char between)
{
	bool first = true;
	uint8_t octet;

	while (span_u8(&octets, &octet)) {
		if (!first && between != '\0')
			write_u8(w, (uint8_t)between);
		first = false;
		write_hex_octet(w, octet, lower);
	}
}

/* Write 0..255 at out; its end. */
static uint8_t *
put_octet(uint8_t *out, unsigned value)
{
	if (value >= 100)
		*out++ = (uint8_t)('0' + value / 100);
	if (value >= 10)
		*out++ = (uint8_t)('0' + value / 10 % 10);
	*out++ = (uint8_t)('0' + value % 10);
	return out;
}

/* By hand: the core has no stdio and no inet_ntop(). */
void
template_write_dotted(struct span_writer *w, struct in_addr address)
{
	uint32_t host = ntohl(address.s_addr);
	uint8_t text[INET_ADDRSTRLEN], *at = text;

	for (unsigned shift = 24; shift > 0; shift -= 8) {
		at = put_octet(at, host >> shift & 0xff);
		*at++ = '.';
	}
	at = put_octet(at, host & 0xff);
	write_octets(w, (struct span){ text, (size_t)(at - text) });
}

void
template_write_uuid(struct span_writer *w, struct span uuid)
{
	static const uint8_t groups[] = { 4, 2, 2, 2, 6 };
	struct span group;

	for (size_t i = 0; i < sizeof(groups); i++) {
		if (!span_take(&uuid, groups[i], &group))
			return;
		if (i > 0)
			write_u8(w, '-');
		template_write_hex(w, group, '\0');
	}
}

/*
 * The variables.
 */

static enum template_outcome
put_mac(struct span_writer *w, const struct template_values *values,
    char between)
{
	const struct dhcp *dhcp = values->request->dhcp;

	if (dhcp->hlen == 0)
		return TEMPLATE_UNKNOWN;
	template_write_hex(w, (struct span){ dhcp->chaddr, dhcp->hlen },
	    between);
	return TEMPLATE_DONE;
}

static enum template_outcome
put_mac_colon(struct span_writer *w, const struct template_values *values)
{
	return put_mac(w, values, ':');
}

static enum template_outcome
put_mac_hyphen(struct span_writer *w, const struct template_values *values)
{
	return put_mac(w, values, '-');
}

static enum template_outcome
put_mac_plain(struct span_writer *w, const struct template_values *values)
{
	return put_mac(w, values, '\0');
}

static enum template_outcome
put_uuid(struct span_writer *w, const struct template_values *values)
{
	struct span uuid;

	if (!pxe_uuid(values->request, &uuid))
		return TEMPLATE_UNKNOWN;
	template_write_uuid(w, uuid);
	return TEMPLATE_DONE;
}

static enum template_outcome
put_arch(struct span_writer *w, const struct template_values *values)
{
	const struct pxe_request *request = values->request;
	const struct arch *arch;

	if (!request->has_arch)
		return TEMPLATE_UNKNOWN;
	if ((arch = arch_by_number(request->arch)) != NULL)
		template_write_text(w, arch->name);
	else
		write_decimal(w, request->arch);
	return TEMPLATE_DONE;
}

static enum template_outcome
put_vlan(struct span_writer *w, const struct template_values *values)
{
	const struct frame *frame = values->request->frame;

	if (frame->tags == 0)
		return TEMPLATE_UNKNOWN;
	write_decimal(w, frame_vlan(frame->tag[0]));
	return TEMPLATE_DONE;
}

/* A DISCOVER's ciaddr is 0, or means nothing. */
static enum template_outcome
client_address(const struct template_values *values, struct in_addr *out)
{
	if (!pxe_has_address(values->request))
		return values->is_last ? TEMPLATE_UNKNOWN : TEMPLATE_LATER;
	*out = values->request->dhcp->ciaddr;
	return TEMPLATE_DONE;
}

static enum template_outcome
put_ip(struct span_writer *w, const struct template_values *values)
{
	struct in_addr address;
	enum template_outcome outcome = client_address(values, &address);

	if (outcome == TEMPLATE_DONE)
		template_write_dotted(w, address);
	return outcome;
}

static enum template_outcome
put_ip_hex(struct span_writer *w, const struct template_values *values)
{
	struct in_addr address;
	enum template_outcome outcome = client_address(values, &address);
	uint8_t octet[sizeof(address.s_addr)];

	if (outcome != TEMPLATE_DONE)
		return outcome;
	memcpy(octet, &address.s_addr, sizeof(octet));
	for (size_t i = 0; i < sizeof(octet); i++)
		write_hex_octet(w, octet[i], upper);
	return outcome;
}

static enum template_outcome
put_server(struct span_writer *w, const struct template_values *values)
{
	template_write_dotted(w, values->server);
	return TEMPLATE_DONE;
}

static enum template_outcome
put_next_server(struct span_writer *w, const struct template_values *values)
{
	if (!values->has_next_server)
		return TEMPLATE_UNKNOWN;
	template_write_dotted(w, values->next_server);
	return TEMPLATE_DONE;
}

static enum template_outcome
put_relay(struct span_writer *w, const struct template_values *values)
{
	struct in_addr giaddr = values->request->dhcp->giaddr;

	/* On port 4011 giaddr means nothing. */
	if (values->request->on_4011 || giaddr.s_addr == htonl(INADDR_ANY))
		return TEMPLATE_UNKNOWN;
	template_write_dotted(w, giaddr);
	return TEMPLATE_DONE;
}

static enum template_outcome
put_interface(struct span_writer *w, const struct template_values *values)
{
	if (values->request->interface == NULL)
		return TEMPLATE_UNKNOWN;
	template_write_text(w, values->request->interface);
	return TEMPLATE_DONE;
}

/*
 * The client's name (option 12) where it is a label of RFC 1123 section 2.1,
 * of letters, digits and hyphens: nothing else may get into a path.  Some
 * clients send a NUL behind it.
 */
static enum template_outcome
put_hostname(struct span_writer *w, const struct template_values *values)
{
	struct span name, rest, label;
	size_t n = 0;
	uint8_t c;

	if (!dhcp_option(values->request->dhcp, DHCP_OPT_HOST_NAME, &name))
		return TEMPLATE_UNKNOWN;
	for (rest = name; span_u8(&rest, &c) && c != '\0'; n++)
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-')
			return TEMPLATE_UNKNOWN;
	if (n == 0 || n > LABEL_MAX || rest.n > 0 ||
	    !span_take(&name, n, &label))
		return TEMPLATE_UNKNOWN;
	write_octets(w, label);
	return TEMPLATE_DONE;
}

static const struct {
	const char *name;
	enum template_outcome (*put)(struct span_writer *w,
	    const struct template_values *values);
} variables[] = {
	{ "mac", put_mac_colon },
	{ "mac-hyphen", put_mac_hyphen },
	{ "mac-plain", put_mac_plain },
	{ "uuid", put_uuid },
	{ "arch", put_arch },
	{ "ip", put_ip },
	{ "ip-hex", put_ip_hex },
	{ "vlan", put_vlan },
	{ "server", put_server },
	{ "next-server", put_next_server },
	{ "relay", put_relay },
	{ "interface", put_interface },
	{ "hostname", put_hostname },
};

enum { VARIABLES = sizeof(variables) / sizeof(variables[0]) };

const char *
template_variable(size_t n)
{
	return n < VARIABLES ? variables[n].name : NULL;
}

/* VARIABLES where there is none of that name. */
static size_t
variable_by_name(struct span name)
{
	size_t i;

	for (i = 0; i < VARIABLES; i++)
		if (span_equal(name, span_text(variables[i].name)))
			break;
	return i;
}

bool
template_next(struct span *rest, struct span *before, struct span *name)
{
	struct span start = *rest, scan = *rest, look;
	size_t n = 0;
	uint8_t c;

	while (!span_begins(scan, SPAN_OF("${")) && span_skip(&scan, 1))
		n++;
	look = scan;
	if (span_skip(&look, 2)) {
		struct span inside = look;
		size_t length = 0;

		while (span_u8(&look, &c) && c != '}')
			length++;
		if (span_take(&inside, length, name) &&
		    span_skip(&inside, 1) && span_take(rest, n, before)) {
			*rest = inside;
			return true;
		}
	}
	*before = start;
	*rest = (struct span){ 0 };
	return false;
}

/* Cut NAME:-DEFAULT in two; false where there is no default. */
static bool
cut_default(struct span *name, struct span *otherwise)
{
	struct span rest = *name, head;
	size_t n = 0;

	while (!span_begins(rest, SPAN_OF(":-"))) {
		if (!span_skip(&rest, 1))
			return false;
		n++;
	}
	head = *name;
	if (!span_skip(&rest, 2) || !span_take(&head, n, name))
		return false;
	*otherwise = rest;
	return true;
}

/* Write what stands for NAME or NAME:-DEFAULT. */
static enum template_outcome
put_variable(struct span_writer *w, struct span name,
    const struct template_values *values)
{
	struct span otherwise = { 0 };
	bool has_default = cut_default(&name, &otherwise);
	size_t i = variable_by_name(name);
	enum template_outcome outcome = i == VARIABLES ? TEMPLATE_UNKNOWN :
	    variables[i].put(w, values);

	if (outcome != TEMPLATE_UNKNOWN || !has_default)
		return outcome;
	write_octets(w, otherwise);
	return TEMPLATE_DONE;
}

enum template_outcome
template_write(struct span_writer *w, const char *text,
    const struct template_values *values)
{
	struct span rest = span_text(text), before, name;
	enum template_outcome outcome;
	bool more;

	do {
		more = template_next(&rest, &before, &name);
		write_octets(w, before);
		if (more) {
			outcome = put_variable(w, name, values);
			if (outcome != TEMPLATE_DONE)
				return outcome;
		}
	} while (more);
	return w->full ? TEMPLATE_FULL : TEMPLATE_DONE;
}

const char *
template_fault(const char *text)
{
	struct span rest = span_text(text), before, name, otherwise;

	while (template_next(&rest, &before, &name)) {
		const char *at = (const char *)name.p;

		(void)cut_default(&name, &otherwise);
		if (variable_by_name(name) == VARIABLES)
			return at;
	}
	return NULL;
}

bool
template_has_variables(const char *text)
{
	struct span rest = span_text(text), before, name;

	return template_next(&rest, &before, &name);
}
