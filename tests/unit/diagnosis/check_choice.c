#include <check.h>

#include "diagnosis/choice.h"
#include "unit/octets.h"
#include "unit/suite.h"

/* One OFFER of a scene, in few words. */
enum {
	PXE = 1,		/* option 60 PXEClient */
	HTTP = 2,		/* HTTPClient */
	FILE_NAMED = 4,
	URL = 8,		/* its host an address */
	NAME_URL = 16,		/* its host a name */
	SKIPS = 32,		/* option 43 {6=8} */
	OPTIONS = 64,		/* option 43 with 6 to 10, and no menu */
	MENU = 128,		/* with a menu, and its boot server */
	PRIORITY = 256,		/* option 175.1 */
	SPOILS = 512,
	NO_ID = 1024,		/* no option 54 */
	PORT_68 = 2048,
	NO_NEXT = 4096,		/* no siaddr */
	DNS = 8192,
	LOCAL_FIRST = 16384,	/* the menu's first item is the local disk */
	GROUP_MENU = 32768,	/* a menu without a list of boot servers */
};

struct offer {
	const char *lease;	/* the address; NULL: none */
	const char *server;
	unsigned says;
};

enum { OFFERS = 4 };

#define LEASE "10.0.0.100"
#define POOL "10.0.0.1"
#define US "10.0.0.2"
#define THEM "10.0.0.3"
#define FILES "10.0.0.9"
#define LISTED "10.0.0.8"

/* 43: 6=3, 8={8001, 1, LISTED}, 9={8001 "A"}. */
static const char menu[] = "\x06\x01\x03\x08\x07\x80\x01\x01\x0a\x00\x00\x08"
    "\x09\x04\x80\x01\x01" "A\xff";
static const char local_first[] = "\x06\x01\x03\x08\x07\x80\x01\x01\x0a\x00"
    "\x00\x08\x09\x04\x00\x00\x01" "A\xff";
static const char group_menu[] = "\x06\x01\x02\x09\x04\x80\x01\x01" "A\xff";

