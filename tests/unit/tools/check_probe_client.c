#include <check.h>

#include "core/frame.h"
#include "net/capture.h"
#include "tools/probe_client.h"
#include "unit/octets.h"
#include "unit/suite.h"

/*
 * What the firmware of these captures sent, and what we send as it.  All is
 * equal but what the machine itself has: the transaction, the Ethernet address
 * and the UUID.  A UUID that was never given to the machine is zeros.
 */
static const struct {
	const char *client;
	const char *capture;
	enum probe_message_kind kind;
	unsigned which;			/* of that kind, from 0 */
	unsigned sent, seconds;
	bool has_item;
} row[] = {
	{ "x64-uefi", "ovmf-x64", PROBE_DISCOVER, 0, 0, 0, false },
	{ "x64-uefi", "ovmf-rounds", PROBE_DISCOVER, 1, 1, 4, false },
	{ "x64-uefi", "ovmf-x64", PROBE_REQUEST, 0, 0, 0, false },
	{ "x64-uefi", "ovmf-rounds", PROBE_REQUEST, 0, 0, 4, false },
	{ "x64-uefi", "ovmf-x64", PROBE_QUESTION, 0, 0, 0, false },
	{ "arm64-uefi", "aavmf-arm64", PROBE_DISCOVER, 0, 0, 0, false },
	{ "arm64-uefi", "aavmf-arm64", PROBE_REQUEST, 0, 0, 0, false },
	{ "arm64-uefi", "aavmf-arm64", PROBE_QUESTION, 0, 0, 0, false },
	{ "x64-uefi-http", "ovmf-http", PROBE_DISCOVER, 0, 0, 0, false },
	{ "x64-uefi-http", "ovmf-http", PROBE_REQUEST, 0, 0, 0, false },
	{ "ipxe", "bios-ipxe", PROBE_DISCOVER, 0, 0, 0, false },
	{ "ipxe", "bios-ipxe", PROBE_REQUEST, 0, 1, 0, false },
	{ "ipxe-uefi", "ovmf-rom", PROBE_DISCOVER, 0, 0, 0, false },
	{ "ipxe-uefi", "ovmf-rom", PROBE_REQUEST, 0, 1, 0, false },
	{ "arch=x86-uefi", "ovmf-ia32", PROBE_DISCOVER, 0, 0, 0, false },
	{ "arch=arm32-uefi", "aavmf-arm", PROBE_QUESTION, 0, 0, 0, false },
};

enum { UUID_TYPE = 1, MESSAGE = 1500 };

/* The message of a capture. */
struct found {
	enum probe_message_kind kind;
	unsigned left;
	size_t n;
	uint8_t octets[MESSAGE];
};

static bool
look(void *context, const struct capture_frame *frame)
{
	struct found *found = context;
	enum probe_message_kind kind;
	struct frame read;
	struct dhcp dhcp;
	enum verdict why;

	if (!frame_read(frame->octets, &read, &why) ||
	    !dhcp_read(read.payload, &dhcp, &why) ||
	    dhcp.op != DHCP_BOOTREQUEST)
		return true;
	kind = read.destination_port == DHCP_PORT_PXE ? PROBE_QUESTION :
	    dhcp.type == DHCP_DISCOVER ? PROBE_DISCOVER : PROBE_REQUEST;
	if (kind != found->kind || found->left-- > 0)
		return true;
	ck_assert(read.payload.n <= MESSAGE);
	found->n = read.payload.n;
	memcpy(found->octets, read.payload.p, found->n);
	return false;
}

/* The machine's own UUID becomes that of none. */
static void
clear_uuid(struct found *found, const struct dhcp *dhcp)
{
	struct span uuid;

	ck_assert(dhcp_option(dhcp, DHCP_OPT_UUID, &uuid));
	ck_assert_uint_eq(uuid.n, UUID_TYPE + PXE_UUID_OCTETS);
	memset(found->octets + (uuid.p - found->octets) + UUID_TYPE, 0,
	    PXE_UUID_OCTETS);
}

static struct in_addr
address_in(const struct dhcp *dhcp, uint8_t code)
{
	struct in_addr address = { INADDR_ANY };
	struct span value;

	if (dhcp_option(dhcp, code, &value))
		(void)span_address(&value, &address);
	return address;
}

static void
find(const char *capture, struct found *found)
{
	static const uint8_t ours[FRAME_MAC];
	const char *srcdir = getenv("srcdir");
	char path[512], error[CAPTURE_ERROR_SIZE];
	struct capture *file;

	(void)snprintf(path, sizeof(path), "%s/../pcaps/firmware/%s.pcap",
	    srcdir != NULL ? srcdir : ".", capture);
	file = capture_open_file(path, ours, error);
	ck_assert_msg(file != NULL, "%s", error);
	ck_assert_msg(capture_all(file, look, found) == CAPTURE_FRAME,
	    "%s: no such message", path);
	capture_close(file);
}

