#include <check.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"
#include "unit/octets.h"
#include "unit/suite.h"

enum { ROUNDS = 100000 };

static const struct rule rules[] = { { .name = "one" }, { .name = "\"two\"" } };

/* Numbers that look like chance, but are the same in each run. */
static unsigned
next(uint64_t *seed, unsigned below)
{
	*seed = *seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)(*seed >> 33) % below;
}

static void
make_request(uint64_t *seed, struct exchange *x)
{
	/* Few kinds of answers, so that most lines are like an earlier one. */
	x->verdict = next(seed, 4) == 0 ?
	    (enum verdict)next(seed, VERDICT_COUNT) : VERDICT_OFFER;
	x->step = (enum responder_step)next(seed, RESPONDER_DECISION + 1);
	if (verdict_answered(x->verdict))
		x->step = RESPONDER_DECISION;
	x->dhcp.hlen = (uint8_t)next(seed, 17);
	for (unsigned i = 0; i < DHCP_CHADDR; i++)
		x->dhcp.chaddr[i] = (uint8_t)next(seed, 256);
	x->dhcp.type = (enum dhcp_type)(1 + next(seed, 2));
	x->request.has_arch = next(seed, 4) > 0;
	x->request.arch = (uint16_t)(next(seed, 2) * 60);
	x->request.vendor_class = next(seed, 2) > 0 ? SPAN_OF("PXEClient") :
	    SPAN_OF("HTTPClient");
}

static void
make_answer(uint64_t *seed, struct exchange *x)
{
	const struct rule *const from[] = { NULL, &rules[0], &rules[1] };

	x->decision.rule = from[next(seed, 3)];
	x->decision.form = (enum policy_form)(POLICY_BINL + next(seed, 2));
	x->decision.next_server.s_addr = htonl(0x0a000001 + next(seed, 2));
	x->decision.n = (size_t)snprintf(x->decision.file,
	    sizeof(x->decision.file), "%.*s%u", (int)next(seed, 2), "/",
	    next(seed, 4));
	x->reply[0].destination.s_addr = next(seed, 2) > 0 ? UINT32_MAX :
	    htonl(0x0a000064 + next(seed, 200));
	x->reply[0].destination_port = (uint16_t)(67 + next(seed, 2));
	x->reply[0].tags = next(seed, 3);
	x->reply[0].tag[0].tci = (uint16_t)(1 + next(seed, 2));
	x->reply[0].tag[1].tci = 7;
}

/*
 * Line after line of all kinds, in no order: a line that is copied from an
 * earlier one is the same as one that is formed.
 */
START_TEST(test_quickly)
{
	static struct report_cache cache;
	static struct exchange x;
	uint64_t seed = 1;

	for (unsigned i = 0; i < ROUNDS; i++) {
		char formed[REPORT_LINE], quick[REPORT_LINE];
		size_t n;

		make_request(&seed, &x);
		make_answer(&seed, &x);
		n = report_quickly(&cache, &x, quick);
		ck_assert_str_eq(quick, report_exchange(&x, formed));
		ck_assert_uint_eq(n, strlen(formed));
	}
}
END_TEST

/* A file name of octets that take four each, and all else as long as can be. */
START_TEST(test_long)
{
	static struct report_cache cache;
	static struct exchange x = { .verdict = VERDICT_OFFER,
		.step = RESPONDER_DECISION, .dhcp = { .hlen = 16, .type = 1 },
		.decision = { .rule = &rules[0], .n = POLICY_FILE_MAX },
		.reply[0].tags = 2 };
	char formed[REPORT_LINE], quick[REPORT_LINE];

	memset(x.decision.file, 0x01, POLICY_FILE_MAX);
	for (unsigned i = 0; i < 2; i++) {
		size_t n = report_quickly(&cache, &x, quick);

		ck_assert_str_eq(quick, report_exchange(&x, formed));
		ck_assert_uint_eq(n, REPORT_LINE - 1);
	}
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("report");
	TCase *tc = tcase_create("report");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_quickly);
	tcase_add_test(tc, test_long);
	suite_add_tcase(s, tc);
	return s;
}
