#include "core/pxe.h"

enum {
	IP_SIZE_MIN = 576,		/* RFC 2132 section 9.10 */
	PXE_BOOT_ITEM = 71,		/* PXE 2.1, option 43 */
	BOOT_ITEM_SIZE = 4,		/* type and layer, 16 bits each */
	ARCH_SIZE = 2,
	ARCH_DIGITS = 5,		/* Arch:00007 */
};

/* Is it that text, or where it is open, does it begin so? */
static bool
fits(struct span octets, struct span text, bool open)
{
	return open ? span_begins(octets, text) : span_equal(octets, text);
}

bool
pxe_has_user_class(const struct pxe_request *request, struct span name,
    bool open)
{
	struct span rest = request->user_class, item;
	bool counted = false;
	uint8_t length;

	if (rest.n == 0)
		return false;
	if (fits(rest, name, open))
		return true;
	while (span_u8(&rest, &length)) {
		/* Items must fill the option, or it is a bare string. */
		if (!span_take(&rest, length, &item))
			return false;
		if (fits(item, name, open))
			counted = true;
	}
	return counted;
}

bool
pxe_relay_item(const struct pxe_request *request, uint8_t code,
    struct span *out)
{
	return request->has_relay &&
	    option_find_relay(request->relay, code, out);
}

struct in_addr
pxe_network(const struct pxe_request *request)
{
	struct in_addr selected;
	struct span value;

	if (request->on_4011)
		return request->dhcp->ciaddr;
	if (pxe_relay_item(request, PXE_LINK_SELECTION, &value) &&
	    value.n == sizeof(selected.s_addr) &&
	    span_address(&value, &selected))
		return selected;
	return request->dhcp->giaddr;
}

/*
 * The best architecture of a list of 16-bit numbers (RFC 4578 section 2.1
 * allows several): the first whose firmware fetches as option 60 says, else
 * the first of the registry, else the first of all.
 */
static bool
read_arch_list(struct span list, enum arch_transport transport, uint16_t *out)
{
	enum { OF_ALL, REGISTERED, FITS } is, best = OF_ALL;
	struct span first = list;
	const struct arch *arch;
	uint16_t number;

	if (list.n % ARCH_SIZE != 0 || !span_be16(&first, out))
		return false;
	while (span_be16(&list, &number)) {
		arch = arch_by_number(number);
		is = arch == NULL ? OF_ALL :
		    arch->transport == transport ? FITS : REGISTERED;
		if (is > best) {
			best = is;
			*out = number;
		}
	}
	return true;
}

/* The digits of PXEClient:Arch:00007:UNDI:003016 (PXE 2.1 section 2.2.1). */
static bool
read_arch_digits(struct span vendor_class, uint16_t *out)
{
	static const char mark[] = ":Arch:";
	struct span rest = vendor_class, digits;
	uint32_t number = 0;
	uint8_t digit;

	while (!span_begins(rest, SPAN_OF(mark)))
		if (!span_skip(&rest, 1))
			return false;
	if (!span_skip(&rest, sizeof(mark) - 1) ||
	    !span_take(&rest, ARCH_DIGITS, &digits))
		return false;
	while (span_u8(&digits, &digit)) {
		if (digit < '0' || digit > '9')
			return false;
		number = number * 10 + (uint32_t)(digit - '0');
	}
	if (number > UINT16_MAX)
		return false;
	*out = (uint16_t)number;
	return true;
}

/* The value of an option, or an empty span. */
static struct span
optional(const struct dhcp *dhcp, enum dhcp_code code)
{
	struct span value = SPAN_OF("");

	(void)dhcp_option(dhcp, code, &value);
	return value;
}

/* Option 93 first; the digits only if it is absent or malformed. */
static void
read_arch(struct pxe_request *out)
{
	out->has_arch =
	    read_arch_list(optional(out->dhcp, DHCP_OPT_ARCH),
	    out->client == PXE_CLIENT_HTTP ? ARCH_HTTP : ARCH_PXE,
	    &out->arch) ||
	    read_arch_digits(out->vendor_class, &out->arch);
}

/* Is no option of this block cut short? */
static bool
holds_together(struct span block)
{
	struct option option;
	enum option_step step;

	do
		step = option_next(&block, &option);
	while (step == OPTION_ITEM);
	return step == OPTION_DONE;
}

/* The menu item that the client asks for (PXE 2.1, option 43.71). */
static void
read_item(struct pxe_request *out)
{
	struct span vendor = optional(out->dhcp, DHCP_OPT_VENDOR_SPECIFIC);
	struct span item;

	out->has_item = holds_together(vendor) &&
	    option_find(vendor, PXE_BOOT_ITEM, &item) &&
	    item.n == BOOT_ITEM_SIZE &&
	    span_be16(&item, &out->item_type) &&
	    span_be16(&item, &out->item_layer);
}

/*
 * Option 57, if it raises the minimum.  Some clients send less than that, and
 * some swap the octets; the answer is limited to REPLY_SIZE_MAX in any case.
 */
static void
read_max_size(struct pxe_request *out)
{
	struct span value = optional(out->dhcp, DHCP_OPT_MAX_SIZE);
	uint16_t size;

	out->max_size = IP_SIZE_MIN;
	if (value.n == sizeof(size) && span_be16(&value, &size) &&
	    size > IP_SIZE_MIN)
		out->max_size = size;
}