/* The rows are those of the table of choices, and of what is dropped. */
static const struct {
	const char *what;
	enum machine_client client;
	struct offer offer[OFFERS];
	const char *name;	/* NULL: nothing is taken */
	int lease, boot;
	const char *asks;	/* NULL: nobody */
	const char *next;	/* NULL: not looked at */
	const char *fault;	/* a word of it, or of why; NULL: none */
} row[] = {
	/* EDK2's PXE. */
	{ "nobody", MACHINE_UEFI, { { 0 } }, NULL, -1, -1, NULL, NULL,
	  "nobody answers" },
	{ "a pool alone", MACHINE_UEFI, { { LEASE, POOL, 0 } }, NULL, -1, -1,
	  NULL, NULL, "no boot server" },
	{ "a boot server alone", MACHINE_UEFI, { { NULL, US, PXE } }, NULL,
	  -1, -1, NULL, NULL, "nobody gives an address" },
	{ "both", MACHINE_UEFI, { { LEASE, POOL, 0 },
	    { NULL, US, PXE | FILE_NAMED | NO_NEXT } }, "boot-server", 0, 1,
	  US, US, NULL },
	{ "siaddr is asked, where there is one", MACHINE_UEFI,
	  { { NULL, US, PXE }, { LEASE, POOL, 0 } }, "boot-server", 1, 0,
	  FILES, FILES, NULL },
	{ "before a file of the pool", MACHINE_UEFI,
	  { { LEASE, POOL, FILE_NAMED }, { NULL, US, PXE | NO_NEXT } },
	  "boot-server", 0, 1, US, US, NULL },
	{ "a file of the pool, and nobody else", MACHINE_UEFI,
	  { { LEASE, POOL, FILE_NAMED } }, "pool-file", 0, 0, NULL, FILES,
	  NULL },
	{ "of two pools the one with a file", MACHINE_UEFI,
	  { { LEASE, POOL, 0 }, { LEASE, THEM, FILE_NAMED } }, "pool-file",
	  1, 1, NULL, FILES, NULL },
	{ "the pool says PXEClient", MACHINE_UEFI,
	  { { LEASE, POOL, PXE | NO_NEXT }, { NULL, US, PXE | NO_NEXT } },
	  "pool-says-pxeclient", 0, 0, POOL, POOL, NULL },
	{ "one of two pools says it", MACHINE_UEFI,
	  { { LEASE, POOL, 0 }, { LEASE, THEM, PXE | NO_NEXT },
	    { NULL, US, PXE | NO_NEXT } }, "pool-says-pxeclient", 1, 1, THEM,
	  THEM, NULL },
	{ "but what need not ask goes before", MACHINE_UEFI,
	  { { LEASE, POOL, 0 }, { LEASE, THEM, PXE },
	    { NULL, US, PXE | SKIPS | FILE_NAMED } }, "boot-server-options",
	  0, 2, NULL, FILES, NULL },
	{ "the direct form", MACHINE_UEFI, { { LEASE, POOL, FILE_NAMED },
	    { NULL, US, PXE | SKIPS | FILE_NAMED } }, "boot-server-options",
	  0, 1, NULL, FILES, NULL },
	{ "the direct form before the other, whichever is first", MACHINE_UEFI,
	  { { LEASE, POOL, 0 }, { NULL, US, PXE | FILE_NAMED },
	    { NULL, US, PXE | SKIPS | FILE_NAMED } }, "boot-server-options",
	  0, 2, NULL, FILES, NULL },
	{ "the direct form without a file", MACHINE_UEFI,
	  { { LEASE, POOL, 0 }, { NULL, US, PXE | SKIPS } },
	  "boot-server-options", 0, 1, NULL, NULL, "there is none" },
	{ "option 43 without a menu", MACHINE_UEFI,
	  { { LEASE, POOL, 0 }, { NULL, US, PXE | OPTIONS | FILE_NAMED } },
	  "boot-server-options", 0, 1, NULL, NULL, "no menu" },
	{ "a menu", MACHINE_UEFI, { { LEASE, POOL, 0 },
	    { NULL, US, PXE | MENU } }, "boot-server-options", 0, 1, LISTED,
	  NULL, NULL },
	{ "a menu of the local disk", MACHINE_UEFI, { { LEASE, POOL, 0 },
	    { NULL, US, PXE | MENU | LOCAL_FIRST } }, "boot-server-options",
	  0, 1, NULL, NULL, "local disk" },
	{ "a menu whose servers are asked by broadcast", MACHINE_BIOS,
	  { { LEASE, POOL, 0 }, { NULL, US, PXE | MENU | GROUP_MENU } },
	  "boot-server-options", 0, 1, NULL, NULL, "broadcast" },
	{ "a pool with PXE's options", MACHINE_UEFI,
	  { { LEASE, POOL, PXE | SKIPS | FILE_NAMED },
	    { NULL, US, PXE | SKIPS | FILE_NAMED } }, "pool-pxe-options", 0,
	  0, NULL, FILES, NULL },
	{ "two boot servers: the first", MACHINE_UEFI,
	  { { LEASE, POOL, 0 }, { NULL, THEM, PXE | NO_NEXT },
	    { NULL, US, PXE | NO_NEXT } }, "boot-server", 0, 1, THEM, THEM,
	  NULL },
	{ "no option 54", MACHINE_UEFI, { { LEASE, POOL, 0 },
	    { NULL, US, PXE | NO_ID } }, NULL, -1, -1, NULL, NULL,
	  "no boot server" },
	{ "not from port 67", MACHINE_UEFI, { { LEASE, POOL, 0 },
	    { NULL, US, PXE | PORT_68 } }, NULL, -1, -1, NULL, NULL,
	  "no boot server" },
	{ "HTTPClient is nothing to PXE", MACHINE_UEFI,
	  { { LEASE, POOL, 0 }, { NULL, US, HTTP | URL } }, NULL, -1, -1,
	  NULL, NULL, "no boot server" },
	{ "option 67 takes the end with it", MACHINE_UEFI,
	  { { LEASE, POOL, FILE_NAMED | SPOILS },
	    { NULL, US, PXE | NO_NEXT } }, "boot-server", 0, 1, US, NULL,
	  "option 67" },

	/* A ROM of a BIOS. */
	{ "BIOS: the direct form", MACHINE_BIOS, { { LEASE, POOL, 0 },
	    { NULL, US, PXE | SKIPS | FILE_NAMED } }, "boot-server-options",
	  0, 1, NULL, FILES, NULL },
	{ "BIOS: the pool says PXEClient", MACHINE_BIOS,
	  { { LEASE, POOL, PXE }, { NULL, US, PXE | SKIPS | FILE_NAMED } },
	  "pool-says-pxeclient", 0, 0, FILES, FILES, NULL },
	{ "BIOS: option 67 does no harm", MACHINE_BIOS,
	  { { LEASE, POOL, FILE_NAMED | SPOILS } }, "pool-file", 0, 0, NULL,
	  FILES, NULL },

	/* HTTP Boot. */
	{ "HTTP: a URL", MACHINE_HTTP, { { LEASE, POOL, 0 },
	    { NULL, US, HTTP | URL } }, "boot-server-url", 0, 1, NULL, NULL,
	  NULL },
	{ "HTTP: PXEClient is nothing to it", MACHINE_HTTP,
	  { { LEASE, POOL, 0 }, { NULL, US, PXE | FILE_NAMED } }, NULL, -1,
	  -1, NULL, NULL, "no boot server" },
	{ "HTTP: a file that is no URL", MACHINE_HTTP, { { LEASE, POOL, 0 },
	    { NULL, US, HTTP | FILE_NAMED } }, NULL, -1, -1, NULL, NULL,
	  "no boot server" },
	{ "HTTP: a name, and nobody to ask", MACHINE_HTTP,
	  { { LEASE, POOL, 0 }, { NULL, US, HTTP | NAME_URL } }, NULL, -1, -1,
	  NULL, NULL, "no name server" },
	{ "HTTP: a name", MACHINE_HTTP, { { LEASE, POOL, DNS },
	    { NULL, US, HTTP | NAME_URL } }, "boot-server-url", 0, 1, NULL,
	  NULL, NULL },
	{ "HTTP: of two pools the one with a name server", MACHINE_HTTP,
	  { { LEASE, POOL, 0 }, { LEASE, THEM, DNS },
	    { NULL, US, HTTP | NAME_URL } }, "boot-server-url", 1, 2, NULL,
	  NULL, NULL },
	{ "HTTP: the pool's URL", MACHINE_HTTP,
	  { { LEASE, POOL, HTTP | URL }, { NULL, US, HTTP | URL } },
	  "pool-url", 0, 0, NULL, NULL, NULL },
	{ "HTTP: a file of the pool is nothing to it", MACHINE_HTTP,
	  { { LEASE, POOL, FILE_NAMED } }, NULL, -1, -1, NULL, NULL,
	  "no boot server" },

	/* iPXE. */
	{ "iPXE: both", MACHINE_IPXE, { { LEASE, POOL, 0 },
	    { NULL, US, PXE | FILE_NAMED } }, "boot-server", 0, 1, NULL,
	  FILES, NULL },
	{ "iPXE: no file", MACHINE_IPXE, { { LEASE, POOL, 0 },
	    { NULL, US, PXE } }, "boot-server", 0, 1, US, NULL, NULL },
	{ "iPXE: no siaddr", MACHINE_IPXE, { { LEASE, POOL, 0 },
	    { NULL, US, PXE | FILE_NAMED | NO_NEXT } }, "boot-server", 0, 1,
	  US, NULL, NULL },
	{ "iPXE: the pool's file", MACHINE_IPXE,
	  { { LEASE, POOL, FILE_NAMED }, { NULL, US, PXE | FILE_NAMED } },
	  "pool-file", 0, 0, NULL, FILES, NULL },
	{ "iPXE: a priority", MACHINE_IPXE, { { LEASE, POOL, FILE_NAMED },
	    { NULL, US, PXE | FILE_NAMED | PRIORITY } }, "boot-server", 0, 1,
	  NULL, FILES, NULL },
	{ "iPXE: both have one", MACHINE_IPXE,
	  { { LEASE, POOL, FILE_NAMED | PRIORITY },
	    { NULL, US, PXE | FILE_NAMED | PRIORITY } }, "pool-file", 0, 0,
	  NULL, FILES, NULL },
	{ "iPXE: leaves when it has both", MACHINE_IPXE,
	  { { LEASE, POOL, 0 }, { NULL, THEM, PXE | FILE_NAMED },
	    { NULL, US, PXE | FILE_NAMED | PRIORITY } }, "boot-server", 0, 1,
	  NULL, FILES, NULL },
	{ "iPXE: the later boot server before that", MACHINE_IPXE,
	  { { NULL, THEM, PXE | FILE_NAMED }, { NULL, US, PXE | FILE_NAMED },
	    { LEASE, POOL, 0 } }, "boot-server", 2, 1, NULL, FILES, NULL },
	{ "iPXE: the pool is its boot server", MACHINE_IPXE,
	  { { LEASE, POOL, PXE }, { NULL, US, PXE | FILE_NAMED } },
	  "boot-server", 0, 0, POOL, NULL, NULL },
	{ "iPXE: a pool alone", MACHINE_IPXE, { { LEASE, POOL, 0 } }, NULL,
	  -1, -1, NULL, NULL, "no boot server" },
	{ "iPXE: a boot server alone", MACHINE_IPXE,
	  { { NULL, US, PXE | FILE_NAMED } }, NULL, -1, -1, NULL, NULL,
	  "nobody gives an address" },
	{ "iPXE: a boot server from another port, without a name",
	  MACHINE_IPXE, { { LEASE, POOL, 0 },
	    { NULL, US, PXE | FILE_NAMED | PORT_68 | NO_ID } },
	  "boot-server", 0, 1, NULL, FILES, NULL },
};

