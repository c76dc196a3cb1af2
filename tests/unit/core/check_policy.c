#include <check.h>

#include "core/policy.h"
#include "unit/octets.h"
#include "unit/rules.h"
#include "unit/suite.h"

#define OURS "192.0.2.10"

/* 50 letters of a file name. */
#define F50 "ffffffffffffffffffffffffffffffffffffffffffffffffff"

enum { NO_ARCH = -1 };

/* Who asks, in a table row. */
struct client {
	bool http;			/* HTTPClient */
	int arch;
	bool ipxe;
	const char *user_class;
	const char *vendor_class;	/* NULL: PXEClient or HTTPClient */
	uint8_t mac[FRAME_MAC];
	uint8_t hlen;			/* 0: 6 */
};

static struct span
text_span(const char *text)
{
	return (struct span){ (const uint8_t *)text,
		text == NULL ? 0 : strlen(text) };
}

static void
make_request(const struct client *client, struct dhcp *dhcp,
    struct pxe_request *out)
{
	memset(dhcp, 0, sizeof(*dhcp));
	dhcp->hlen = client->hlen == 0 ? FRAME_MAC : client->hlen;
	memcpy(dhcp->chaddr, client->mac, FRAME_MAC);
	*out = (struct pxe_request){
		.dhcp = dhcp,
		.client = client->http ? PXE_CLIENT_HTTP : PXE_CLIENT_PXE,
		.vendor_class = text_span(client->vendor_class != NULL ?
		    client->vendor_class : client->http ? "HTTPClient" :
		    "PXEClient"),
		.user_class = text_span(client->user_class),
		.is_ipxe = client->ipxe,
		.has_arch = client->arch != NO_ARCH,
		.arch = (uint16_t)client->arch,
		.max_size = 576,
	};
}

#define ARCH_7_9 MATCH_(ARCH, IS_ARCH(7), IS_ARCH(9))
#define ARCH_0 MATCH_(ARCH, IS_ARCH(0))
#define ONE_MAC MATCH_(MAC, IS_MAC(0x52, 0x54, 0x00, 0x12, 0x34, 0x56))
#define TWO_MACS \
	MATCH_(MAC, IS_OUI4(0x52, 0x54, 0x00, 0x07), \
	    { .text = "*:99", .is.mac = { { 0, 0, 0, 0, 0, 0x99 }, \
	    { 0, 0, 0, 0, 0, 0xff } } })
#define IPXE_CLASS MATCH_(USER_CLASS, IS_TEXT("iPXE"))
#define TWO_CLASSES MATCH_(USER_CLASS, IS_TEXT("alpha"), IS_TEXT("beta"))
#define HTTP_VENDOR MATCH_(VENDOR_CLASS, IS_TEXT("HTTPClient"))
#define TWO_VENDORS \
	MATCH_(VENDOR_CLASS, IS_TEXT("PXEClient:Arch:00009"), \
	    IS_TEXT("PXEClient:Arch:00007"))
#define IPXE_ONLY MATCH_(CLIENT, IS_CLIENT(IPXE))
#define HTTP_ONLY MATCH_(CLIENT, IS_CLIENT(HTTP))