START_TEST(test_as_seen)
{
	struct found found = { .kind = row[_i].kind, .left = row[_i].which };
	struct probe_message message = { .kind = row[_i].kind,
	    .sent = row[_i].sent, .seconds = row[_i].seconds };
	uint8_t octets[PROBE_CLIENT_OCTETS];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	struct probe_machine machine;
	struct dhcp dhcp;
	enum verdict why;

	find(row[_i].capture, &found);
	ck_assert(dhcp_read((struct span){ found.octets, found.n }, &dhcp,
	    &why));
	clear_uuid(&found, &dhcp);
	ck_assert(probe_machine_read(row[_i].client, &machine));
	memcpy(machine.mac, dhcp.chaddr, FRAME_MAC);
	machine.xid = machine.xid_4011 = dhcp.xid;
	message.own = row[_i].kind == PROBE_QUESTION ? dhcp.ciaddr :
	    address_in(&dhcp, DHCP_OPT_REQUESTED);
	message.server = address_in(&dhcp, DHCP_OPT_SERVER_ID);
	probe_message_write(&machine, &message, &w);
	ck_assert_msg(span_equal(writer_span(&w), (struct span){ found.octets,
	    found.n }), "%s of %s:\nwe send %s\nit sent %s", row[_i].capture,
	    row[_i].client, octets_hex(writer_span(&w)),
	    octets_hex((struct span){ found.octets, found.n }));
}
END_TEST

/* A ROM of a BIOS (Intel UNDI 2.1) as it was seen, from its header on. */
static const struct {
	enum probe_message_kind kind;
	const char *header, *options;
	bool has_item;
} rom[] = {
	{ PROBE_DISCOVER, "01010600 9b4e0557 0008 8000 00000000",
	  "63825363 350101"
	  "37240102030405060b0c0d0f10111216171c28292a2b3233363a3b3c4243"
	  "8081828384858687 390204ec"
	  "61110000000000000000000000000000000000"
	  "5d020000 5e03010201"
	  "3c20505845436c69656e743a417263683a30303030303a554e44493a303032303031"
	  "ff", false },
	{ PROBE_REQUEST, "01010600 9b4e0557 0008 8000 00000000",
	  "63825363 350103 3204c0a8100c"
	  "37240102030405060b0c0d0f10111216171c28292a2b3233363a3b3c4243"
	  "8081828384858687 390204ec 3604c0a81001"
	  "61110000000000000000000000000000000000"
	  "5d020000 5e03010201"
	  "3c20505845436c69656e743a417263683a30303030303a554e44493a303032303031"
	  "ff", false },
	{ PROBE_QUESTION, "01010600 9b4e0557 0008 0000 c0a8100c",
	  "63825363 350103"
	  "37240102030405060b0c0d0f10111216171c28292a2b3233363a3b3c4243"
	  "8081828384858687 390204ec"
	  "61110000000000000000000000000000000000"
	  "5d020000 5e03010201"
	  "3c20505845436c69656e743a417263683a30303030303a554e44493a303032303031"
	  "2b07470480000000ff ff", true },
};

START_TEST(test_rom)
{
	struct probe_message message = { .kind = rom[_i].kind, .seconds = 8,
	    .own = octets_address("192.168.16.12"),
	    .server = octets_address("192.168.16.1"),
	    .has_item = rom[_i].has_item, .item = 0x8000 };
	uint8_t octets[PROBE_CLIENT_OCTETS];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	const char *header = octets_unblank(rom[_i].header),
	    *options = octets_unblank(rom[_i].options), *hex;
	struct probe_machine machine;
	size_t n;

	probe_machine_of(&probe_client_table(&n)[1], &machine);
	machine.xid = 0x9b4e0557;
	probe_message_write(&machine, &message, &w);
	ck_assert(!w.full);
	ck_assert_uint_eq(w.n, 548);
	hex = octets_hex(writer_span(&w));
	ck_assert_msg(strncmp(hex, header, strlen(header)) == 0,
	    "header %.40s", hex);
	ck_assert_msg(strncmp(hex + 2 * 236, options, strlen(options)) == 0,
	    "options %s\nnot     %s", hex + 2 * 236, options);
	for (size_t i = 236 + strlen(options) / 2; i < w.n; i++)
		ck_assert_uint_eq(octets[i], 0);
}
END_TEST

/* Which firmware is played for words. */
static const struct {
	const char *words, *client, *title;
} like[] = {
	{ "x86-bios", "x86-bios", "an x86 machine with a BIOS" },
	{ "arch=x64-uefi", "x64-uefi", "an x64 UEFI machine" },
	{ "arch=x86-bios", "x86-bios", "an x86 machine with a BIOS" },
	{ "arch=riscv64-uefi", "x64-uefi",
	  "a machine of architecture riscv64-uefi" },
	{ "client=http arch=arm64-uefi-http", "x64-uefi-http",
	  "a machine of architecture arm64-uefi-http" },
	{ "client=ipxe", "ipxe", "iPXE on an x86 machine with a BIOS" },
	{ "user-class=iPXE arch=x64-uefi", "ipxe-uefi",
	  "iPXE on an x64 UEFI machine" },
	{ "client=ipxe arch=arm64-uefi", "ipxe-uefi",
	  "iPXE on a machine of architecture arm64-uefi" },
	{ "ipxe-feature=http", "ipxe", "iPXE on an x86 machine with a BIOS" },
	{ "user-class=corp mac=02:00:00:00:00:09", "x64-uefi",
	  "an x64 UEFI machine" },
	{ "x64", NULL, NULL },
	{ "arch=none", NULL, NULL },
	{ "ip=10.0.0.5", NULL, NULL },
	{ "arch=x64-uefi relay=10.0.0.5", NULL, NULL },
	{ "secs=4", NULL, NULL },
	{ "interface=eth0", NULL, NULL },
	{ "", NULL, NULL },
};