static struct span
vendor_of(unsigned says)
{
	if ((says & LOCAL_FIRST) != 0)
		return (struct span){ (const uint8_t *)local_first,
		    sizeof(local_first) - 1 };
	if ((says & GROUP_MENU) != 0)
		return (struct span){ (const uint8_t *)group_menu,
		    sizeof(group_menu) - 1 };
	if ((says & MENU) != 0)
		return (struct span){ (const uint8_t *)menu,
		    sizeof(menu) - 1 };
	return (struct span){ 0 };
}

static void
fill(const struct offer *from, struct choice_offer *out)
{
	unsigned says = from->says;
	struct event_reply *r = &out->says;

	*out = (struct choice_offer){ .has_server_id = (says & NO_ID) == 0,
	    .port = (says & PORT_68) != 0 ? 68 : 67,
	    .vendor = vendor_of(says) };
	r->server = octets_address(from->server);
	if (from->lease != NULL)
		r->address = octets_address(from->lease);
	if ((says & NO_NEXT) == 0)
		r->next = octets_address(FILES);
	if ((says & DNS) != 0)
		r->dns = octets_address(POOL);
	r->says_pxe = (says & PXE) != 0;
	r->says_http = (says & HTTP) != 0;
	r->skips_discovery = (says & SKIPS) != 0;
	r->has_menu = (says & MENU) != 0;
	r->has_pxe_options = (says & (SKIPS | OPTIONS | MENU)) != 0;
	r->has_priority = (says & PRIORITY) != 0;
	r->option_67_spoils = (says & SPOILS) != 0;
	if ((says & FILE_NAMED) != 0)
		r->file = SPAN_OF("x.efi");
	if ((says & URL) != 0)
		r->file = SPAN_OF("http://10.0.0.9:80/x.efi");
	if ((says & NAME_URL) != 0)
		r->file = SPAN_OF("http://files.example/x.efi");
}

