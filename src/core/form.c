#include "core/form.h"

#include "core/template.h"

/* Sub-options of option 43. */
enum {
	SUB_DISCOVERY_CONTROL = 6,
	SUB_BOOT_SERVERS = 8,
	SUB_BOOT_MENU = 9,
	SUB_MENU_PROMPT = 10,
	SUB_BOOT_ITEM = 71,
};

/* Bits of the discovery control. */
enum {
	NO_BROADCAST = 1,
	NO_MULTICAST = 2,	/* without it a ROM wants sub-option 7 */
	ONLY_LISTED = 4,	/* take no answer of other boot servers */
};

enum { ADDRESSES_MAX = 2 };	/* of one boot server type */

/* "The boot file is named in this OFFER": no menu, no further question. */
static void
write_direct(struct span_writer *w, const struct form_vendor *from)
{
	(void)from;
	/*
	 * Discovery control with bit 3, then a prompt with no time-out,
	 * without which some ROMs stop with PXE-E74.
	 */
	write_octets(w, SPAN_OF("\x06\x01\x08" "\x0a\x04\x00PXE" "\xff"));
}

/* The menu that the ROM of the Raspberry Pi 3 and 4 looks for. */
static void
write_rpi(struct span_writer *w, const struct form_vendor *from)
{
	(void)from;
	write_octets(w, SPAN_OF("\x06\x01\x03" "\x0a\x04\x00PXE"
	    "\x09\x14\x00\x00\x11Raspberry Pi Boot" "\xff"));
}

/*
 * The menu of the local disk alone, taken at once: a type of 0 is the local
 * boot of all ROMs.  No list of servers goes with it, not even an empty one.
 */
static void
write_local(struct span_writer *w, const struct form_vendor *from)
{
	(void)from;
	write_octets(w, SPAN_OF("\x06\x01\x03"
	    "\x09\x0d\x00\x00\x0aLocal disk" "\x0a\x04\x00PXE" "\xff"));
}

static uint16_t
item_type(const struct form_menu *menu, size_t i)
{
	return menu->item[i].file == NULL ? 0 :
	    (uint16_t)(FORM_FIRST_ITEM + i);
}

/*
 * A sub-option, written in full before its length is known: claim the
 * header, write the content, then fill in the length.
 */
static uint8_t *
open_sub(struct span_writer *w, uint8_t code)
{
	write_u8(w, code);
	return write_claim(w, 1);
}

static void
close_sub(struct span_writer *w, uint8_t *length, size_t start)
{
	if (w->full || length == NULL)
		return;
	if (w->n - start > OPTION_VALUE_MAX)
		w->full = true;
	else
		*length = (uint8_t)(w->n - start);
}

static struct in_addr
server_of(const struct form_item *item, struct in_addr next_server)
{
	return item->has_next_server ? item->next_server : next_server;
}

/* Do we serve the files of all items ourselves? */
static bool
is_all_ours(const struct form_menu *menu, struct in_addr next_server,
    struct in_addr ours)
{
	for (size_t i = 0; i < menu->n; i++)
		if (menu->item[i].file != NULL && server_of(&menu->item[i],
		    next_server).s_addr != ours.s_addr)
			return false;
	return true;
}

/* Is an item not the local disk? */
static bool
has_servers(const struct form_menu *menu)
{
	for (size_t i = 0; i < menu->n; i++)
		if (menu->item[i].file != NULL)
			return true;
	return false;
}

/*
 * Each type with its addresses.  With one, ours, where clients ask those that
 * are listed: EDK2 asks all there are in turn.  Where they ask by broadcast,
 * the list says whose answers count: EDK2 looks there for the address of the
 * file's server, iPXE for that of the one who answers.
 */
static void
write_servers(struct span_writer *w, const struct form_menu *menu,
    struct in_addr next_server, struct in_addr ours)
{
	uint8_t *length;
	size_t start;

	/* EFI code drops a menu with an empty list, but not one without. */
	if (!has_servers(menu))
		return;
	length = open_sub(w, SUB_BOOT_SERVERS);
	start = w->n;
	for (size_t i = 0; i < menu->n; i++) {
		struct in_addr address[ADDRESSES_MAX] = { ours };
		uint8_t n = 1;

		if (menu->item[i].file == NULL)
			continue;
		address[n] = server_of(&menu->item[i], next_server);
		if (address[n].s_addr != ours.s_addr)
			n++;
		write_be16(w, item_type(menu, i));
		write_u8(w, n);
		while (n-- > 0)
			write_address(w, address[n]);
	}
	close_sub(w, length, start);
}