START_TEST(test_words)
{
	struct probe_machine machine;
	bool is_read = probe_machine_read(like[_i].words, &machine);

	ck_assert_msg(is_read == (like[_i].client != NULL), "%s",
	    like[_i].words);
	if (!is_read)
		return;
	ck_assert_str_eq(machine.client.name, like[_i].client);
	ck_assert_str_eq(machine.title[0] != '\0' ? machine.title :
	    machine.client.title, like[_i].title);
}
END_TEST

/* What words say is sent. */
START_TEST(test_said)
{
	struct probe_message message = { .kind = PROBE_DISCOVER,
	    .relay = octets_address("10.7.0.1") };
	uint8_t octets[PROBE_CLIENT_OCTETS];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	struct probe_machine machine;
	struct dhcp dhcp;
	enum verdict why;
	struct span value;

	ck_assert(probe_machine_read("user-class=corp client-id=abc "
	    "hostname=h circuit-id=port1 vendor-class='PXEClient:x, y' "
	    "request-option=\"250 text rack 7\" "
	    "uuid=00112233-4455-6677-8899-aabbccddeeff", &machine));
	probe_message_write(&machine, &message, &w);
	ck_assert(dhcp_read(writer_span(&w), &dhcp, &why));
	ck_assert(dhcp_option(&dhcp, DHCP_OPT_USER_CLASS, &value) &&
	    span_is_text(value, "corp"));
	ck_assert(dhcp_option(&dhcp, DHCP_OPT_CLIENT_ID, &value) &&
	    span_is_text(value, "abc"));
	ck_assert(dhcp_option(&dhcp, DHCP_OPT_HOST_NAME, &value) &&
	    span_is_text(value, "h"));
	ck_assert(dhcp_option(&dhcp, DHCP_OPT_VENDOR_CLASS, &value) &&
	    span_is_text(value, "PXEClient:x, y"));
	ck_assert(dhcp_option(&dhcp, 250, &value) &&
	    span_is_text(value, "rack 7"));
	ck_assert(dhcp_option(&dhcp, DHCP_OPT_RELAY, &value) &&
	    option_find_relay(value, PXE_CIRCUIT_ID, &value) &&
	    span_is_text(value, "port1"));
	ck_assert(dhcp_option(&dhcp, DHCP_OPT_UUID, &value));
	ck_assert_str_eq(octets_hex(value),
	    "0000112233445566778899aabbccddeeff");
	ck_assert(dhcp.giaddr.s_addr == message.relay.s_addr);
}
END_TEST

/* A release has the address and whom it goes to. */
START_TEST(test_release)
{
	struct probe_message message = { .kind = PROBE_RELEASE,
	    .own = octets_address("10.0.0.100"),
	    .server = octets_address("10.0.0.1") };
	uint8_t octets[PROBE_CLIENT_OCTETS];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	const struct probe_client *table;
	struct probe_machine machine;
	struct dhcp dhcp;
	enum verdict why;
	size_t n;

	table = probe_client_table(&n);
	ck_assert_uint_eq(n, 6);
	for (size_t i = 0; i < n; i++, w.n = 0) {
		probe_machine_of(&table[i], &machine);
		probe_message_write(&machine, &message, &w);
		ck_assert(dhcp_read(writer_span(&w), &dhcp, &why));
		ck_assert(dhcp.type == DHCP_RELEASE);
		ck_assert(dhcp.ciaddr.s_addr == message.own.s_addr);
		ck_assert(address_in(&dhcp, DHCP_OPT_SERVER_ID).s_addr ==
		    message.server.s_addr);
		ck_assert(dhcp.has[DHCP_OPT_CLIENT_ID] ==
		    (table[i].kind == MACHINE_IPXE));
	}
}
END_TEST

Suite *
suite(void)
{
	Suite *suite = suite_create("probe_client");
	TCase *test = tcase_create("probe_client");

	tcase_add_loop_test(test, test_as_seen, 0, ROWS(row));
	tcase_add_loop_test(test, test_rom, 0, ROWS(rom));
	tcase_add_loop_test(test, test_words, 0, ROWS(like));
	tcase_add_test(test, test_said);
	tcase_add_test(test, test_release);
	suite_add_tcase(suite, test);
	return suite;
}