static const struct {
	const char *what;
	struct policy_rule rule;
	struct client client;
	bool matches;
} matches[] = {
	{ "an empty rule matches everybody", { 0 }, { .arch = 7 }, true },
	{ "an empty rule matches who names nothing", { 0 },
	    { .arch = NO_ARCH }, true },

	{ "arch, the first of the list", { MATCHES(ARCH_7_9) },
	    { .arch = 7 }, true },
	{ "arch, the last of the list", { MATCHES(ARCH_7_9) },
	    { .arch = 9 }, true },
	{ "arch, not in the list", { MATCHES(ARCH_7_9) },
	    { .arch = 8 }, false },
	{ "arch, the client names none", { MATCHES(ARCH_7_9) },
	    { .arch = NO_ARCH }, false },
	{ "no architecture is not arch 0", { MATCHES(ARCH_0) },
	    { .arch = NO_ARCH }, false },
	{ "arch 0", { MATCHES(ARCH_0) }, { .arch = 0 }, true },

	{ "mac, whole", { MATCHES(ONE_MAC) },
	    { .mac = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 } }, true },
	{ "mac, whole, the last octet differs", { MATCHES(ONE_MAC) }, { .mac = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x57 } },
	    false },
	{ "mac, a prefix", { MATCHES(TWO_MACS) },
	    { .mac = { 0x52, 0x54, 0x00, 0x07, 0xaa, 0xbb } }, true },
	{ "mac, the second entry, at its end", { MATCHES(TWO_MACS) }, { .mac = { 1, 2, 3, 4, 5, 0x99 } }, true },
	{ "mac, neither", { MATCHES(TWO_MACS) },
	    { .mac = { 0x52, 0x54, 0x00, 0x08, 0xaa, 0xbb } }, false },
	{ "mac, hardware address of 16 octets", { MATCHES(ONE_MAC) }, { .mac = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 },
	    .hlen = 16 }, false },
	{ "mac, hardware address of 5 octets", { MATCHES(ONE_MAC) }, { .mac = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 },
	    .hlen = 5 }, false },

	{ "user class, bare", { MATCHES(IPXE_CLASS) }, { .user_class = "iPXE" }, true },
	{ "user class, counted", { MATCHES(IPXE_CLASS) }, { .user_class = "\x04iPXE" }, true },
	{ "user class, another", { MATCHES(IPXE_CLASS) }, { .user_class = "gPXE" }, false },
	{ "user class, none", { MATCHES(IPXE_CLASS) }, { .arch = 0 }, false },
	{ "user class, the second of the list", { MATCHES(TWO_CLASSES) }, { .user_class = "beta" }, true },
	{ "user class, FlexBoot with option 175 alone is not iPXE by name",
	    { MATCHES(IPXE_CLASS) },
	    { .ipxe = true }, false },

	{ "vendor class, a beginning", { MATCHES(TWO_VENDORS) }, { .vendor_class =
	    "PXEClient:Arch:00007:UNDI:003016" }, true },
	{ "vendor class, whole", { MATCHES(TWO_VENDORS) }, { .vendor_class = "PXEClient:Arch:00007" },
	    true },
	{ "vendor class, shorter than the rule's", { MATCHES(TWO_VENDORS) }, { .vendor_class =
	    "PXEClient" }, false },
	{ "vendor class, another", { MATCHES(HTTP_VENDOR) }, { .arch = 7 }, false },

	{ "iPXE only, iPXE", { MATCHES(IPXE_ONLY) }, { .ipxe = true }, true },
	{ "iPXE only, firmware", { MATCHES(IPXE_ONLY) }, { .arch = 7 },
	    false },
	{ "HTTP only, HTTP Boot", { MATCHES(HTTP_ONLY) }, { .http = true },
	    true },
	{ "HTTP only, PXE with an HTTP arch", { MATCHES(HTTP_ONLY) },
	    { .arch = 16 }, false },

	{ "all lists match", { MATCHES(ARCH_7_9, TWO_MACS, IPXE_CLASS, TWO_VENDORS) }, { .arch = 7, .user_class = "iPXE",
	    .vendor_class = "PXEClient:Arch:00007", .mac =
	    { 0x52, 0x54, 0x00, 0x07, 1, 2 } }, true },
	{ "all lists but the arch", { MATCHES(ARCH_7_9, TWO_MACS, IPXE_CLASS) }, { .arch = 6, .user_class = "iPXE", .mac =
	    { 0x52, 0x54, 0x00, 0x07, 1, 2 } }, false },
	{ "all lists but the mac", { MATCHES(ARCH_7_9, TWO_MACS, IPXE_CLASS) }, { .arch = 7, .user_class = "iPXE", .mac =
	    { 0x52, 0x54, 0x00, 0x08, 1, 2 } }, false },
	{ "all lists but the user class", { MATCHES(ARCH_7_9, TWO_MACS, IPXE_CLASS) }, { .arch = 7, .user_class = "gPXE", .mac =
	    { 0x52, 0x54, 0x00, 0x07, 1, 2 } }, false },
};

