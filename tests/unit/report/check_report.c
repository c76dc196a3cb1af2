#include <check.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"
#include "unit/octets.h"
#include "unit/suite.h"

enum { ROUNDS = 100000 };

static const struct policy_rule rules[] = {
	{ .name = "one" }, { .name = "\"two\"" }
};

static const struct policy_site site = { .name = "north" };

/* Numbers that look like chance, but are the same in each run. */
static unsigned
next(uint64_t *seed, unsigned below)
{
	*seed = *seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)(*seed >> 33) % below;
}

static void
make_request(uint64_t *seed, struct responder_exchange *x)
{
	x->verdict = next(seed, 4) == 0 ? VERDICT_OFFER :
	    (enum verdict)next(seed, VERDICT_COUNT);
	x->step = (enum responder_step)next(seed, RESPONDER_DECISION + 1);
	if (verdict_answered(x->verdict) || x->verdict >= VERDICT_BAD_GIADDR)
		x->step = RESPONDER_DECISION;
	x->dhcp.hlen = (uint8_t)next(seed, 17);
	for (unsigned i = 0; i < DHCP_CHADDR; i++)
		x->dhcp.chaddr[i] = (uint8_t)next(seed, 256);
	x->dhcp.type = (enum dhcp_type)(1 + next(seed, 2));
	x->dhcp.giaddr.s_addr = next(seed, 2);
	x->dhcp.ciaddr.s_addr = next(seed, 2);
	x->request.has_arch = next(seed, 4) > 0;
	x->request.arch = (uint16_t)(next(seed, 2) * 60);
	x->request.vendor_class = next(seed, 2) > 0 ? SPAN_OF("PXEClient") :
	    SPAN_OF("\"\xc3\xa9\n");
	x->frame.tags = next(seed, 3);
	x->frame.tag[0].tci = (uint16_t)(1 + next(seed, 2));
	x->frame.tag[1].tci = 7;
}

static void
make_answer(uint64_t *seed, struct responder_exchange *x)
{
	const struct policy_rule *const from[] = { NULL, &rules[0], &rules[1] };

	x->decision.rule = from[next(seed, 3)];
	x->decision.form = (enum form)(FORM_BINL + next(seed, 2));
	x->decision.next_server.s_addr = htonl(0x0a000001 + next(seed, 2));
	x->decision.n = (size_t)snprintf(x->decision.file,
	    sizeof(x->decision.file), "%.*s%u", (int)next(seed, 2), "/",
	    next(seed, 4));
	x->reply[0].destination.s_addr = next(seed, 2) > 0 ? UINT32_MAX :
	    htonl(0x0a000064 + next(seed, 200));
	x->reply[0].destination_port = (uint16_t)(67 + next(seed, 2));
}

