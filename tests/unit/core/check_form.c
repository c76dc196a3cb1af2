#include <check.h>

#include "core/form.h"
#include "unit/octets.h"
#include "unit/suite.h"

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X70 X50 "xxxxxxxxxxxxxxxxxxxx"
#define X70_HEX X10_HEX X10_HEX X10_HEX X10_HEX X10_HEX X10_HEX X10_HEX
#define X10_HEX "78787878787878787878"
#define OURS 0x0a01010a	/* 10.1.1.10, in either byte order */

/* Is this the option 43 of a form's OFFER? */
static void
check_written(enum form form, const char *want)
{
	uint8_t octets[OPTION_VALUE_MAX];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	form_row(form)->write_offer(&w, &(struct form_vendor){ 0 });
	ck_assert_str_eq(octets_hex(writer_span(&w)), octets_unblank(want));
}

/* Option 43 of a menu's OFFER. */
static void
write_menu(struct span_writer *w, const struct form_menu *menu,
    struct in_addr next_server)
{
	form_row(FORM_MENU)->write_offer(w, &(struct form_vendor){
	    .menu = menu, .next_server = next_server, .ours = { OURS } });
}

/* Written by hand from PXE 2.1 table 2-1 (option 43 sub-options). */
START_TEST(test_fixed)
{
	check_written(FORM_DIRECT, "060108 0a0400505845 ff");
	check_written(FORM_LOCAL, "060103 090d 0000 0a "
	    "4c6f63616c206469736b 0a0400505845 ff");
	check_written(FORM_RPI, "060103 0a0400505845 0914 0000 11 "
	    "526173706265727279205069 20426f6f74 ff");
}
END_TEST

static const struct form_item two[] = {
	{ .text = "Installer", .file = "a" },
	{ .text = "Rescue", .file = "b" },
	{ .text = "Local disk" },
};

static const struct form_item apart[] = {
	{ .text = "Ours", .file = "a", .has_next_server = true,
	    .next_server = { OURS } },
	{ .text = "Theirs", .file = "b" },
};

static const struct form_item together[] = {
	{ .text = "Ours", .file = "a", .has_next_server = true,
	    .next_server = { OURS } },
};

/* With the list of whose answers count, longer than 255 octets. */
static const struct form_item wordy[] = {
	{ .text = X70, .file = "a" }, { .text = X70, .file = "b" },
	{ .text = X70, .file = "c" },
};

static const struct {
	const char *what;
	struct form_menu menu;
	const char *next_server;
	const char *written;
} menus[] = {
	/*
	 * 06 discovery control 3: no broadcast, no multicast, so the list;
	 * 08 servers: types 8000 and 8001, one address each; 09 the entries,
	 * local boot with type 0; 0a time-out and prompt.
	 *
	 * Discovery control 6: by broadcast, and take only the answers of the
	 * list: the server of the files for EDK2, us for iPXE.
	 */
	{ "two items and the local disk, files with us",
	    { "Press F8 for boot menu", 10, two, 3 },
	    "10.1.1.10",
	    "060103 "
	    "080e 8000 01 0a01010a 8001 01 0a01010a "
	    "0922 8000 09 496e7374616c6c6572 8001 06 526573637565 "
	    "0000 0a 4c6f63616c206469736b "
	    "0a17 0a 507265737320463820666f7220626f6f74206d656e75 ff" },
	{ "the same, files elsewhere: asked by broadcast",
	    { "F8", 255, two, 3 }, "10.1.0.2",
	    "060106 "
	    "0816 8000 02 0a010002 0a01010a 8001 02 0a010002 0a01010a "
	    "0922 8000 09 496e7374616c6c6572 8001 06 526573637565 "
	    "0000 0a 4c6f63616c206469736b "
	    "0a03 ff 4638 ff" },
	{ "one item, at once", { "P", 0, two, 1 }, "10.1.1.10",
	    "060103 0807 8000 01 0a01010a 090c 8000 09 496e7374616c6c6572 "
	    "0a02 00 50 ff" },
	{ "an item keeps its type behind the local disk",
	    { "P", 0, &two[1], 2 }, "10.1.0.2",
	    "060106 080b 8000 02 0a010002 0a01010a "
	    "0916 8000 06 526573637565 0000 0a 4c6f63616c206469736b "
	    "0a02 00 50 ff" },
	{ "one item is ours, one is not", { "P", 0, apart, 2 }, "10.1.0.2",
	    "060106 0812 8000 01 0a01010a 8001 02 0a010002 0a01010a "
	    "0910 8000 04 4f757273 8001 06 546865697273 0a02 00 50 ff" },
	{ "all items are ours, the next-server is not",
	    { "P", 0, together, 1 }, "10.1.0.2",
	    "060103 0807 8000 01 0a01010a 0907 8000 04 4f757273 "
	    "0a02 00 50 ff" },
	{ "no room for the list", { "P", 0, wordy, 3 }, "10.1.0.2",
	    "060102 09db 8000 46" X70_HEX "8001 46" X70_HEX "8002 46" X70_HEX
	    "0a02 00 50 ff" },
};