static void
check_address(const char *what, const char *wanted, struct in_addr found)
{
	struct in_addr none = { INADDR_ANY };

	ck_assert_msg(found.s_addr == (wanted == NULL ? none :
	    octets_address(wanted)).s_addr, "%s: %08x", what,
	    (unsigned)ntohl(found.s_addr));
}

START_TEST(test_choice)
{
	const char *what = row[_i].what;
	struct choice_offer offer[OFFERS];
	struct choice choice;
	const char *said;
	size_t n = 0;

	for (; n < OFFERS && row[_i].offer[n].server != NULL; n++) {
		fill(&row[_i].offer[n], &offer[n]);
		/* There is a reason where it is dropped, and only there. */
		ck_assert_msg((choice_type(row[_i].client, &offer[n],
		    &said) == CHOICE_DROPPED) == (said != NULL), "%s: %zu",
		    what, n);
	}
	choice_make(row[_i].client, offer, n, &choice);
	ck_assert_msg((choice.name == NULL) == (row[_i].name == NULL),
	    "%s: %s", what, choice.name != NULL ? choice.name : "nothing");
	if (row[_i].name != NULL)
		ck_assert_str_eq(choice.name, row[_i].name);
	ck_assert_msg(choice.lease == row[_i].lease, "%s: lease %d", what,
	    choice.lease);
	ck_assert_msg(choice.boot == row[_i].boot, "%s: boot %d", what,
	    choice.boot);
	check_address(what, row[_i].asks, choice.asks);
	if (row[_i].next != NULL)
		check_address(what, row[_i].next, choice.next);
	ck_assert_ptr_nonnull(choice.why);
	said = choice.name == NULL ? choice.why : choice.fault;
	ck_assert_msg((said == NULL) == (row[_i].fault == NULL), "%s: %s",
	    what, said != NULL ? said : "no fault");
	if (said != NULL)
		ck_assert_msg(strstr(said, row[_i].fault) != NULL, "%s: %s",
		    what, said);
}
END_TEST

