#include "core/vendor.h"

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

struct span
vendor_direct(void)
{
	/*
	 * Discovery control with bit 3, then a prompt with no time-out,
	 * without which some ROMs stop with PXE-E74.
	 */
	return SPAN_OF("\x06\x01\x08" "\x0a\x04\x00PXE" "\xff");
}

struct span
vendor_rpi(void)
{
	return SPAN_OF("\x06\x01\x03" "\x0a\x04\x00PXE"
	    "\x09\x14\x00\x00\x11Raspberry Pi Boot" "\xff");
}

static uint16_t
item_type(const struct policy_menu *menu, size_t i)
{
	return menu->item[i].file == NULL ? 0 :
	    (uint16_t)(POLICY_FIRST_ITEM + i);
}

/*
 * A sub-option, written in full before its length is known: claim the
 * header, write the content, then fill in the length.
 */
static uint8_t *
open_sub(struct writer *w, uint8_t code)
{
	write_u8(w, code);
	return write_claim(w, 1);
}

static void
close_sub(struct writer *w, uint8_t *length, size_t start)
{
	if (w->full)
		return;
	if (w->n - start > OPTION_VALUE_MAX)
		w->full = true;
	else
		*length = (uint8_t)(w->n - start);
}

static struct in_addr
server_of(const struct policy_item *item, struct in_addr next_server)
{
	return item->has_next_server ? item->next_server : next_server;
}

/* Do we serve the files of all items ourselves? */
static bool
is_all_ours(const struct policy_menu *menu, struct in_addr next_server,
    struct in_addr ours)
{
	for (size_t i = 0; i < menu->n; i++)
		if (menu->item[i].file != NULL && server_of(&menu->item[i],
		    next_server).s_addr != ours.s_addr)
			return false;
	return true;
}

/*
 * Each type with its addresses.  With one, ours, where clients ask those that
 * are listed: EDK2 asks all there are in turn.  Where they ask by broadcast,
 * the list says whose answers count: EDK2 looks there for the address of the
 * file's server, iPXE for that of the one who answers.
 */
static void
write_servers(struct writer *w, const struct policy_menu *menu,
    struct in_addr next_server, struct in_addr ours)
{
	uint8_t *length = open_sub(w, SUB_BOOT_SERVERS);
	size_t start = w->n;

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
write_text(struct writer *w, const char *text)
{
	write_octets(w, (struct span){ (const uint8_t *)text, strlen(text) });
}

static void
write_entries(struct writer *w, const struct policy_menu *menu)
{
	uint8_t *length = open_sub(w, SUB_BOOT_MENU);
	size_t start = w->n;

	for (size_t i = 0; i < menu->n; i++) {
		write_be16(w, item_type(menu, i));
		write_u8(w, (uint8_t)strlen(menu->item[i].text));
		write_text(w, menu->item[i].text);
	}
	close_sub(w, length, start);
}

static void
write_prompt(struct writer *w, const struct policy_menu *menu)
{
	uint8_t *length = open_sub(w, SUB_MENU_PROMPT);
	size_t start = w->n;

	write_u8(w, menu->timeout);
	write_text(w, menu->prompt);
	close_sub(w, length, start);
}

static void
write_menu(struct writer *w, uint8_t control, const struct policy_menu *menu,
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

void
vendor_menu(struct writer *w, const struct policy_menu *menu,
    struct in_addr next_server, struct in_addr ours)
{
	const struct writer before = *w;

	if (is_all_ours(menu, next_server, ours)) {
		write_menu(w, NO_BROADCAST | NO_MULTICAST, menu, ours, ours);
		return;
	}
	write_menu(w, ONLY_LISTED | NO_MULTICAST, menu, next_server, ours);
	if (!w->full)
		return;
	*w = before;
	write_menu(w, NO_MULTICAST, menu, next_server, ours);
}

void
vendor_item(struct writer *w, uint16_t type, uint16_t layer)
{
	write_u8(w, SUB_BOOT_ITEM);
	write_u8(w, 2 * sizeof(uint16_t));
	write_be16(w, type);
	write_be16(w, layer);
	write_u8(w, OPTION_END);
}
