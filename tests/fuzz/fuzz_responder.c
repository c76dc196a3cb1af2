#include <stdio.h>
#include <stdlib.h>

#include "report/clients.h"
#include "net/cooked.h"
#include "report/counters.h"
#include "net/envelope.h"
#include "tools/explain.h"
#include "daemon/limiter.h"
#include "report/log.h"
#include "report/loglimit.h"
#include "report/report.h"
#include "core/responder.h"
#include "report/status_log.h"
#include "report/status_metrics.h"
#include "report/status_view.h"
#include "unit/craft.h"
#include "fuzz/invariants.h"
#include "unit/rules.h"

/*
 * fuzz_responder.c - any octets as an Ethernet frame, through the whole core
 * and the envelope, and into all that is said of it.
 *
 * The frame is answered by several identities, under a policy with rules of
 * all kinds.  The same octets are tried as Linux cooked packets too.  What
 * invariants.h says must hold; an answer must never be answered itself, or
 * two of us on a link would talk for ever; and no line on it may have octets
 * in it that are not printable.
 *
 * With LEAN each frame is answered once, by one policy and one identity, which
 * its length picks, and nothing is said of it: so there are many more frames.
 */

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

#ifndef LEAN
#define LEAN false
#endif

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define BIOS MATCH_(ARCH, IS_ARCH(0))
#define UEFI MATCH_(ARCH, IS_ARCH(6), IS_ARCH(7), IS_ARCH(9), IS_ARCH(0x8007))
#define ARM MATCH_(ARCH, IS_ARCH(10), IS_ARCH(11))
#define IGNORED MATCH_(MAC, IS_OUI4(0x52, 0x54, 0x00, 0x07))
#define ONE MATCH_(MAC, IS_MAC(0x52, 0x54, 0x00, 0x12, 0x34, 0x57))
#define SCRIPT MATCH_(USER_CLASS, IS_TEXT("script"), IS_TEXT("iPXE"))
#define WEB MATCH_(USER_CLASS, IS_TEXT("web"))
#define TOO_LONG MATCH_(USER_CLASS, IS_TEXT("long"))
#define ARM_CLASS MATCH_(VENDOR_CLASS, IS_TEXT("PXEClient:Arch:00011"))
#define IPXE_ONLY MATCH_(CLIENT, IS_CLIENT(IPXE))
#define HTTP_ONLY MATCH_(CLIENT, IS_CLIENT(HTTP))

#define NAMED(text) .name = (text), .origin = "fuzz_responder"
#define OWN(text) NAMED(text), .is_own = true

static const struct policy_rule rules[] = {
	{ OWN("ignored"), MATCHES(IGNORED), .ignore = true },
	{ OWN("one machine"), MATCHES(ONE),
	    .form = FORM_DIRECT, .file = "one/" X50 X50 X50 },
	{ OWN("iPXE"), MATCHES(SCRIPT),
	    .file = "http://10.0.0.2/boot.ipxe" },
	{ OWN("web"), MATCHES(WEB),
	    .form = FORM_HTTP, .file = "x.efi" },
	{ OWN("long"), MATCHES(TOO_LONG),
	    .file = X50 X50 X50 X50 X50 },
	{ OWN("HTTP"), MATCHES(HTTP_ONLY, UEFI),
	    .file = "/efi/boot.efi" },
	{ OWN("FlexBoot"), MATCHES(IPXE_ONLY), .form = FORM_PLAIN,
	    .file = "flex" },
	{ OWN("BIOS"), MATCHES(BIOS) },
	{ OWN("UEFI"), MATCHES(UEFI),
	    .form = FORM_PAIRED, .has_next_server = true,
	    .next_server = { 0x01020304 }, .file = "BOOTX64.EFI" },
	{ OWN("ARM"), MATCHES(ARM, ARM_CLASS), .form = FORM_BINL },
	{ OWN("any other") },
};

/* What a request carries is in all of these: variables, hosts, items. */
static const struct form_item items[] = {
	{ .text = "Installer", .file = "pxelinux.0" },
	{ .text = "Local disk" },
	{ .text = "Rescue", .file = "rescue/${mac-hyphen}",
	    .has_next_server = true, .next_server = { 0x01020304 } },
};
static const struct form_menu menu = { .prompt = "Press F8", .timeout = 10,
	.item = items, .n = ROWS(items) };
