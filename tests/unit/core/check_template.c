#include <check.h>

#include "core/template.h"
#include "unit/octets.h"
#include "unit/suite.h"

/* Who asks, in a table row. */
struct client {
	uint8_t hlen;
	const char *chaddr;	/* 16 octets */
	struct octets uuid;	/* option 97, whole */
	int arch;		/* -1: none */
	unsigned tags;
	uint16_t tci;
	enum pxe_question question;
	bool on_4011;
	const char *ciaddr;
	const char *giaddr;	/* NULL: none */
	const char *interface;
	struct octets host_name;	/* option 12 */
};

#define CHADDR "\x52\x54\x00\xab\xcd\xef" "0123456789"
#define UUID OCTETS("\x00" "\x00\x11\x22\x33\x44\x55\x66\x77" \
	"\x88\x99\xaa\xbb\xcc\xdd\xee\xff")
#define DISCOVERS 6, CHADDR, UUID, 7, 1, 0xe064, PXE_ASKS_OFFER, false
#define ASKS_4011 6, CHADDR, UUID, 7, 1, 0xe064, PXE_ASKS_BOOT_SERVER, true
#define MORE NULL, NULL, OCTETS("")	/* no relay, interface, name */
#define SILENT 0, CHADDR, OCTETS(""), -1, 0, 0