START_TEST(test_match)
{
	struct pxe_request request;
	struct dhcp dhcp;

	make_request(&matches[_i].client, &dhcp, &request);
	ck_assert_msg(policy_matches(&matches[_i].rule, &request) ==
	    matches[_i].matches, "%s", matches[_i].what);
}
END_TEST

static const struct policy_option an_option[] = {
	{ 209, TEXT_SPAN("petitboot.conf") },
};

enum { DECISION_RULES = 3 };

/*
 * Decisions: a policy of up to three rules and behind them one for everybody,
 * as every policy has it; who asks, and what they get.
 */
static const struct {
	const char *what;
	struct policy_rule rule[DECISION_RULES];
	size_t n;
	const char *policy_file;
	const char *policy_next_server;	/* dotted, or NULL */
	struct client client;
	bool gives;
	enum verdict why;
	int rule_index;			/* -1: the one for everybody */
	enum form form;
	const char *file;
	const char *next_server;
} decisions[] = {
#define NOBODY NULL, NULL
	/* No rule at all: the usual file of the architecture. */
	{ "BIOS by default", { { 0 } }, 0, NOBODY, { .arch = 0 },
	    true, 0, -1, FORM_DIRECT, "pxelinux.0", OURS },
	{ "x64 by default", { { 0 } }, 0, NOBODY, { .arch = 7 },
	    true, 0, -1, FORM_BINL, "BOOTX64.EFI", OURS },
	{ "EBC by default", { { 0 } }, 0, NOBODY, { .arch = 9 },
	    true, 0, -1, FORM_BINL, "BOOTX64.EFI", OURS },
	{ "ia32 by default", { { 0 } }, 0, NOBODY, { .arch = 6 },
	    true, 0, -1, FORM_BINL, "BOOTIA32.EFI", OURS },
	{ "arm64 by default", { { 0 } }, 0, NOBODY, { .arch = 11 },
	    true, 0, -1, FORM_BINL, "BOOTAA64.EFI", OURS },
	{ "U-Boot by default", { { 0 } }, 0, NOBODY, { .arch = 22 },
	    true, 0, -1, FORM_PLAIN, "boot.scr.uimg", OURS },
	{ "Open Firmware by default", { { 0 } }, 0, NOBODY, { .arch = 12 },
	    true, 0, -1, FORM_DIRECT, "core.elf", OURS },
	{ "iPXE on BIOS by default", { { 0 } }, 0, NOBODY,
	    { .arch = 0, .ipxe = true }, true, 0, -1, FORM_IPXE,
	    "pxelinux.0", OURS },
	{ "iPXE on UEFI by default", { { 0 } }, 0, NOBODY,
	    { .arch = 7, .ipxe = true }, true, 0, -1, FORM_IPXE,
	    "BOOTX64.EFI", OURS },
	{ "HTTP Boot by default", { { 0 } }, 0, NOBODY,
	    { .arch = 16, .http = true }, true, 0, -1, FORM_HTTP,
	    "http://192.0.2.10/BOOTX64.EFI", OURS },
	{ "HTTP Boot with a PXE arch: option 60 decides", { { 0 } }, 0,
	    NOBODY, { .arch = 7, .http = true }, true, 0, -1, FORM_HTTP,
	    "http://192.0.2.10/BOOTX64.EFI", OURS },
	{ "PXE with an HTTP arch: option 60 decides", { { 0 } }, 0, NOBODY,
	    { .arch = 16 }, true, 0, -1, FORM_BINL, "BOOTX64.EFI", OURS },
	{ "PXE with the BIOS HTTP arch", { { 0 } }, 0, NOBODY,
	    { .arch = 20 }, true, 0, -1, FORM_DIRECT, "undionly.kpxe",
	    OURS },
	{ "iPXE that asks as HTTPClient", { { 0 } }, 0, NOBODY,
	    { .arch = 16, .http = true, .ipxe = true }, true, 0, -1,
	    FORM_HTTP, "http://192.0.2.10/BOOTX64.EFI", OURS },
	{ "no architecture, no rule", { { 0 } }, 0, NOBODY,
	    { .arch = NO_ARCH }, false, VERDICT_NO_ARCH, -1, 0, NULL, NULL },
	{ "a stranger, no rule", { { 0 } }, 0, NOBODY, { .arch = 42 },
	    false, VERDICT_ARCH_UNKNOWN, -1, 0, NULL, NULL },
	{ "no usual file", { { 0 } }, 0, NOBODY, { .arch = 8 },
	    false, VERDICT_ARCH_NO_FILE, -1, 0, NULL, NULL },
	{ "HTTP Boot, no usual file", { { 0 } }, 0, NOBODY,
	    { .arch = 24, .http = true }, false, VERDICT_ARCH_NO_FILE, -1, 0,
	    NULL, NULL },

	/* The policy's own file and next-server. */
	{ "one file for every client", { { 0 } }, 0, "boot/loader",
	    NULL, { .arch = 7 }, true, 0, -1, FORM_BINL, "boot/loader",
	    OURS },
	{ "one file, for a stranger too: like EFI", { { 0 } }, 0,
	    "boot/loader", NULL, { .arch = 42 }, true, 0, -1, FORM_BINL,
	    "boot/loader", OURS },
	{ "one file, for who names no architecture: like BIOS", { { 0 } }, 0,
	    "boot/loader", NULL, { .arch = NO_ARCH }, true, 0, -1,
	    FORM_DIRECT, "boot/loader", OURS },
	{ "one next-server", { { 0 } }, 0, NULL, "192.0.2.20", { .arch = 0 },
	    true, 0, -1, FORM_DIRECT, "pxelinux.0", "192.0.2.20" },
	{ "one next-server, in the URL too", { { 0 } }, 0, NULL,
	    "192.0.2.20", { .arch = 16, .http = true }, true, 0, -1,
	    FORM_HTTP, "http://192.0.2.20/BOOTX64.EFI", "192.0.2.20" },

	/* Rules. */
	{ "the first rule that matches", { { MATCHES(ARCH_0),
	    .file = "a" }, { MATCHES(ARCH_7_9), .file = "b" },
	    { .file = "c" } }, 3, NOBODY, { .arch = 9 }, true, 0, 1,
	    FORM_BINL, "b", OURS },
	{ "not a later one that matches better", { { .file = "a" },
	    { MATCHES(ARCH_7_9), .file = "b" } }, 2, NOBODY,
	    { .arch = 9 }, true, 0, 0, FORM_BINL, "a", OURS },
	{ "no rule matches", { { MATCHES(ARCH_0), .file = "a" } },
	    1, NOBODY, { .arch = 7 }, true, 0, -1, FORM_BINL,
	    "BOOTX64.EFI", OURS },
	{ "the rule's file before the policy's", { { .file = "a" } }, 1,
	    "p", NULL, { .arch = 7 }, true, 0, 0, FORM_BINL, "a", OURS },
	{ "the policy's file where the rule has none", { { .n_match = 0 } },
	    1, "p", NULL, { .arch = 7 }, true, 0, 0, FORM_BINL, "p", OURS },
	{ "the usual file where neither has one", { { .form = FORM_PLAIN }
	    }, 1, NOBODY, { .arch = 7 }, true, 0, 0, FORM_PLAIN,
	    "BOOTX64.EFI", OURS },
	{ "a rule without a file, and no usual one", { { .n_match = 0 } }, 1,
	    NOBODY, { .arch = 31 }, false, VERDICT_ARCH_NO_FILE, 0, 0, NULL,
	    NULL },
	{ "ignore", { { .ignore = true } }, 1, NOBODY, { .arch = 7 }, false,
	    VERDICT_IGNORED, 0, 0, NULL, NULL },
	{ "ignore comes before what is missing", { { .ignore = true } }, 1,
	    NOBODY, { .arch = NO_ARCH }, false, VERDICT_IGNORED, 0, 0, NULL,
	    NULL },
	{ "ignore for others only", { { MATCHES(ARCH_0),
	    .ignore = true } }, 1, NOBODY, { .arch = 7 }, true, 0, -1,
	    FORM_BINL, "BOOTX64.EFI", OURS },
	{ "a form of the rule's own", { { .form = FORM_DIRECT } }, 1,
	    NOBODY, { .arch = 7 }, true, 0, 0, FORM_DIRECT, "BOOTX64.EFI",
	    OURS },
	{ "paired", { { .form = FORM_PAIRED } }, 1, NOBODY, { .arch = 7 },
	    true, 0, 0, FORM_PAIRED, "BOOTX64.EFI", OURS },
	{ "the Raspberry Pi's ROM", { { .form = FORM_RPI, .file = "bootcode" }
	    }, 1, NOBODY, { .arch = 0 }, true, 0, 0, FORM_RPI, "bootcode",
	    OURS },
	{ "the ROM without a file", { { .form = FORM_RPI } }, 1, NOBODY,
	    { .arch = 0 }, true, 0, 0, FORM_RPI, "pxelinux.0", OURS },
	{ "UEFI of the same board", { { .form = FORM_RPI,
	    .file = "bootcode" } }, 1, NOBODY, { .arch = 11 }, true, 0, 0,
	    FORM_BINL, "BOOTAA64.EFI", OURS },
	{ "iPXE of the same board", { { .form = FORM_RPI,
	    .file = "bootcode" } }, 1, NOBODY, { .arch = 11, .ipxe = true },
	    true, 0, 0, FORM_IPXE, "BOOTAA64.EFI", OURS },
	{ "iPXE that calls itself a BIOS", { { .form = FORM_RPI,
	    .file = "bootcode" } }, 1, NOBODY, { .arch = 0, .ipxe = true },
	    true, 0, 0, FORM_IPXE, "pxelinux.0", OURS },
	{ "an architecture without a usual file", { { 0 } }, 1, NOBODY,
	    { .arch = 14 }, false, VERDICT_ARCH_NO_FILE, 0, 0, NULL, NULL },
	{ "options alone are an answer", { { .option = an_option,
	    .n_option = 1 } }, 1, NOBODY, { .arch = 14 }, true, 0, 0,
	    FORM_DIRECT, "", OURS },
	{ "the local disk, for a BIOS", { { .form = FORM_LOCAL,
	    .file = "x" } }, 1, NOBODY, { .arch = 0 }, true, 0, 0,
	    FORM_LOCAL, "", OURS },
	{ "the local disk, for HTTP Boot", { { .form = FORM_LOCAL } }, 1,
	    NOBODY, { .arch = 16, .http = true }, false, VERDICT_LOCAL, 0,
	    0, NULL, NULL },
	{ "a form of the rule's own, for iPXE too", { { .form = FORM_BINL }
	    }, 1, NOBODY, { .arch = 7, .ipxe = true }, true, 0, 0,
	    FORM_BINL, "BOOTX64.EFI", OURS },
	{ "HTTP Boot clients get http whatever the rule says",
	    { { .form = FORM_DIRECT, .file = "x" } }, 1, NOBODY,
	    { .arch = 16, .http = true }, true, 0, 0, FORM_HTTP,
	    "http://192.0.2.10/x", OURS },
	{ "form http for a PXE client", { { .form = FORM_HTTP } }, 1,
	    NOBODY, { .arch = 7 }, false, VERDICT_NOT_HTTP_CLIENT, 0, 0,
	    NULL, NULL },

	/* URLs. */
	{ "a URL stays as it is for HTTP Boot",
	    { { .file = "http://h/x.efi" } }, 1, NOBODY,
	    { .arch = 16, .http = true }, true, 0, 0, FORM_HTTP,
	    "http://h/x.efi", OURS },
	{ "https too", { { .file = "https://h/x.efi" } }, 1, NOBODY,
	    { .arch = 16, .http = true }, true, 0, 0, FORM_HTTP,
	    "https://h/x.efi", OURS },
	{ "a slash of the file's own", { { .file = "/efi/x.efi" } }, 1,
	    NOBODY, { .arch = 16, .http = true }, true, 0, 0, FORM_HTTP,
	    "http://192.0.2.10/efi/x.efi", OURS },
	{ "a URL for iPXE is left alone",
	    { { .file = "http://h/boot.ipxe" } }, 1, NOBODY,
	    { .arch = 7, .ipxe = true }, true, 0, 0, FORM_IPXE,
	    "http://h/boot.ipxe", OURS },
	{ "a plain file for iPXE does not become a URL",
	    { { .file = "boot.ipxe" } }, 1, NOBODY,
	    { .arch = 7, .ipxe = true }, true, 0, 0, FORM_IPXE,
	    "boot.ipxe", OURS },

	/* 250 + 4 = 254 octets is the longest; the URL has 18 more. */
	{ "254 octets", { { .file = F50 F50 F50 F50 F50 "last" } }, 1, NOBODY,
	    { .arch = 7 }, true, 0, 0, FORM_BINL,
	    F50 F50 F50 F50 F50 "last", OURS },
	{ "255 octets", { { .file = F50 F50 F50 F50 F50 "5last" } }, 1,
	    NOBODY, { .arch = 7 }, false, VERDICT_FILE_LONG, 0, 0, NULL,
	    NULL },
	{ "a URL of 254 octets", { { .file = F50 F50 F50 F50
	    "ffffffffffffffffffffffffffffffffffff" } }, 1, NOBODY,
	    { .arch = 16, .http = true }, true, 0, 0, FORM_HTTP,
	    "http://192.0.2.10/" F50 F50 F50 F50
	    "ffffffffffffffffffffffffffffffffffff", OURS },
	{ "a file that fits, but not as a URL", { { .file = F50 F50 F50 F50
	    "fffffffffffffffffffffffffffffffffffff" } }, 1, NOBODY,
	    { .arch = 16, .http = true }, false, VERDICT_FILE_LONG, 0, 0,
	    NULL, NULL },
#undef NOBODY
};