static void
write_entries(struct span_writer *w, const struct form_menu *menu)
{
	uint8_t *length = open_sub(w, SUB_BOOT_MENU);
	size_t start = w->n;

	for (size_t i = 0; i < menu->n; i++) {
		write_be16(w, item_type(menu, i));
		write_u8(w, (uint8_t)strlen(menu->item[i].text));
		template_write_text(w, menu->item[i].text);
	}
	close_sub(w, length, start);
}

static void
write_prompt(struct span_writer *w, const struct form_menu *menu)
{
	uint8_t *length = open_sub(w, SUB_MENU_PROMPT);
	size_t start = w->n;

	write_u8(w, menu->timeout);
	template_write_text(w, menu->prompt);
	close_sub(w, length, start);
}

static void
write_menu(struct span_writer *w, uint8_t control, const struct form_menu *menu,
    struct in_addr next_server, struct in_addr ours)
{
	write_u8(w, SUB_DISCOVERY_CONTROL);
	write_u8(w, 1);
	write_u8(w, control);
	if (control != NO_MULTICAST)
		write_servers(w, menu, next_server, ours);
	write_entries(w, menu);
	write_prompt(w, menu);
	write_u8(w, OPTION_END);
}

/*
 * The menu of an OFFER.  Where the files of all items are with us, boot servers
 * are asked by unicast at our address.  Where some are elsewhere, they are
 * asked by broadcast, which the address server hears too; it may take the
 * question for the renewal of a lease and answer before us, so there is a
 * list of those whose answers count.  A menu that leaves no room for the list
 * goes without.
 */
static void
write_offered_menu(struct span_writer *w, const struct form_vendor *from)
{
	const struct span_writer before = *w;

	if (is_all_ours(from->menu, from->next_server, from->ours)) {
		write_menu(w, NO_BROADCAST | NO_MULTICAST, from->menu,
		    from->ours, from->ours);
		return;
	}
	write_menu(w, ONLY_LISTED | NO_MULTICAST, from->menu,
	    from->next_server, from->ours);
	if (!w->full)
		return;
	*w = before;
	write_menu(w, NO_MULTICAST, from->menu, from->next_server,
	    from->ours);
}

/*
 * The item that an ACK is for, and nothing else: EDK2 of before 2012 takes
 * anything else for a menu and stops where there is none.
 */
static void
write_chosen_item(struct span_writer *w, const struct form_vendor *from)
{
	if (!from->has_item)
		return;
	write_u8(w, SUB_BOOT_ITEM);
	write_u8(w, 2 * sizeof(uint16_t));
	write_be16(w, from->item);
	write_be16(w, from->layer);
	write_u8(w, OPTION_END);
}

static const struct form_row rows[FORM_COUNT] = {
	[FORM_DEFAULT] = { .name = "default", .asks_4011 = true },
	/*
	 * EDK2 of 2010-11 to 2017-04 drops proxy OFFERs that have PXE
	 * sub-options 6 to 10, and the EFI 1.x base code wants more of them
	 * than such an answer has: without any, every generation comes to
	 * port 4011.
	 */
	[FORM_BINL] = { .name = "binl", .suits = FORM_FOR_UEFI,
	    .siaddr = FORM_SIADDR_OURS, .asks_4011 = true,
	    .file_may_wait = true },
	/* A ROM fetches at once, from siaddr, without a second question. */
	[FORM_DIRECT] = { .name = "direct",
	    .suits = FORM_FOR_BIOS | FORM_FOR_OTHER,
	    .siaddr = FORM_SIADDR_NEXT_SERVER, .write_offer = write_direct,
	    .file_may_wait = true },
	/* iPXE skips port 4011 where siaddr and file are there. */
	[FORM_IPXE] = { .name = "ipxe", .suits = FORM_FOR_IPXE,
	    .siaddr = FORM_SIADDR_NEXT_SERVER, .priority = true,
	    .file_may_wait = true },
	/* EDK2 since 2017 takes the direct one, older ones the other. */
	[FORM_PAIRED] = { .name = "paired", .siaddr = FORM_SIADDR_OURS,
	    .second = FORM_DIRECT, .asks_4011 = true,
	    .file_may_wait = true },
	/* The URL names the server: siaddr means nothing to HTTP Boot. */
	[FORM_HTTP] = { .name = "http", .suits = FORM_FOR_HTTP,
	    .siaddr = FORM_SIADDR_OURS, .http_alone = true },
	[FORM_PLAIN] = { .name = "plain", .suits = FORM_FOR_UBOOT,
	    .siaddr = FORM_SIADDR_NEXT_SERVER, .takes_others = true },
	[FORM_RPI] = { .name = "rpi", .siaddr = FORM_SIADDR_NEXT_SERVER,
	    .write_offer = write_rpi, .file_may_lack = true,
	    .file_is_its = true },
	[FORM_MENU] = { .name = "menu", .siaddr = FORM_SIADDR_OURS,
	    .write_offer = write_offered_menu,
	    .write_ack = write_chosen_item, .asks_4011 = true,
	    .has_menu = true },
	[FORM_LOCAL] = { .name = "local", .siaddr = FORM_SIADDR_OURS,
	    .write_offer = write_local, .no_file = true },
	[FORM_REDIRECT] = { .name = "redirect", .asks_4011 = true,
	    .no_offer = true },
	[FORM_AUTO] = { .name = "auto", .asks_4011 = true },
};