static const struct policy_option more[] = {
	{ 209, TEXT_SPAN("pxelinux.cfg/default") },
	{ 66, TEXT_SPAN("10.0.0.2") },
};
static struct hosts_entry slots[4];		/* see set_up() */
static const struct hosts_table hosts = { slots, ROWS(slots), true, "hosts" };
static const struct span classes[] = { TEXT_SPAN("HW-Client") };

#define IS_NETWORK(address_, mask_) \
	{ .text = #address_, .is.network = { { address_ }, { mask_ } } }
#define RELAYED MATCH_(RELAY, IS_NETWORK(0, 0))
#define AT_HOME MATCH_(CLIENT_NETWORK, IS_NETWORK(0, 0))
#define ELSEWHERE NOT_(CLIENT_NETWORK, IS_NETWORK(0, 0))
#define CIRCUIT MATCH_(CIRCUIT_ID, IS_OPEN_TEXT("eth"))
#define REMOTE NOT_(REMOTE_ID, IS_TEXT("rack7"))
#define IN_VLAN MATCH_(VLAN, IS_VLAN(10), IS_VLAN(100))
#define CAN_HTTP MATCH_(IPXE_FEATURE, IS_NUMBER(0x13))
#define ON_ETH1 MATCH_(INTERFACE, { .text = "eth1", .is.interface = "eth1" })
#define ONE_UUID MATCH_(UUID, { .text = "10111213-...", .is.uuid = { { \
	0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, \
	0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f }, 16 } })
#define FAMILY MATCH_(ARCH, IS_FAMILY(ARCH_UEFI))
#define OTHERS MATCH_(CLIENT, IS_CLIENT(OTHER))
#define A_HOST \
	MATCH_(HOSTS, { .text = "hosts", .is.hosts = &hosts })

static const struct policy_rule more_rules[] = {
	{ OWN("hosts"), MATCHES(A_HOST), .hosts = &hosts },
	{ OWN("U-Boot"), MATCHES(OTHERS, MATCH_(VENDOR_CLASS,
	    IS_TEXT("U-Boot"))), .form = FORM_PLAIN, .file = "${arch}.scr" },
	{ OWN("circuit"), MATCHES(CIRCUIT, REMOTE), .form = FORM_DIRECT,
	    .option = more, .n_option = ROWS(more), .file = "${uuid}" },
	{ OWN("this link"), MATCHES(ON_ETH1, ONE_UUID),
	    .form = FORM_BINL, .file = "shimx64.efi" },
	{ OWN("relayed"), MATCHES(RELAYED, ELSEWHERE), .form = FORM_AUTO,
	    .file = "${mac}/${uuid}/${arch}" },
	{ OWN("VLAN"), MATCHES(IN_VLAN), .form = FORM_REDIRECT,
	    .file = "vlan${vlan}" },
	{ OWN("iPXE"), MATCHES(IPXE_ONLY, CAN_HTTP),
	    .file = "http://${ip}/${ip-hex}/${mac-hyphen}" },
	{ OWN("family"), MATCHES(FAMILY, ON_ETH1), .form = FORM_PAIRED,
	    .file = "grubx64.efi" },
	{ OWN("menu"), MATCHES(BIOS), .form = FORM_MENU, .menu = &menu },
	{ OWN("late"), MATCHES(ARM), .min_secs = 4, .form = FORM_RPI },
	{ OWN("at home"), MATCHES(AT_HOME),
	    .next_server_text = "10.${vlan}.0.1", .file = "x" },
	{ OWN("auto"), .form = FORM_AUTO, .file = "${ip}" },
};

/* What the rules before these keep from whoever asks. */
#define RACKS MATCH_(REMOTE_ID, IS_OPEN_TEXT("rack"))
#define UNTAGGED MATCH_(VLAN, IS_VLAN(0))

#define NAMES_ITSELF NOT_(CLIENT_ID, IS_TEXT("nobody"))
#define HAS_NAME MATCH_(OPTION, { .text = "12 rack*", \
	.is.text_or_hex = { TEXT_SPAN("rack"), true, 12 } })
#define RELAY_AT MATCH_(RELAY_ADDRESS, IS_NETWORK(0, 0))

