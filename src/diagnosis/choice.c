#include "diagnosis/choice.h"

#include "core/option.h"

enum {
	/* Sub-options of option 43 (PXE 2.1, table 2-1). */
	PXE_BOOT_SERVERS = 8,
	PXE_BOOT_MENU = 9,

	FOR_UEFI = 1 << MACHINE_UEFI,
	FOR_BIOS = 1 << MACHINE_BIOS,
	FOR_HTTP = 1 << MACHINE_HTTP,
	FOR_IPXE = 1 << MACHINE_IPXE,
	FOR_PXE = FOR_UEFI | FOR_BIOS,
};

/* What follows when a row is taken. */
enum choice_next {
	FETCHES,		/* the file of the OFFER */
	ASKS,			/* port 4011 of its next-server, else of
				 * itself */
	OBEYS,			/* option 43: fetches, or shows a menu */
	ASKS_IF_EMPTY,		/* the same of itself, where the OFFER has not
				 * file and server */
};

/* A row needs a lease of the first type, and an OFFER of the second. */
struct choice_row {
	unsigned clients;
	enum choice_type lease, boot;	/* CHOICE_DROPPED: none; the lease's
					 * own */
	bool needs_file, needs_dns;
	enum choice_next next;
	const char *name;
	const char *why;
};

/*
 * EDK2's PxeBcSelectOffer() and HttpBootSelectDhcpOffer(), in their order.
 * ROMs of a BIOS keep the same one, as far as their relatives show.
 */
