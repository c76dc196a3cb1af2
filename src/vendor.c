#include "vendor.h"

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
};

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

static void
write_servers(struct writer *w, const struct policy_menu *menu,
    struct in_addr ours)
{
	uint8_t *length = open_sub(w, SUB_BOOT_SERVERS);
	size_t start = w->n;

	/* Each type with one address: EDK2 asks all there are in turn. */
	for (size_t i = 0; i < menu->n; i++) {
		if (menu->item[i].file == NULL)
			continue;
		write_be16(w, item_type(menu, i));
		write_u8(w, 1);
		write_address(w, ours);
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

void
vendor_menu(struct writer *w, const struct policy_menu *menu,
    struct in_addr ours, bool with_list)
{
	write_u8(w, SUB_DISCOVERY_CONTROL);
	write_u8(w, 1);
	write_u8(w, with_list ? NO_BROADCAST | NO_MULTICAST : NO_MULTICAST);
	if (with_list)
		write_servers(w, menu, ours);
	write_entries(w, menu);
	write_prompt(w, menu);
	write_u8(w, OPTION_END);
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