const struct form_row *
form_row(enum form form)
{
	return &rows[form];
}

const char *
form_name(enum form form)
{
	return rows[form].name;
}

enum form
form_by_name(const char *name)
{
	for (unsigned form = 0; form < FORM_COUNT; form++)
		if (strcmp(rows[form].name, name) == 0)
			return (enum form)form;
	return FORM_COUNT;
}

enum form
form_by_kind(enum form_kind kind)
{
	unsigned form = 0;

	while (form < FORM_COUNT && (rows[form].suits & (unsigned)kind) == 0)
		form++;
	return (enum form)form;
}

enum form_kind
form_kind_of(enum arch_family family)
{
	static const enum form_kind kinds[] = {
		[ARCH_BIOS] = FORM_FOR_BIOS,
		[ARCH_UEFI] = FORM_FOR_UEFI,
		[ARCH_UBOOT] = FORM_FOR_UBOOT,
		[ARCH_OTHER] = FORM_FOR_OTHER,
	};

	return kinds[family];
}

static enum form_kind
kind_of(const struct pxe_request *request)
{
	const struct arch *arch;

	if (request->client == PXE_CLIENT_HTTP)
		return FORM_FOR_HTTP;
	if (request->is_ipxe)
		return FORM_FOR_IPXE;
	if (!request->has_arch)
		return FORM_FOR_BIOS;
	/* Every number that the registry got after 5 is firmware like EFI. */
	arch = arch_by_number(request->arch);
	return arch == NULL ? FORM_FOR_UEFI : form_kind_of(arch->family);
}

/*
 * The other form for a client whose earlier rounds were in vain.
 *
 * PXE 2.1 and EDK2 ask at 0, 4, 12 and 28 s: the suitable form goes into the
 * first and the third round.  EDK2 keeps the OFFERs of earlier rounds, so
 * nothing is lost.  iPXE's secs is no clock.
 */
static enum form
form_in_turn(const struct pxe_request *request)
{
	enum form first = form_by_kind(kind_of(request));
	uint16_t secs = pxe_secs(request);
	bool turned = (secs >= 4 && secs < 12) || secs >= 28;

	if (!turned)
		return first;
	if (first == FORM_BINL)
		return FORM_DIRECT;
	return first == FORM_DIRECT ? FORM_BINL : first;
}

/* The Raspberry Pi's ROM calls itself an x86 BIOS. */
static bool
is_rpi_rom(const struct pxe_request *request)
{
	return request->client == PXE_CLIENT_PXE && !request->is_ipxe &&
	    request->has_arch && request->arch == ARCH_X86_BIOS;
}

bool
form_can_tell_local(const struct pxe_request *request)
{
	return kind_of(request) == FORM_FOR_BIOS &&
	    request->client == PXE_CLIENT_PXE;
}

enum form
form_choose(enum form wanted, const struct pxe_request *request)
{
	if (wanted == FORM_REDIRECT || wanted == FORM_LOCAL)
		return wanted;
	/* The board's later stages, UEFI and iPXE, want what others want. */
	if (wanted == FORM_RPI && !is_rpi_rom(request))
		wanted = FORM_DEFAULT;
	if (wanted == FORM_AUTO)
		return form_in_turn(request);
	if (wanted == FORM_DEFAULT || request->client == PXE_CLIENT_HTTP)
		return form_by_kind(kind_of(request));
	return wanted;
}