static const struct choice_row rows[] = {
	{ FOR_PXE, CHOICE_LEASE_OPTIONS, CHOICE_DROPPED, false, false, OBEYS,
	  "pool-pxe-options",
	  "the address server's option 43 speaks of PXE, and that goes before "
	  "every boot server" },
	{ FOR_PXE, CHOICE_LEASE, CHOICE_PROXY_OPTIONS, false, false, OBEYS,
	  "boot-server-options",
	  "a boot server's OFFER whose option 43 speaks of PXE goes before all "
	  "that must be asked on port 4011 (UEFI of 2010 to 2017 drops it)" },
	{ FOR_PXE, CHOICE_LEASE_PXE, CHOICE_DROPPED, false, false, ASKS,
	  "pool-says-pxeclient",
	  "the address server says PXEClient, so it counts as the boot server, "
	  "and that goes before others" },
	{ FOR_PXE, CHOICE_LEASE, CHOICE_PROXY_PXE, false, false, ASKS,
	  "boot-server",
	  "a boot server's OFFER goes before a file that the address server "
	  "names" },
	{ FOR_PXE, CHOICE_LEASE, CHOICE_DROPPED, true, false, FETCHES,
	  "pool-file", "no boot server made an OFFER that counts, and the "
	  "address server names a file" },

	{ FOR_HTTP, CHOICE_LEASE_URL, CHOICE_DROPPED, true, false, FETCHES,
	  "pool-url", "the address server says HTTPClient and names a URL, and "
	  "that goes before every boot server" },
	{ FOR_HTTP, CHOICE_LEASE_NAME_URL, CHOICE_DROPPED, true, true, FETCHES,
	  "pool-url", "the address server says HTTPClient and names a URL, and "
	  "that goes before every boot server" },
	{ FOR_HTTP, CHOICE_LEASE, CHOICE_PROXY_URL, true, false, FETCHES,
	  "boot-server-url", "the boot server's OFFER says HTTPClient and "
	  "names a URL" },
	{ FOR_HTTP, CHOICE_LEASE, CHOICE_PROXY_NAME_URL, true, true, FETCHES,
	  "boot-server-url", "the boot server's OFFER says HTTPClient and "
	  "names a URL, and the address server a name server" },

	/* What iPXE leaves by: see take_ipxe(). */
	{ FOR_IPXE, CHOICE_LEASE, CHOICE_PROXY_PXE, false, false,
	  ASKS_IF_EMPTY, "boot-server",
	  "the boot server decides, since the address server names no file "
	  "or has a lower priority (option 175)" },
	{ FOR_IPXE, CHOICE_LEASE, CHOICE_DROPPED, true, false, FETCHES,
	  "pool-file", "iPXE takes the file that the address server names "
	  "before that of a boot server of the same priority (option 175)" },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

void
choice_offer_of(const struct event *event, struct choice_offer *out)
{
	struct in_addr id = { INADDR_ANY };
	struct span value;

	*out = (struct choice_offer){ .says = event->is.reply,
	    .port = event->packet.frame.source_port };
	if (dhcp_option(&event->dhcp, DHCP_OPT_SERVER_ID, &value))
		out->has_server_id = span_address(&value, &id) && is_set(id);
	(void)dhcp_option(&event->dhcp, DHCP_OPT_VENDOR_SPECIFIC,
	    &out->vendor);
}

/* Is the host of the URL an address?  false for what is no URL, too. */
static bool
read_url(struct span url, bool *is_address)
{
	uint8_t octet, before = 0;

	if (!span_begins(url, SPAN_OF("http://")) &&
	    !span_begins(url, SPAN_OF("https://")))
		return false;
	while (span_u8(&url, &octet) && !(octet == '/' && before == '/'))
		before = octet;
	*is_address = true;
	while (span_u8(&url, &octet) && octet != '/' && octet != ':')
		if (octet == '[')
			break;
		else if (octet != '.' && (octet < '0' || octet > '9'))
			*is_address = false;
	return true;
}

static enum choice_type
http_type(const struct event_reply *says, bool has_lease, const char **why)
{
	bool is_address;

	if (!says->says_http && has_lease)
		return CHOICE_LEASE;
	if (!says->says_http) {
		*why = "it gives no address and does not say HTTPClient";
		return CHOICE_DROPPED;
	}
	if (!read_url(says->file, &is_address)) {
		*why = "it says HTTPClient and names no URL";
		return CHOICE_DROPPED;
	}
	if (has_lease)
		return is_address ? CHOICE_LEASE_URL : CHOICE_LEASE_NAME_URL;
	return is_address ? CHOICE_PROXY_URL : CHOICE_PROXY_NAME_URL;
}

enum choice_type
choice_type(enum machine_client client, const struct choice_offer *offer,
    const char **why)
{
	const struct event_reply *says = &offer->says;
	bool has_lease = is_set(says->address);

	*why = NULL;
	/* iPXE asks neither of the two of a boot server. */
	if (client != MACHINE_IPXE || has_lease) {
		*why = "it does not come from port 67";
		if (offer->port != DHCP_PORT_SERVER)
			return CHOICE_DROPPED;
		*why = "it does not say who it is (option 54)";
		if (!offer->has_server_id && client != MACHINE_IPXE)
			return CHOICE_DROPPED;
	}
	*why = NULL;
	if (client == MACHINE_HTTP)
		return http_type(says, has_lease, why);
	if (!says->says_pxe && has_lease)
		return CHOICE_LEASE;
	if (!says->says_pxe) {
		*why = "it gives no address and does not say PXEClient";
		return CHOICE_DROPPED;
	}
	if (says->has_pxe_options)
		return has_lease ? CHOICE_LEASE_OPTIONS : CHOICE_PROXY_OPTIONS;
	return has_lease ? CHOICE_LEASE_PXE : CHOICE_PROXY_PXE;
}

/*
 * The first OFFER of the type; a lease with a file or with a name server where
 * that is needed.
 */
static int
find(enum machine_client client, const struct choice_offer *offer, size_t n,
    enum choice_type type, bool needs_file, bool needs_dns)
{
	const char *why;

	for (size_t i = 0; i < n; i++)
		if (choice_type(client, &offer[i], &why) == type &&
		    (!needs_file || offer[i].says.file.n > 0) &&
		    (!needs_dns || is_set(offer[i].says.dns)))
			return (int)i;
	return CHOICE_NONE;
}

static bool
fits(const struct choice_row *row, enum machine_client client,
    const struct choice_offer *offer, size_t n, struct choice *out)
{
	bool alone = row->boot == CHOICE_DROPPED;

	if ((row->clients & 1u << client) == 0)
		return false;
	out->lease = find(client, offer, n, row->lease,
	    alone && row->needs_file, row->needs_dns);
	out->boot = alone ? out->lease : find(client, offer, n, row->boot,
	    row->needs_file, false);
	return out->lease != CHOICE_NONE && out->boot != CHOICE_NONE;
}

bool
choice_boot_server(struct span vendor, bool any, uint16_t type,
    struct in_addr *out)
{
	struct span list, addresses;
	uint16_t of;
	uint8_t count;

	if (!option_find(vendor, PXE_BOOT_SERVERS, &list))
		return false;
	while (span_be16(&list, &of) && span_u8(&list, &count) &&
	    span_take(&list, (size_t)count * sizeof(out->s_addr), &addresses))
		if ((any || of == type) && span_address(&addresses, out))
			return true;
	return false;
}

/* A menu: firmware takes its first item, in the end, and asks for it. */
static void
show_menu(const struct choice_offer *offer, struct choice *out)
{
	struct span menu;

	if (!option_find(offer->vendor, PXE_BOOT_MENU, &menu) ||
	    !span_be16(&menu, &out->item)) {
		out->fault = "its option 43 has no menu, and does not say that "
		    "the file of the OFFER is to be taken";
		return;
	}
	if (out->item == 0) {
		out->fault = "the first item of its menu is the local disk";
		return;
	}
	out->has_item = true;
	if (!choice_boot_server(offer->vendor, false, out->item, &out->asks))
		out->fault = "the first item of its menu is asked for by "
		    "broadcast, which is not tried here";
}

static void
obey(const struct choice_offer *offer, struct choice *out)
{
	if (!offer->says.skips_discovery) {
		show_menu(offer, out);
		return;
	}
	(void)choice_boot_server(offer->vendor, true, 0, &out->next);
	if (offer->says.file.n == 0)
		out->fault = "its option 43 says that the file of the OFFER is "
		    "to be taken, and there is none";
}

static void
follow(enum machine_client client, const struct choice_row *row,
    const struct choice_offer *offer, struct choice *out)
{
	const struct choice_offer *boot = &offer[out->boot];
	const struct event_reply *says = &boot->says;

	out->name = row->name;
	out->why = row->why;
	out->file = says->file;
	out->next = is_set(says->next) ? says->next : says->server;
	if (row->next == ASKS)
		out->asks = out->next;
	else if (row->next == OBEYS)
		obey(boot, out);
	else if (row->next == ASKS_IF_EMPTY && (says->file.n == 0 ||
	    !is_set(says->next)))
		out->asks = says->server;
	/* EDK2 writes a NUL over the end option: see event.c. */
	if ((client == MACHINE_UEFI || client == MACHINE_HTTP) &&
	    (offer[out->lease].says.option_67_spoils ||
	    says->option_67_spoils))
		out->fault = "option 67 of an OFFER that it needs is the last "
		    "one and ends without a NUL, so that this firmware loses "
		    "the OFFER (see pool-option-67 in pxeproxyd-troubleshooting(7))";
}

/* Why nothing was taken: the first that is so. */
static const char *
nothing(enum machine_client client, const struct choice_offer *offer, size_t n)
{
	bool has_lease = false, has_boot = false;
	const char *why;

	for (size_t i = 0; i < n; i++) {
		enum choice_type type = choice_type(client, &offer[i], &why);

		if (type == CHOICE_DROPPED)
			continue;
		has_lease = has_lease || is_set(offer[i].says.address);
		has_boot = has_boot || !is_set(offer[i].says.address);
	}
	if (n == 0)
		return "nobody answers";
	if (!has_lease)
		return has_boot ? "there is a boot server, but nobody gives an "
		    "address" : "nobody gives an address";
	if (has_boot)
		return "the URL has a name, and the address server names no "
		    "name server";
	return "there is an address, but no boot server, and the address "
	    "server names no file";
}

/*
 * iPXE takes OFFERs as they come, a later one of the same priority before an
 * earlier one, and looks no further when it has an address and a boot server,
 * which may be the address server itself.
 */
static void
take_ipxe(const struct choice_offer *offer, size_t n, struct choice *out)
{
	const char *unused;

	for (size_t i = 0; i < n && (out->lease == CHOICE_NONE ||
	    out->boot == CHOICE_NONE); i++) {
		bool high = offer[i].says.has_priority;

		if (choice_type(MACHINE_IPXE, &offer[i], &unused) ==
		    CHOICE_DROPPED)
			continue;
		if (is_set(offer[i].says.address) && (high ||
		    out->lease == CHOICE_NONE ||
		    !offer[out->lease].says.has_priority))
			out->lease = (int)i;
		if (offer[i].says.says_pxe && (high ||
		    out->boot == CHOICE_NONE ||
		    !offer[out->boot].says.has_priority))
			out->boot = (int)i;
	}
}

static void
choose_ipxe(const struct choice_offer *offer, size_t n, struct choice *out)
{
	bool by_pool;

	take_ipxe(offer, n, out);
	if (out->lease == CHOICE_NONE)
		return;
	by_pool = offer[out->lease].says.file.n > 0 &&
	    (out->boot == CHOICE_NONE || !offer[out->boot].says.has_priority ||
	    offer[out->lease].says.has_priority);
	if (by_pool)
		out->boot = out->lease;
	if (out->boot == CHOICE_NONE)
		return;
	for (size_t i = 0; i < ROWS; i++)
		if ((rows[i].clients & FOR_IPXE) != 0 &&
		    rows[i].needs_file == by_pool)
			follow(MACHINE_IPXE, &rows[i], offer, out);
}

void
choice_make(enum machine_client client, const struct choice_offer *offer,
    size_t n, struct choice *out)
{
	const struct choice_row *row = NULL;

	*out = (struct choice){ .lease = CHOICE_NONE, .boot = CHOICE_NONE };
	if (client == MACHINE_IPXE)
		choose_ipxe(offer, n, out);
	for (size_t i = 0; i < ROWS && client != MACHINE_IPXE && row == NULL;
	    i++)
		if (fits(&rows[i], client, offer, n, out))
			row = &rows[i];
	if (row != NULL)
		follow(client, row, offer, out);
	if (out->name != NULL)
		return;
	*out = (struct choice){ .lease = CHOICE_NONE, .boot = CHOICE_NONE,
	    .why = nothing(client, offer, n) };
}