static const struct policy_rule last_rules[] = {
	{ NAMED("disk"), MATCHES(BIOS, NOT_(MAC,
	    IS_MAC(0x52, 0x54, 0x00, 0x12, 0x34, 0x56))), .form = FORM_LOCAL },
	{ NAMED("relay's name"), MATCHES(RELAY_AT, HAS_NAME),
	    .file = "${relay}" },
	{ NAMED("names"), MATCHES(NAMES_ITSELF, HAS_NAME),
	    .file = "${hostname}" },
	{ NAMED("variables"), MATCHES(MATCH_(ARCH, IS_ARCH(11))),
	    .file = "${mac-plain}/${server}/${next-server}/${relay:-x}/"
	    "${interface:-x}/${hostname:-x}" },
	{ NAMED("Windows"), MATCHES(MATCH_(ARCH, IS_ARCH(9))),
	    .file = "bootmgfw.efi" },
	{ NAMED("WDS"), MATCHES(MATCH_(ARCH, IS_ARCH(7))),
	    .file = "boot/wdsnbp.com" },
	{ NAMED("iPXE's shim"), MATCHES(MATCH_(ARCH, IS_ARCH(6))),
	    .file = "ipxe-shimx64.efi" },
	{ NAMED("iPXE itself"), MATCHES(MATCH_(ARCH, IS_ARCH(10))),
	    .file = "ipxe.efi" },
	{ NAMED("tagged"), MATCHES(NOT_(VLAN, IS_VLAN(0))),
	    .next_server_text = "10.${vlan}.0.1", .file = "${vlan}/x" },
	{ NAMED("remote"), MATCHES(RACKS), .file = "rack" },
	{ NAMED("Raspberry Pi"), MATCHES(BIOS, UNTAGGED),
	    .form = FORM_RPI, .file = "start4.elf" },
	{ NAMED("address"), MATCHES(AT_HOME), .file = "${ip-hex}" },
	{ NAMED("iPXE"), MATCHES(IPXE_ONLY), .file = "${arch}.ipxe" },
	{ NAMED("late"), .form = FORM_BINL, .file = "${ip-hex}" },
};

/* Our 10.0.0.0/8, as an address is in memory. */
static const struct match_network allowed[] = { { { 10 }, { 255 } } };

/* What a rule leaves open: its server's address, and where URLs begin. */
#define OF_ARM MATCH_(ARCH, IS_ARCH(11))
static const struct policy_site sites[] = {
	{ NAMED("ARM"), MATCHES(OF_ARM),
	    .next_server_text = "10.${vlan}.0.1" },
	{ NAMED("everywhere"), .has_next_server = true,
	    .next_server = { 0x01020304 },
	    .http_root = "http://10.0.0.2/${mac}/" },
};

/* What stands behind all other rules. */
static const struct policy_rule any_other[] = { { NAMED("any other") } };

static const struct policy policies[] = {
	{ .rule = rules, .n = ROWS(rules) },
	{ .rule = more_rules, .n = ROWS(more_rules),
	    .site = sites, .n_site = ROWS(sites),
	    .classes = { classes, ROWS(classes), true } },
	{ .rule = any_other, .n = ROWS(any_other),
	    .has_next_server = true, .next_server = { 0x05060708 },
	    .has_default_arch = true, .default_arch = 7 },
	{ .rule = last_rules, .n = ROWS(last_rules) },
	{ .rule = any_other, .n = ROWS(any_other), .file = X50 X50 "everybody",
	    .allow_relay = { allowed, ROWS(allowed) },
	    .allow_client = { allowed, ROWS(allowed) } },
};

/* The same with what can be said of their rules at a glance. */
enum { RULES_MAX = 16 };
static struct policy_glance glances[ROWS(policies)][RULES_MAX];
static struct policy quick[ROWS(policies)];
_Static_assert(ROWS(rules) <= RULES_MAX && ROWS(more_rules) <= RULES_MAX &&
    ROWS(last_rules) <= RULES_MAX, "room for the glances");

/* 10.0.0.2 and 192.0.2.1, the addresses of the seeds, and one of neither. */
static struct in_addr also[2];
static struct reply_identity identities[3];
static struct envelope *envelope;

/* What a running daemon remembers of the frames; nowhere: what it tells. */
static struct clients clients;
static struct counters counters;	/* of the first policy */
static struct limiter *limiter;
static struct limiter_link limits;
static struct loglimit loglimit;
static struct diagnosis diagnosis[2];	/* of as many policies */
static struct findings findings;	/* told */
static FILE *nowhere;

static void
set_up_memory(void)
{
	clients_open(&clients);
	for (size_t p = 0; p < ROWS(diagnosis); p++) {
		diagnosis_init(&diagnosis[p], NULL, 0, NULL);
		diagnosis_live(&diagnosis[p]);
	}
	nowhere = fopen("/dev/null", "we");
	limiter = limiter_open(&(struct siphash_secret){ { 0 } });
	if (nowhere == NULL || limiter == NULL || !counters_open(&counters) ||
	    !counters_use(&counters, &policies[0])) {
		perror("fuzz_responder");
		exit(2);
	}
	limiter_use(limiter, &(struct config_rates){ 1, 100 }, 1);
}