START_TEST(test_decide)
{
	const char *what = decisions[_i].what;
	struct policy_rule rules[DECISION_RULES + 1] = { { 0 } };
	size_t n = decisions[_i].n, decider = n;
	struct policy policy = { .rule = rules, .n = n + 1,
		.file = decisions[_i].policy_file };
	struct policy_decision decision;
	enum verdict why = VERDICT_COUNT;
	struct pxe_request request;
	struct dhcp dhcp;
	bool gives;

	memcpy(rules, decisions[_i].rule, n * sizeof(rules[0]));
	if (decisions[_i].rule_index >= 0)
		decider = (size_t)decisions[_i].rule_index;
	if (decisions[_i].policy_next_server != NULL) {
		policy.has_next_server = true;
		policy.next_server =
		    octets_address(decisions[_i].policy_next_server);
	}
	make_request(&decisions[_i].client, &dhcp, &request);
	memset(&decision, 0x5a, sizeof(decision));
	gives = policy_decide(&policy, &request, octets_address(OURS),
	    &decision, &why);
	ck_assert_msg(gives == decisions[_i].gives, "%s: %s", what,
	    gives ? "given" : verdict_name(why));
	ck_assert_msg(decision.rule == &rules[decider], "%s: another rule",
	    what);
	if (!gives) {
		ck_assert_msg(why == decisions[_i].why, "%s: %s, not %s",
		    what, verdict_name(why), verdict_name(decisions[_i].why));
		return;
	}
	ck_assert_msg(decision.form == decisions[_i].form, "%s: form %s",
	    what, form_name(decision.form));
	ck_assert_msg(strcmp(decision.file, decisions[_i].file) == 0 &&
	    decision.n == strlen(decisions[_i].file), "%s: file %s (%zu)",
	    what, decision.file, decision.n);
	ck_assert_msg(decision.next_server.s_addr ==
	    octets_address(decisions[_i].next_server).s_addr,
	    "%s: next-server", what);
}
END_TEST