START_TEST(test_menu)
{
	const char *want = octets_unblank(menus[_i].written);
	size_t n = strlen(want) / 2;
	uint8_t *p = malloc(n);
	struct span_writer w = { p, n, 0, false };

	write_menu(&w, &menus[_i].menu, octets_address(menus[_i].next_server));
	ck_assert_msg(!w.full && strcmp(octets_hex(writer_span(&w)), want) ==
	    0, "%s:\n     %s\nnot  %s", menus[_i].what,
	    octets_hex(writer_span(&w)), want);
	free(p);
}
END_TEST

/*
 * In every room that is too small: full, and nothing written beyond it; or the
 * menu without the list (discovery control 2) where it had one.
 */
START_TEST(test_menu_cut)
{
	size_t n = strlen(octets_unblank(menus[_i].written)) / 2;

	for (size_t room = 0; room < n; room++) {
		uint8_t *p = malloc(room + 1);
		struct span_writer w = { p, room, 0, false };

		write_menu(&w, &menus[_i].menu,
		    octets_address(menus[_i].next_server));
		ck_assert_msg(w.n <= room && (w.full ||
		    (menus[_i].written[5] == '6' && p[2] == 2)),
		    "%s in %zu octets", menus[_i].what, room);
		free(p);
	}
}
END_TEST

/* A sub-option counts its octets in one octet: 256 do not fit. */
START_TEST(test_menu_long)
{
	static const struct form_item many[] = {
		{ .text = X70, .file = "a" }, { .text = X70, .file = "b" },
		{ .text = X70, .file = "c" }, { .text = X70, .file = "d" },
	};
	struct form_menu menu = { "P", 0, many, 4 };
	uint8_t octets[1024];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	write_menu(&w, &menu, (struct in_addr){ OURS });
	ck_assert(w.full);
	menu.n = 3;
	w = (struct span_writer){ octets, sizeof(octets), 0, false };
	write_menu(&w, &menu, (struct in_addr){ OURS });
	ck_assert(!w.full);
}
END_TEST

START_TEST(test_item)
{
	uint8_t octets[7];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	form_row(FORM_MENU)->write_ack(&w, &(struct form_vendor){
	    .has_item = true, .item = 0x8001, .layer = 0x0002 });
	ck_assert(!w.full);
	ck_assert_str_eq(octets_hex(writer_span(&w)), "47048001" "0002" "ff");
}
END_TEST

static const struct {
	enum form form;
	const char *name;
} forms[] = {
	{ FORM_DEFAULT, "default" },
	{ FORM_BINL, "binl" },
	{ FORM_DIRECT, "direct" },
	{ FORM_IPXE, "ipxe" },
	{ FORM_PAIRED, "paired" },
	{ FORM_HTTP, "http" },
	{ FORM_PLAIN, "plain" },
	{ FORM_RPI, "rpi" },
	{ FORM_MENU, "menu" },
	{ FORM_LOCAL, "local" },
	{ FORM_REDIRECT, "redirect" },
	{ FORM_AUTO, "auto" },
};

START_TEST(test_form)
{
	ck_assert_str_eq(form_name(forms[_i].form), forms[_i].name);
	ck_assert_int_eq(form_by_name(forms[_i].name),
	    forms[_i].form);
}
END_TEST

START_TEST(test_forms)
{
	ck_assert_uint_eq(ROWS(forms), FORM_COUNT);
	ck_assert_int_eq(form_by_name(""), FORM_COUNT);
	ck_assert_int_eq(form_by_name("BINL"), FORM_COUNT);
	ck_assert_int_eq(form_by_name("wds"), FORM_COUNT);
}
END_TEST

/* Each kind of client has one form that suits it. */
static const struct {
	const char *what;
	enum form_kind kind;
	enum form form;
} kinds[] = {
	{ "HTTP Boot", FORM_FOR_HTTP, FORM_HTTP },
	{ "iPXE", FORM_FOR_IPXE, FORM_IPXE },
	{ "a BIOS", FORM_FOR_BIOS, FORM_DIRECT },
	{ "UEFI", FORM_FOR_UEFI, FORM_BINL },
	{ "U-Boot", FORM_FOR_UBOOT, FORM_PLAIN },
	{ "anything else", FORM_FOR_OTHER, FORM_DIRECT },
};

START_TEST(test_kind)
{
	unsigned suit = 0;

	ck_assert_msg(form_by_kind(kinds[_i].kind) == kinds[_i].form, "%s",
	    kinds[_i].what);
	for (unsigned form = 0; form < FORM_COUNT; form++)
		if ((form_row((enum form)form)->suits &
		    (unsigned)kinds[_i].kind) != 0)
			suit++;
	ck_assert_msg(suit == 1, "%s: %u forms suit", kinds[_i].what, suit);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("form");
	TCase *tc = tcase_create("form");

	tcase_add_loop_test(tc, test_menu, 0, ROWS(menus));
	tcase_add_loop_test(tc, test_menu_cut, 0, ROWS(menus));
	tcase_add_loop_test(tc, test_form, 0, ROWS(forms));
	tcase_add_loop_test(tc, test_kind, 0, ROWS(kinds));
	tcase_add_test(tc, test_forms);
	tcase_add_test(tc, test_fixed);
	tcase_add_test(tc, test_menu_long);
	tcase_add_test(tc, test_item);
	suite_add_tcase(s, tc);
	return s;
}
