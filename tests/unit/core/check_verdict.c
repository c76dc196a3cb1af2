#include <string.h>

#include "core/verdict.h"
#include "unit/suite.h"

START_TEST(test_name)
{
	const char *name = verdict_name((enum verdict)_i);

	ck_assert_msg(name != NULL, "verdict %d has no name", _i);
	ck_assert_msg(name[0] != '\0', "verdict %d has an empty name", _i);
	ck_assert_msg(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
	    strlen(name), "%s: not of a-z, 0-9 and hyphens", name);
	for (int other = 0; other < _i; other++)
		ck_assert_msg(strcmp(name,
		    verdict_name((enum verdict)other)) != 0,
		    "%s: the name of verdicts %d and %d", name, other, _i);
}
END_TEST

START_TEST(test_sentence)
{
	const char *name = verdict_name((enum verdict)_i);
	const char *sentence = verdict_sentence((enum verdict)_i);
	size_t n;

	ck_assert_msg(sentence != NULL, "%s: no sentence", name);
	n = strlen(sentence);
	ck_assert_msg(n > 0 && strchr(sentence, ' ') != NULL,
	    "%s: \"%s\" is no sentence", name, sentence);
	ck_assert_msg(sentence[n - 1] != '.' && sentence[n - 1] != ' ',
	    "%s: \"%s\" does not end with a word", name, sentence);
	ck_assert_msg(strchr(sentence, '\n') == NULL,
	    "%s: more than one line", name);
	ck_assert_msg(strstr(sentence, "  ") == NULL,
	    "%s: two blanks in \"%s\"", name, sentence);
	for (int other = 0; other < _i; other++)
		ck_assert_msg(strcmp(sentence,
		    verdict_sentence((enum verdict)other)) != 0,
		    "%s: the same sentence as %s", name,
		    verdict_name((enum verdict)other));
}
END_TEST

/*
 * The words stand in logs, golden files and other people's alarms: this list
 * is written out so that none changes by accident.
 */
static const struct {
	enum verdict verdict;
	const char *name;
} names[] = {
	{ VERDICT_OFFER, "offer" },
	{ VERDICT_ACK, "ack" },
	{ VERDICT_FRAME_SHORT, "frame-short" },
	{ VERDICT_OWN_FRAME, "own-frame" },
	{ VERDICT_VLAN_DEPTH, "vlan-depth" },
	{ VERDICT_NOT_IPV4, "not-ipv4" },
	{ VERDICT_IP_HEADER, "ip-header" },
	{ VERDICT_IP_LENGTH, "ip-length" },
	{ VERDICT_IP_FRAGMENT, "ip-fragment" },
	{ VERDICT_NOT_UDP, "not-udp" },
	{ VERDICT_UDP_LENGTH, "udp-length" },
	{ VERDICT_OTHER_PORT, "other-port" },
	{ VERDICT_DHCP_SHORT, "dhcp-short" },
	{ VERDICT_A_REPLY, "a-reply" },
	{ VERDICT_BAD_OP, "bad-op" },
	{ VERDICT_BAD_HLEN, "bad-hlen" },
	{ VERDICT_NO_COOKIE, "no-cookie" },
	{ VERDICT_OPTION_TRUNCATED, "option-truncated" },
	{ VERDICT_OPTIONS_LONG, "options-long" },
	{ VERDICT_NO_TYPE, "no-type" },
	{ VERDICT_NOT_PXE, "not-pxe" },
	{ VERDICT_LEASE_REQUEST, "lease-request" },
	{ VERDICT_OTHER_MESSAGE, "other-message" },
	{ VERDICT_NOT_FOR_US, "not-for-us" },
	{ VERDICT_BAD_GIADDR, "bad-giaddr" },
	{ VERDICT_BAD_SOURCE, "bad-source" },
	{ VERDICT_SOURCE_PORT, "source-port" },
	{ VERDICT_SOURCE_NOT_CIADDR, "source-not-ciaddr" },
	{ VERDICT_RELAY_NOT_ALLOWED, "relay-not-allowed" },
	{ VERDICT_CLIENT_NOT_ALLOWED, "client-not-allowed" },
	{ VERDICT_IGNORED, "ignored" },
	{ VERDICT_TOO_SOON, "too-soon" },
	{ VERDICT_LOCAL, "local" },
	{ VERDICT_REDIRECT, "redirect" },
	{ VERDICT_NO_ARCH, "no-arch" },
	{ VERDICT_ARCH_UNKNOWN, "arch-unknown" },
	{ VERDICT_ARCH_NO_FILE, "arch-no-file" },
	{ VERDICT_NOT_HTTP_CLIENT, "not-http-client" },
	{ VERDICT_NO_ITEM, "no-item" },
	{ VERDICT_NO_VALUE, "no-value" },
	{ VERDICT_BAD_NEXT_SERVER, "bad-next-server" },
	{ VERDICT_FILE_LONG, "file-long" },
	{ VERDICT_REPLY_LONG, "reply-long" },
	{ VERDICT_CLIENT_RATE, "client-rate" },
	{ VERDICT_TOTAL_RATE, "total-rate" },
};

START_TEST(test_stable)
{
	ck_assert_str_eq(verdict_name(names[_i].verdict), names[_i].name);
}
END_TEST

START_TEST(test_stable_is_whole)
{
	ck_assert_uint_eq(sizeof(names) / sizeof(names[0]), VERDICT_COUNT);
}
END_TEST

START_TEST(test_answered)
{
	enum verdict verdict = (enum verdict)_i;
	bool answered = strcmp(verdict_name(verdict), "offer") == 0 ||
	    strcmp(verdict_name(verdict), "ack") == 0;

	ck_assert_msg(verdict_answered(verdict) == answered, "%s: answered",
	    verdict_name(verdict));
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("verdict");
	TCase *tc = tcase_create("verdict");

	tcase_add_loop_test(tc, test_name, 0, VERDICT_COUNT);
	tcase_add_loop_test(tc, test_sentence, 0, VERDICT_COUNT);
	tcase_add_loop_test(tc, test_answered, 0, VERDICT_COUNT);
	tcase_add_loop_test(tc, test_stable, 0,
	    sizeof(names) / sizeof(names[0]));
	tcase_add_test(tc, test_stable_is_whole);
	suite_add_tcase(s, tc);
	return s;
}