/* The rule's next-server goes before the policy's. */
START_TEST(test_next_server)
{
	struct policy_rule rule = { .has_next_server = true,
		.next_server = octets_address("192.0.2.30") };
	struct policy policy = { .rule = &rule, .n = 1,
		.has_next_server = true,
		.next_server = octets_address("192.0.2.20") };
	struct client client = { .arch = 16, .http = true };
	struct policy_decision decision;
	struct pxe_request request;
	enum verdict why;
	struct dhcp dhcp;

	make_request(&client, &dhcp, &request);
	ck_assert(policy_decide(&policy, &request, octets_address(OURS),
	    &decision, &why));
	ck_assert_uint_eq(decision.next_server.s_addr,
	    octets_address("192.0.2.30").s_addr);
	ck_assert_str_eq(decision.file, "http://192.0.2.30/BOOTX64.EFI");
}
END_TEST

/*
 * The file has a rule for 52:54:00:12:34:56, one for all but another address,
 * one for a whole vendor, and a table of hosts with 02:00:00:00:00:ff.
 */
static const struct {
	const char *what;
	uint8_t mac[FRAME_MAC];
	const char *rule;	/* NULL: none */
	uint8_t last;		/* octet of the address that it is for */
} nearby[] = {
	{ "the next address", { 0x52, 0x54, 0, 0x12, 0x34, 0x57 }, "one",
	    0x56 },
	{ "three before", { 0x52, 0x54, 0, 0x12, 0x34, 0x53 }, "one", 0x56 },
	{ "four before", { 0x52, 0x54, 0, 0x12, 0x34, 0x52 }, NULL, 0 },
	{ "the same", { 0x52, 0x54, 0, 0x12, 0x34, 0x56 }, NULL, 0 },
	{ "another vendor's", { 0x52, 0x54, 1, 0x12, 0x34, 0x57 }, NULL, 0 },
	{ "one beside an exception", { 2, 0, 0, 0, 0, 0x11 }, NULL, 0 },
	{ "one beside a host", { 2, 0, 0, 0, 0, 0xfe }, "table", 0xff },
	{ "no way around the end", { 2, 0, 0, 0, 0, 1 }, NULL, 0 },
};