static void
glance_at_rules(void)
{
	for (size_t p = 0; p < ROWS(policies); p++) {
		quick[p] = policies[p];
		quick[p].glance = glances[p];
		for (size_t i = 0; i < policies[p].n; i++)
			glances[p][i] = policy_glance_at(&policies[p].rule[i]);
	}
}

static void
set_up(void)
{
	static const struct hosts_entry one = {
		.key = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x58 }, .n = 6,
		.has_next_server = true, .next_server = { 0x01020304 },
		.file = "${mac}",
	};
	char error[ENVELOPE_ERROR_SIZE];

	slots[hosts_start(&hosts, (struct span){ one.key, one.n })] = one;
	glance_at_rules();
	also[0] = octets_address("10.1.0.2");
	also[1] = octets_address("10.2.0.2");
	identities[0] = (struct reply_identity){ .mac = { 2, 0, 0, 0, 0, 2 },
		.address = octets_address("10.0.0.2"), .also = also,
		.n_also = 2, .interface = "eth0" };
	identities[1] = (struct reply_identity){ .mac = { 2, 0, 0, 0, 0, 1 },
		.interface = "eth1",
		.address = octets_address("192.0.2.1") };
	identities[2] = (struct reply_identity){ .mac = { 2, 0, 0, 0, 0, 3 },
		.address = octets_address("198.51.100.7") };
	set_up_memory();
	if ((envelope = envelope_open(error)) == NULL) {
		fprintf(stderr, "libnet: %s\n", error);
		exit(2);
	}
}

static void
insist(const char *fault)
{
	if (fault == NULL)
		return;
	fprintf(stderr, "fuzz_responder: %s\n", fault);
	abort();
}

/* What another one of us would make of an answer: nothing. */
static void
try_answer(const struct policy *policy, struct span frame)
{
	static struct responder_exchange x;
	struct heap heap = heap_of(frame.p, frame.n);

	for (size_t i = 0; i < ROWS(identities); i++)
		if (verdict_answered(responder_answer(policy, &identities[i],
		    heap_span(heap), &x)))
			insist("an answer was answered");
	heap_free(heap);
}

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* All that may be said of a frame. */
static void
try_words(const struct policy *policy, const struct responder_exchange *x)
{
	static char line[REPORT_LINE], json[REPORT_JSON];
	const struct report_request live = { x, "eth0", true },
	    replayed = { .exchange = x };
	bool wanted;

	if (!is_printable(report_text(&live, line)) ||
	    !is_printable(report_text(&replayed, line)))
		insist("a line with octets that are not printable");
	if (!is_printable(report_json(&live, json)))
		insist("JSON with octets that are not printable");
	explain_exchange(nowhere, policy, x, x->frame.source);
	if (explain_wants("mac=52:54:00:12:34:56", x, &wanted) != NULL)
		insist("explain knows no MAC address");
	if (report_is_dhcp(x) && report_level(x->verdict) > LOG_LEVEL_TRACE)
		insist("a level that does not exist");
}

static void
look_at_line(enum log_level level, const char *text)
{
	(void)level;
	if (!is_printable(text))
		insist("a line of the log with octets that are not printable");
}

/* All that the daemon tells of itself. */
static void
try_status(void)
{
	static const struct status_link links[] = {
		{ .name = "eth0", .index = 2 },
		{ .name = "eth1", .index = 3, .away = true,
		    .why = "it is down" },
	};
	const struct status status = { .config = "/etc/ger\xc3\xa4t.conf",
		.policy = &policies[0], .counters = &counters,
		.clients = &clients, .link = links, .links = ROWS(links),
		.diagnosis = &diagnosis[0], .findings = &findings };
	static const char *const views[] = { "machines", "rules",
		"interfaces", "counters", "json",
		"machine 52:54:00:12:34:56",
		"machine 52:54:00:12:34:56 json" };

	for (size_t i = 0; i < ROWS(views); i++)
		if (status_view_print(nowhere, &status, views[i]) ==
		    STATUS_VIEW_NO_QUESTION)
			insist("a view of the status that is not there");
	status_metrics(nowhere, &status);
	log_redirect(look_at_line);
	status_log(&status);
	status_log_end(&status);
	log_redirect(NULL);
}