/* The list of boot servers, and what is none. */
static const struct {
	const char *what;
	struct octets vendor;
	bool any, is_found;
	uint16_t type;
} list[] = {
	{ "the type", OCTETS(menu), false, true, 0x8001 },
	{ "another type", OCTETS(menu), false, false, 0x8002 },
	{ "any", OCTETS(menu), true, true, 0 },
	{ "no list", OCTETS(group_menu), true, false, 0 },
	{ "nothing", OCTETS(""), true, false, 0 },
	{ "a count and no address", OCTETS("\x08\x03\x80\x01\x01"), true,
	  false, 0 },
	{ "no addresses", OCTETS("\x08\x03\x80\x01\x00"), true, false, 0 },
	{ "half an address", OCTETS("\x08\x05\x80\x01\x01\x0a\x00"), true,
	  false, 0 },
	{ "the second", OCTETS("\x08\x0e\x80\x01\x01\x01\x02\x03\x04"
	    "\x80\x02\x01\x0a\x00\x00\x08"), false, true, 0x8002 },
};

START_TEST(test_list)
{
	struct heap heap = heap_of(list[_i].vendor.p, list[_i].vendor.n);
	struct in_addr address = { INADDR_ANY };

	ck_assert_msg(choice_boot_server(heap_span(heap), list[_i].any,
	    list[_i].type, &address) == list[_i].is_found, "%s",
	    list[_i].what);
	if (list[_i].is_found)
		check_address(list[_i].what, LISTED, address);
	heap_free(heap);
}
END_TEST

Suite *
suite(void)
{
	Suite *suite = suite_create("choice");
	TCase *test = tcase_create("choice");

	tcase_add_loop_test(test, test_choice, 0, ROWS(row));
	tcase_add_loop_test(test, test_list, 0, ROWS(list));
	suite_add_tcase(suite, test);
	return suite;
}