/* A name in the text, and in JSON. */
static const struct {
	const char *text, *json;
} names[] = {
	{ " rule=", ",\"rule\":" },
	{ " form=", ",\"form\":" },
	{ " bootfile-name=", ",\"bootfile_name\":" },
	{ " next-server=", ",\"next_server\":" },
	{ " from=", ",\"from\":" },
	{ " at=", ",\"at\":" },
	{ " giaddr=", ",\"giaddr\":" },
	{ " ciaddr=", ",\"ciaddr\":" },
	{ " vendor-class=", ",\"vendor_class\":" },
	{ " to=", ",\"to\":" },
	{ " vlan=", ",\"vlans\":" },
	{ " (not sent)", ",\"sent\":false" },
	{ "eth0: ", ",\"interface\":\"eth0\"" },
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

/* Requests of all kinds: the text has a field where JSON has it. */
START_TEST(test_alike)
{
	static struct responder_exchange x;
	unsigned seen[NAMES] = { 0 };
	uint64_t seed = 1;

	for (unsigned i = 0; i < ROUNDS; i++) {
		char text[REPORT_LINE], json[REPORT_JSON];
		struct report_request request = { &x, "eth0", i % 3 > 0 };

		make_request(&seed, &x);
		make_answer(&seed, &x);
		(void)report_text(&request, text);
		(void)report_json(&request, json);
		for (unsigned n = 0; n < NAMES; n++) {
			bool there = strstr(text, names[n].text) != NULL;

			ck_assert_msg(there ==
			    (strstr(json, names[n].json) != NULL),
			    "%s: %s, but %s", names[n].text, text, json);
			seen[n] += there;
		}
	}
	for (unsigned n = 0; n < NAMES; n++)
		ck_assert_msg(seen[n] > 0 && (seen[n] < ROUNDS ||
		    n == NAMES - 1), "%s: %u times", names[n].text, seen[n]);
}
END_TEST

/* The same three requests in both ways, each word of them. */
static const struct {
	const char *what;
	enum verdict verdict;
	enum responder_step step;
	const char *interface;
	bool sent;
	const char *text, *json;
} lines[] = {
	{ "an offer, live", VERDICT_OFFER, RESPONDER_DECISION, "eth0", true,
	    "eth0: 52:54:00:12:34:56 DISCOVER x64-uefi offer rule=\"one\" "
	    "form=binl bootfile-name=\"a\" next-server=10.0.0.1 "
	    "to=255.255.255.255:68 vlan=7 vlan=9",
	    "\"event\":\"request\",\"interface\":\"eth0\","
	    "\"client\":\"52:54:00:12:34:56\",\"message\":\"DISCOVER\","
	    "\"architecture\":\"x64-uefi\",\"verdict\":\"offer\","
	    "\"rule\":\"one\",\"form\":\"binl\",\"bootfile_name\":\"a\","
	    "\"next_server\":\"10.0.0.1\",\"bootfile_name_from\":\"architecture\","
	    "\"next_server_from\":\"site\",\"site\":\"north\",\"to\":\"255.255.255.255\","
	    "\"to_port\":68,\"vlans\":[7,9],\"sent\":true" },
	{ "an offer that is not sent", VERDICT_OFFER, RESPONDER_DECISION,
	    "eth0", false,
	    "eth0: 52:54:00:12:34:56 DISCOVER x64-uefi offer rule=\"one\" "
	    "form=binl bootfile-name=\"a\" next-server=10.0.0.1 "
	    "to=255.255.255.255:68 vlan=7 vlan=9 (not sent)",
	    "\"event\":\"request\",\"interface\":\"eth0\","
	    "\"client\":\"52:54:00:12:34:56\",\"message\":\"DISCOVER\","
	    "\"architecture\":\"x64-uefi\",\"verdict\":\"offer\","
	    "\"rule\":\"one\",\"form\":\"binl\",\"bootfile_name\":\"a\","
	    "\"next_server\":\"10.0.0.1\",\"bootfile_name_from\":\"architecture\","
	    "\"next_server_from\":\"site\",\"site\":\"north\",\"to\":\"255.255.255.255\","
	    "\"to_port\":68,\"vlans\":[7,9],\"sent\":false" },
	{ "no architecture, in a replay", VERDICT_NO_ARCH, RESPONDER_RULE,
	    NULL, false,
	    "52:54:00:12:34:56 DISCOVER x64-uefi no-arch rule=\"one\" "
	    "vendor-class=\"PXE\\x22\\x0a\" vlan=7 vlan=9",
	    "\"event\":\"request\","
	    "\"client\":\"52:54:00:12:34:56\",\"message\":\"DISCOVER\","
	    "\"architecture\":\"x64-uefi\",\"verdict\":\"no-arch\","
	    "\"rule\":\"one\",\"vendor_class\":\"PXE\\u0022\\u000a\","
	    "\"vlans\":[7,9]" },
	{ "a frame that is no IPv4, live", VERDICT_NOT_IPV4,
	    RESPONDER_NOTHING, "eth0", false,
	    "eth0: - - - not-ipv4: the frame carries no IPv4",
	    "\"event\":\"request\",\"interface\":\"eth0\",\"client\":\"-\","
	    "\"message\":\"-\",\"architecture\":\"-\","
	    "\"verdict\":\"not-ipv4\","
	    "\"reason\":\"the frame carries no IPv4\"" },
};

START_TEST(test_line)
{
	static struct responder_exchange x = {
		.dhcp = { .hlen = 6, .type = DHCP_DISCOVER,
		    .chaddr = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 } },
		.request = { .has_arch = true, .arch = 7 },
		.frame = { .tags = 2, .tag = { { 0, 7 }, { 0, 9 } } },
		.decision = { .rule = &rules[0], .form = FORM_BINL,
		    .n = 1, .file = "a", .file_from = POLICY_FROM_ARCH,
		    .site = &site, .next_server_from = POLICY_FROM_SITE },
		.reply[0] = { .destination_port = 68 },
	};
	const struct report_request request = { &x, lines[_i].interface,
	    lines[_i].sent };
	char text[REPORT_LINE], json[REPORT_JSON];

	x.verdict = lines[_i].verdict;
	x.step = lines[_i].step;
	x.request.vendor_class = SPAN_OF("PXE\"\n");
	x.decision.next_server.s_addr = htonl(0x0a000001);
	x.reply[0].destination.s_addr = UINT32_MAX;
	ck_assert_msg(strcmp(report_text(&request, text), lines[_i].text) == 0,
	    "%s: %s", lines[_i].what, text);
	ck_assert_msg(strcmp(report_json(&request, json), lines[_i].json) == 0,
	    "%s: %s", lines[_i].what, json);
}
END_TEST

/* A file name of octets that take four each, and all else as long as can be. */
START_TEST(test_long)
{
	static struct responder_exchange x = { .verdict = VERDICT_OFFER,
		.step = RESPONDER_DECISION, .dhcp = { .hlen = 16, .type = 1 },
		.decision = { .rule = &rules[0], .n = POLICY_FILE_MAX },
		.frame.tags = 2 };
	const struct report_request request = { &x, "eth0", true };
	char text[REPORT_LINE];

	memset(x.decision.file, 0x01, POLICY_FILE_MAX);
	ck_assert_uint_eq(strlen(report_text(&request, text)),
	    REPORT_LINE - 1);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("report");
	TCase *tc = tcase_create("report");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_alike);
	tcase_add_loop_test(tc, test_line, 0,
	    sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tc, test_long);
	suite_add_tcase(s, tc);
	return s;
}