START_TEST(test_nearby)
{
	static struct hosts_entry slot[8];
	const struct hosts_table hosts = { slot, ROWS(slot), false, "hosts" };
	const uint8_t key[FRAME_MAC] = { 2, 0, 0, 0, 0, 0xff };
	const struct match_value in_table = { .is.hosts = &hosts };
	const struct match table = { MATCH_HOSTS, false, &in_table, 1 };
	const struct match_value excepted = IS_MAC(2, 0, 0, 0, 0, 0x10);
	const struct match not_it = { MATCH_MAC, true, &excepted, 1 };
	const struct policy_rule rule[] = {
		{ .name = "one", .is_own = true, MATCHES(ONE_MAC) },
		{ .name = "not", .is_own = true, .match = &not_it,
		    .n_match = 1 },
		{ .name = "vendor", .is_own = true, MATCHES(TWO_MACS) },
		{ .name = "table", .is_own = true, .match = &table,
		    .n_match = 1 },
		{ .name = "all" },
	};
	const struct policy policy = { .rule = rule, .n = ROWS(rule) };
	const struct policy_rule *found;
	uint8_t mac[FRAME_MAC];
	size_t at = hosts_start(&hosts, (struct span){ key, sizeof(key) });

	memset(slot, 0, sizeof(slot));
	slot[at].n = sizeof(key);
	memcpy(slot[at].key, key, sizeof(key));
	found = policy_nearby(&policy, nearby[_i].mac, mac);
	ck_assert_msg((found != NULL) == (nearby[_i].rule != NULL), "%s: %s",
	    nearby[_i].what, found == NULL ? "none" : found->name);
	if (found == NULL)
		return;
	ck_assert_str_eq(found->name, nearby[_i].rule);
	ck_assert_mem_eq(mac, nearby[_i].mac, FRAME_MAC - 1);
	ck_assert_uint_eq(mac[FRAME_MAC - 1], nearby[_i].last);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("policy");
	TCase *tc = tcase_create("policy");

	tcase_add_loop_test(tc, test_match, 0, ROWS(matches));
	tcase_add_loop_test(tc, test_decide, 0, ROWS(decisions));
	tcase_add_test(tc, test_next_server);
	tcase_add_loop_test(tc, test_nearby, 0, ROWS(nearby));
	suite_add_tcase(s, tc);
	return s;
}