static const struct {
	const char *what;
	const char *text;
	struct client client;
	size_t room;
	enum template_outcome outcome;
	const char *written;
} rows[] = {
	{ "no variable", "pxelinux.0", { DISCOVERS, "0.0.0.0", MORE }, 64,
	    TEMPLATE_DONE, "pxelinux.0" },
	{ "nothing", "", { DISCOVERS, "0.0.0.0", MORE }, 64, TEMPLATE_DONE,
	    "" },
	{ "mac", "${mac}", { DISCOVERS, "0.0.0.0", MORE }, 64, TEMPLATE_DONE,
	    "52:54:00:ab:cd:ef" },
	{ "mac-hyphen", "01-${mac-hyphen}.cfg", { DISCOVERS, "0.0.0.0", MORE },
	    64,
	    TEMPLATE_DONE, "01-52-54-00-ab-cd-ef.cfg" },
	{ "mac of 16 octets", "${mac}", { 16, "\x00\x01\x02\x03\x04\x05\x06"
	    "\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff", UUID, 7, 0, 0,
	    PXE_ASKS_OFFER, false, "0.0.0.0", MORE }, 64, TEMPLATE_DONE,
	    "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:ff" },
	{ "uuid, in the order of its octets", "${uuid}",
	    { DISCOVERS, "0.0.0.0", MORE }, 64, TEMPLATE_DONE,
	    "00112233-4455-6677-8899-aabbccddeeff" },
	{ "arch by name", "${arch}/x", { DISCOVERS, "0.0.0.0", MORE }, 64,
	    TEMPLATE_DONE, "x64-uefi/x" },
	{ "arch that no registry has", "${arch}", { 6, CHADDR, UUID, 65535,
	    0, 0, PXE_ASKS_OFFER, false, "0.0.0.0", MORE }, 64, TEMPLATE_DONE,
	    "65535" },
	{ "vlan, without its priority", "v${vlan}",
	    { DISCOVERS, "0.0.0.0", MORE }, 64, TEMPLATE_DONE, "v100" },
	{ "ip on 4011", "${ip}", { ASKS_4011, "10.200.0.7", MORE }, 64,
	    TEMPLATE_DONE, "10.200.0.7" },
	{ "ip-hex on 4011", "${ip-hex}", { ASKS_4011, "10.200.0.7", MORE }, 64,
	    TEMPLATE_DONE, "0AC80007" },
	{ "two, side by side", "${vlan}${arch}", { DISCOVERS, "0.0.0.0", MORE },
	    64,
	    TEMPLATE_DONE, "100x64-uefi" },
	{ "a value is not looked through again", "${mac}}",
	    { DISCOVERS, "0.0.0.0", MORE }, 64, TEMPLATE_DONE,
	    "52:54:00:ab:cd:ef}" },

	{ "a dollar", "a$b$", { DISCOVERS, "0.0.0.0", MORE }, 64, TEMPLATE_DONE,
	    "a$b$" },
	{ "a brace that nobody closes", "a${mac", { DISCOVERS, "0.0.0.0",
	    MORE },
	    64, TEMPLATE_DONE, "a${mac" },
	{ "an opening at the very end", "a${", { DISCOVERS, "0.0.0.0", MORE },
	    64,
	    TEMPLATE_DONE, "a${" },

	{ "ip in a DISCOVER: later", "${ip}", { DISCOVERS, "10.0.0.9", MORE },
	    64,
	    TEMPLATE_LATER, NULL },
	{ "ip-hex in a DISCOVER: later", "${ip-hex}",
	    { DISCOVERS, "10.0.0.9", MORE }, 64, TEMPLATE_LATER, NULL },
	{ "ip of a client without one on 4011", "${ip}",
	    { ASKS_4011, "0.0.0.0", MORE }, 64, TEMPLATE_UNKNOWN, NULL },
	{ "mac of no octet", "${mac}", { SILENT, PXE_ASKS_OFFER, false,
	    "0.0.0.0", MORE }, 64, TEMPLATE_UNKNOWN, NULL },
	{ "no uuid", "${uuid}", { SILENT, PXE_ASKS_OFFER, false, "0.0.0.0",
	    MORE },
	    64, TEMPLATE_UNKNOWN, NULL },
	{ "no arch", "${arch}", { SILENT, PXE_ASKS_OFFER, false, "0.0.0.0",
	    MORE },
	    64, TEMPLATE_UNKNOWN, NULL },
	{ "no vlan", "${vlan}", { SILENT, PXE_ASKS_OFFER, false, "0.0.0.0",
	    MORE },
	    64, TEMPLATE_UNKNOWN, NULL },
	{ "no such variable", "${host}", { DISCOVERS, "0.0.0.0", MORE }, 64,
	    TEMPLATE_UNKNOWN, NULL },
	{ "a uuid that no machine was given", "${uuid}", { 6, CHADDR,
	    OCTETS("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), 7, 0, 0,
	    PXE_ASKS_OFFER, false, "0.0.0.0", MORE }, 64, TEMPLATE_UNKNOWN,
	    NULL },
	{ "a uuid of another type, with a path in it", "${uuid}", { 6, CHADDR,
	    OCTETS("\x01" "../../etc/passwd"), 7, 0, 0, PXE_ASKS_OFFER,
	    false, "0.0.0.0", MORE }, 64, TEMPLATE_UNKNOWN, NULL },

	{ "mac-plain", "${mac-plain}", { DISCOVERS, "0.0.0.0", MORE }, 64,
	    TEMPLATE_DONE, "525400abcdef" },
	{ "server and next-server", "${server},${next-server}",
	    { DISCOVERS, "0.0.0.0", MORE }, 64, TEMPLATE_DONE,
	    "192.0.2.10,192.0.2.20" },
	{ "relay", "${relay}", { DISCOVERS, "0.0.0.0", "10.7.0.1", NULL,
	    OCTETS("") }, 64, TEMPLATE_DONE, "10.7.0.1" },
	{ "no relay", "${relay}", { DISCOVERS, "0.0.0.0", MORE }, 64,
	    TEMPLATE_UNKNOWN, NULL },
	{ "relay: not a stray giaddr on 4011", "${relay}", { ASKS_4011,
	    "10.0.0.9", "10.7.0.1", NULL, OCTETS("") }, 64, TEMPLATE_UNKNOWN,
	    NULL },
	{ "interface", "${interface}", { DISCOVERS, "0.0.0.0", NULL,
	    "eth0.100", OCTETS("") }, 64, TEMPLATE_DONE, "eth0.100" },
	{ "no interface", "${interface}", { DISCOVERS, "0.0.0.0", MORE }, 64,
	    TEMPLATE_UNKNOWN, NULL },
	{ "hostname", "${hostname}", { DISCOVERS, "0.0.0.0", NULL, NULL,
	    OCTETS("Rack7-a") }, 64, TEMPLATE_DONE, "Rack7-a" },
	{ "hostname with a NUL behind", "${hostname}", { DISCOVERS,
	    "0.0.0.0", NULL, NULL, OCTETS("rack7\0") }, 64, TEMPLATE_DONE,
	    "rack7" },
	{ "hostname of two NULs", "${hostname}", { DISCOVERS, "0.0.0.0",
	    NULL, NULL, OCTETS("rack7\0\0") }, 64, TEMPLATE_UNKNOWN, NULL },
	{ "hostname with a path in it", "${hostname}", { DISCOVERS,
	    "0.0.0.0", NULL, NULL, OCTETS("../etc") }, 64, TEMPLATE_UNKNOWN,
	    NULL },
	{ "hostname with a dot", "${hostname}", { DISCOVERS, "0.0.0.0",
	    NULL, NULL, OCTETS("a.b") }, 64, TEMPLATE_UNKNOWN, NULL },
	{ "a hostname that is a NUL", "${hostname}", { DISCOVERS, "0.0.0.0",
	    NULL, NULL, OCTETS("\0") }, 64, TEMPLATE_UNKNOWN, NULL },
	{ "no hostname", "${hostname}", { DISCOVERS, "0.0.0.0", MORE }, 64,
	    TEMPLATE_UNKNOWN, NULL },
	{ "a default where there is no value", "a/${uuid:-none}.cfg",
	    { SILENT, PXE_ASKS_OFFER, false, "0.0.0.0", MORE }, 64,
	    TEMPLATE_DONE,
	    "a/none.cfg" },
	{ "no default where there is a value", "${vlan:-0}",
	    { DISCOVERS, "0.0.0.0", MORE }, 64, TEMPLATE_DONE, "100" },
	{ "an empty default", "${uuid:-}", { SILENT, PXE_ASKS_OFFER, false,
	    "0.0.0.0", MORE }, 64, TEMPLATE_DONE, "" },
	{ "a default of a value that port 4011 will know", "${ip:-none}",
	    { DISCOVERS, "0.0.0.0", MORE }, 64, TEMPLATE_LATER, NULL },
	{ "a default of a value that port 4011 does not know",
	    "${ip:-none}", { ASKS_4011, "0.0.0.0", MORE }, 64, TEMPLATE_DONE,
	    "none" },

	{ "exactly the room", "${mac}", { DISCOVERS, "0.0.0.0", MORE }, 17,
	    TEMPLATE_DONE, "52:54:00:ab:cd:ef" },
	{ "one octet too many", "${mac}", { DISCOVERS, "0.0.0.0", MORE }, 16,
	    TEMPLATE_FULL, NULL },
	{ "text too long", "pxelinux.0", { DISCOVERS, "0.0.0.0", MORE }, 9,
	    TEMPLATE_FULL, NULL },
};

static void
make_request(const struct client *client, struct frame *frame,
    struct dhcp *dhcp, struct pxe_request *out)
{
	memset(frame, 0, sizeof(*frame));
	memset(dhcp, 0, sizeof(*dhcp));
	frame->tags = client->tags;
	frame->tag[0] = (struct frame_tag){ 0x8100, client->tci };
	dhcp->hlen = client->hlen;
	memcpy(dhcp->chaddr, client->chaddr, sizeof(dhcp->chaddr));
	dhcp->ciaddr = octets_address(client->ciaddr);
	if (client->giaddr != NULL)
		dhcp->giaddr = octets_address(client->giaddr);
	dhcp->has[DHCP_OPT_HOST_NAME] = client->host_name.n > 0;
	dhcp->option[DHCP_OPT_HOST_NAME] = octets_span(client->host_name);
	*out = (struct pxe_request){ .frame = frame, .dhcp = dhcp,
		.interface = client->interface,
		.question = client->question, .on_4011 = client->on_4011,
		.uuid = octets_span(client->uuid),
		.has_uuid = client->uuid.n > 0,
		.has_arch = client->arch >= 0,
		.arch = (uint16_t)client->arch };
}

START_TEST(test_write)
{
	const char *what = rows[_i].what;
	uint8_t *p = malloc(rows[_i].room);
	struct span_writer w = { p, rows[_i].room, 0, false };
	struct pxe_request request;
	struct template_values values = { .request = &request,
		.server = octets_address("192.0.2.10"),
		.has_next_server = true,
		.next_server = octets_address("192.0.2.20") };
	enum template_outcome outcome;
	struct frame frame;
	struct dhcp dhcp;

	make_request(&rows[_i].client, &frame, &dhcp, &request);
	values.is_last = request.on_4011;
	outcome = template_write(&w, rows[_i].text, &values);
	ck_assert_msg(outcome == rows[_i].outcome, "%s: outcome %d", what,
	    (int)outcome);
	if (outcome == TEMPLATE_DONE)
		ck_assert_msg(w.n == strlen(rows[_i].written) &&
		    memcmp(p, rows[_i].written, w.n) == 0, "%s: %.*s", what,
		    (int)w.n, (const char *)p);
	free(p);
}
END_TEST

static const struct {
	const char *text;
	bool has;
	const char *fault;	/* where the name that is none begins */
} faults[] = {
	{ "", false, NULL },
	{ "a$b", false, NULL },
	{ "${mac", false, NULL },
	{ "${mac}", true, NULL },
	{ "${mac}/${mac-hyphen}/${uuid}/${arch}/${ip}/${ip-hex}/${vlan}",
	    true, NULL },
	{ "${mac-plain}/${server}/${next-server}/${relay}/${interface}"
	    "/${hostname}/${uuid:-none}/${vlan:-}", true, NULL },
	{ "${vlam:-0}", true, "vlam:-0}" },
	{ "${MAC}", true, "MAC}" },
	{ "${}", true, "}" },
	{ "${mac}${host}", true, "host}" },
	{ "${mac }", true, "mac }" },
};

START_TEST(test_fault)
{
	const char *text = faults[_i].text;
	const char *fault = template_fault(text);

	ck_assert_msg(template_has_variables(text) == faults[_i].has,
	    "%s: has variables", text);
	ck_assert_msg((fault == NULL) == (faults[_i].fault == NULL),
	    "%s: fault %s", text, fault);
	if (fault != NULL)
		ck_assert_str_eq(fault, faults[_i].fault);
}
END_TEST

START_TEST(test_list)
{
	size_t n = 0;

	while (template_variable(n) != NULL)
		n++;
	ck_assert_uint_eq(n, 13);
	ck_assert_ptr_null(template_variable(SIZE_MAX));
}
END_TEST

static const char *const dotteds[] = { "0.0.0.0", "1.2.3.4", "10.20.30.40",
	"9.99.100.101", "109.200.209.210", "255.255.255.255" };

START_TEST(test_dotted)
{
	uint8_t *p = malloc(strlen(dotteds[_i]));
	struct span_writer w = { p, strlen(dotteds[_i]), 0, false };

	template_write_dotted(&w, octets_address(dotteds[_i]));
	ck_assert(!w.full && w.n == strlen(dotteds[_i]));
	ck_assert_mem_eq(p, dotteds[_i], w.n);
	free(p);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("template");
	TCase *tc = tcase_create("template");

	tcase_add_loop_test(tc, test_write, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_fault, 0, ROWS(faults));
	tcase_add_loop_test(tc, test_dotted, 0, ROWS(dotteds));
	tcase_add_test(tc, test_list);
	suite_add_tcase(s, tc);
	return s;
}