/* What the observer makes of it; 10 ms pass from frame to frame. */
static void
try_observer(struct diagnosis *observed, const struct responder_exchange *x,
    struct span octets)
{
	struct machine *machine = diagnosis_frame(observed, octets,
	    observed->now + 10000, 0);
	struct machine_finding found[4];
	size_t n;

	if (machine == NULL)
		return;
	diagnosis_verdict(observed, x);
	n = diagnosis_news(observed, machine, found, ROWS(found));
	for (size_t i = 0; i < n; i++)
		findings_add(&findings, &found[i]);
}

/* Into the daemon's memory; 10 ms pass from frame to frame. */
static void
try_memory(const struct responder_exchange *x)
{
	static struct timespec now;
	struct loglimit_about about = { .verdict = x->verdict };
	struct loglimit_left left;
	enum verdict why;

	counters_add(&counters, &policies[0], x);
	counters_latency(&counters, now.tv_nsec);
	clients_add(&clients, "eth0", now, x);
	if (x->step >= RESPONDER_HEADER)
		memcpy(about.mac, x->dhcp.chaddr, FRAME_MAC);
	if (verdict_answered(x->verdict))
		(void)limiter_allows(limiter, &limits, x, now, &why);
	(void)loglimit_allows(&loglimit, &about, now.tv_sec);
	now.tv_nsec += 10000000;
	if (now.tv_nsec < 1000000000)
		return;
	now.tv_nsec = 0;
	now.tv_sec++;
	while (loglimit_over(&loglimit, now.tv_sec, &left))
		insist(left.lines > 0 ? NULL : "nothing was left out");
	try_status();
}

static void
try_identity(size_t p, const struct reply_identity *identity,
    struct span octets)
{
	const struct policy *policy = &policies[p];
	static struct responder_exchange x, again;
	struct span frame;

	(void)responder_answer(policy, identity, octets, &x);
	insist(invariant_broken(&x, identity));
	(void)responder_answer(policy, identity, octets, &again);
	insist(invariant_differs(&x, &again));
	try_words(policy, &x);
	if (policy == &policies[0])
		try_memory(&x);
	if (p < ROWS(diagnosis))
		try_observer(&diagnosis[p], &x, octets);
	(void)responder_answer(&quick[p], identity, octets, &again);
	insist(invariant_differs(&x, &again));
	for (unsigned i = 0; i < x.replies; i++) {
		if (!envelope_wrap(envelope, &x.reply[i], &frame))
			insist(envelope_error(envelope));
		insist(invariant_envelope(&x.reply[i], frame));
		try_answer(policy, frame);
	}
}

static void
try_frame(struct span octets)
{
	for (size_t p = 0; p < ROWS(policies); p++)
		for (size_t i = 0; i < ROWS(identities); i++)
			try_identity(p, &identities[i], octets);
}

/* The same octets as a packet of "tcpdump -i any". */
static void
try_cooked(enum cooked_version version, struct span octets)
{
	struct heap made = { malloc(octets.n + FRAME_HEADER),
		octets.n + FRAME_HEADER };
	struct span_writer w = { made.p, made.n, 0, false };
	struct heap exact;

	if (made.p == NULL)
		exit(2);
	if (cooked_frame(version, octets, identities[0].mac, &w)) {
		exact = heap_of(made.p, w.n);
		try_frame(heap_span(exact));
		heap_free(exact);
	}
	heap_free(made);
}

static void
try_lean(struct span octets)
{
	static struct responder_exchange x;
	const struct policy *policy = &quick[octets.n % ROWS(policies)];
	const struct reply_identity *identity = &identities[octets.n /
	    ROWS(policies) % ROWS(identities)];
	struct span frame;

	(void)responder_answer(policy, identity, octets, &x);
	insist(invariant_broken(&x, identity));
	for (unsigned i = 0; i < x.replies; i++) {
		if (!envelope_wrap(envelope, &x.reply[i], &frame))
			insist(envelope_error(envelope));
		insist(invariant_envelope(&x.reply[i], frame));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct heap heap;

	if (envelope == NULL)
		set_up();
	heap = heap_of(octets, n);
	if (LEAN) {
		try_lean(heap_span(heap));
	} else {
		try_frame(heap_span(heap));
		try_cooked(COOKED_V1, heap_span(heap));
		try_cooked(COOKED_V2, heap_span(heap));
	}
	heap_free(heap);
	return 0;
}