bool
pxe_uuid(const struct pxe_request *request, struct span *out)
{
	struct span rest = request->uuid, uuid;
	uint64_t half[PXE_UUID_OCTETS / sizeof(uint64_t)];
	uint8_t type;

	if (!span_u8(&rest, &type) || type != 0 || rest.n != PXE_UUID_OCTETS)
		return false;
	uuid = rest;
	if (!span_copy(&rest, PXE_UUID_OCTETS, (uint8_t *)half) ||
	    (half[0] | half[1]) == 0 || (half[0] & half[1]) == UINT64_MAX)
		return false;
	*out = uuid;
	return true;
}

void
pxe_uuid_swapped(struct span uuid, uint8_t out[PXE_UUID_OCTETS])
{
	static const uint8_t place[PXE_UUID_OCTETS] = {
		3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
	};
	uint8_t octet;

	for (size_t i = 0; i < PXE_UUID_OCTETS && span_u8(&uuid, &octet); i++)
		out[place[i]] = octet;
}

bool
pxe_has_address(const struct pxe_request *request)
{
	return request->question == PXE_ASKS_BOOT_SERVER &&
	    request->dhcp->ciaddr.s_addr != htonl(INADDR_ANY);
}

uint16_t
pxe_secs(const struct pxe_request *request)
{
	uint16_t secs = request->dhcp->secs;

	/*
	 * A low octet of 0 means that the octets are swapped.  Real values of
	 * 256 and more are then misread, but no firmware asks for so long.
	 */
	return (secs & 0xff) == 0 ? (uint16_t)(secs >> 8) : secs;
}

/* The kind of client, and what the answer has in option 60. */
static void
read_client(struct pxe_request *out, const struct pxe_classes *classes)
{
	static const struct {
		enum pxe_client client;
		struct span prefix;
	} known[] = {
		{ PXE_CLIENT_PXE, { (const uint8_t *)"PXEClient", 9 } },
		{ PXE_CLIENT_HTTP, { (const uint8_t *)"HTTPClient", 10 } },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (span_begins(out->vendor_class, known[i].prefix)) {
			out->client = known[i].client;
			out->echo = known[i].prefix;
			return;
		}
	}
	for (size_t i = 0; i < classes->n; i++) {
		if (span_begins(out->vendor_class, classes->prefix[i])) {
			out->client = PXE_CLIENT_PXE;
			out->echo = classes->prefix[i];
			return;
		}
	}
	out->client = PXE_CLIENT_OTHER;
}

/*
 * A client that chose from a menu asks all boot servers for the item by
 * broadcast (PXE 2.1 section 2.2.3).  A REQUEST for a lease has option 50 or
 * 54; the renewal of a lease has neither, but it has no item.
 */
static bool
is_item_request(const struct pxe_request *request)
{
	struct span value;

	return request->dhcp->type == DHCP_REQUEST && request->has_item &&
	    request->dhcp->ciaddr.s_addr != htonl(INADDR_ANY) &&
	    !dhcp_option(request->dhcp, DHCP_OPT_REQUESTED, &value) &&
	    !dhcp_option(request->dhcp, DHCP_OPT_SERVER_ID, &value);
}

/* Is a message of this type on this port a question to a boot server? */
static bool
read_question(struct pxe_request *out, enum verdict *why)
{
	enum dhcp_type type = out->dhcp->type;

	*why = VERDICT_OTHER_MESSAGE;
	if (out->on_4011) {
		out->question = PXE_ASKS_BOOT_SERVER;
		return type == DHCP_REQUEST || type == DHCP_INFORM;
	}
	if (type == DHCP_DISCOVER) {
		out->question = PXE_ASKS_OFFER;
		return true;
	}
	if (is_item_request(out)) {
		out->question = PXE_ASKS_BOOT_SERVER;
		return true;
	}
	if (type == DHCP_REQUEST)
		*why = VERDICT_LEASE_REQUEST;
	return false;
}

bool
pxe_read(const struct frame *frame, const struct dhcp *dhcp,
    const struct pxe_classes *classes, struct pxe_request *out,
    enum verdict *why)
{
	*out = (struct pxe_request){ .frame = frame, .dhcp = dhcp };
	*why = VERDICT_A_REPLY;
	if (dhcp->op != DHCP_BOOTREQUEST)
		return false;
	*why = VERDICT_OTHER_PORT;
	if (frame->destination_port != DHCP_PORT_SERVER &&
	    frame->destination_port != DHCP_PORT_PXE)
		return false;

	out->on_4011 = frame->destination_port == DHCP_PORT_PXE;
	out->to_group = frame->destination.s_addr == htonl(INADDR_BROADCAST) ||
	    IN_MULTICAST(ntohl(frame->destination.s_addr));
	out->vendor_class = optional(dhcp, DHCP_OPT_VENDOR_CLASS);
	read_client(out, classes);
	*why = VERDICT_NOT_PXE;
	if (out->client == PXE_CLIENT_OTHER &&
	    (!classes->others || out->on_4011 ||
	    dhcp->type != DHCP_DISCOVER))
		return false;

	out->user_class = optional(dhcp, DHCP_OPT_USER_CLASS);
	out->has_uuid = dhcp_option(dhcp, DHCP_OPT_UUID, &out->uuid);
	out->has_relay = dhcp_option(dhcp, DHCP_OPT_RELAY, &out->relay);
	/* iPXE names itself in option 77; FlexBoot and NIC ROMs do not. */
	out->is_ipxe = dhcp_option(dhcp, DHCP_OPT_IPXE, &out->ipxe) ||
	    pxe_has_user_class(out, SPAN_OF("iPXE"), false);
	read_arch(out);
	read_item(out);
	read_max_size(out);
	return read_question(out, why);
}
