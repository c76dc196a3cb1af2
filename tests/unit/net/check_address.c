#include <check.h>

#include "net/address.h"
#include "unit/suite.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

/*
 * Which address is ours: "" is none.
 */
static const struct {
	const char *what;
	struct {
		const char *address;
		uint8_t scope;
		uint32_t flags;
	} has[4];
	const char *configured;		/* or NULL */
	const char *chosen;
	unsigned fit;
	bool foreign;
} rows[] = {
#define NONE { .address = NULL }
#define A(dotted) { .address = (dotted) }
	{ "none at all", { NONE }, NULL, "", 0, false },
	{ "one", { A("10.0.0.1") }, NULL, "10.0.0.1", 1, false },
	{ "the first", { A("10.0.0.2"), A("10.0.0.1") }, NULL, "10.0.0.2", 2,
	    false },
	{ "secondary ones are fit, but later", { A("10.0.0.1"),
	    { "10.0.0.2", 0, IFA_F_SECONDARY } }, NULL, "10.0.0.1", 2,
	    false },
	{ "a secondary one alone", { { "10.0.0.2", 0,
	    IFA_F_SECONDARY | IFA_F_PERMANENT } }, NULL, "10.0.0.2", 1,
	    false },
	{ "169.254.0.0/16 first in the list", { { "169.254.7.7",
	    RT_SCOPE_LINK, 0 }, A("10.0.0.1") }, NULL, "10.0.0.1", 1, false },
	{ "169.254.0.0/16 of global scope", { A("169.254.7.7"),
	    A("10.0.0.1") }, NULL, "10.0.0.1", 1, false },
	{ "the ends of 169.254.0.0/16", { A("169.254.0.0"),
	    A("169.254.255.255") }, NULL, "", 0, false },
	{ "beside 169.254.0.0/16", { A("169.253.255.255"),
	    A("169.255.0.0") }, NULL, "169.253.255.255", 2, false },
	{ "169.254.0.0/16 alone", { A("169.254.7.7") }, NULL, "", 0, false },
	{ "of this host alone", { { "10.0.0.1", RT_SCOPE_HOST, 0 } }, NULL,
	    "", 0, false },
	{ "of this link alone", { { "10.0.0.1", RT_SCOPE_LINK, 0 },
	    A("10.0.0.2") }, NULL, "10.0.0.2", 1, false },
	{ "of this site alone", { { "10.0.0.1", RT_SCOPE_SITE, 0 } }, NULL,
	    "", 0, false },
	{ "deprecated", { { "10.0.0.1", 0, IFA_F_DEPRECATED },
	    A("10.0.0.2") }, NULL, "10.0.0.2", 1, false },
	{ "deprecated, alone", { { "10.0.0.1", 0, IFA_F_DEPRECATED } }, NULL,
	    "", 0, false },
	{ "tentative", { { "10.0.0.1", 0, IFA_F_TENTATIVE }, A("10.0.0.2") },
	    NULL, "10.0.0.2", 1, false },
	{ "another host has it", { { "10.0.0.1", 0, IFA_F_DADFAILED },
	    A("10.0.0.2") }, NULL, "10.0.0.2", 1, false },
	{ "configured, not the first", { A("10.0.0.1"), A("10.0.0.2") },
	    "10.0.0.2", "10.0.0.2", 2, false },
	{ "configured, and not fit otherwise", { A("169.254.7.7") },
	    "169.254.7.7", "169.254.7.7", 0, false },
	{ "configured, and not of the link", { A("10.0.0.1") }, "10.9.9.9",
	    "10.9.9.9", 1, true },
	{ "configured, and the link has none", { NONE }, "10.9.9.9",
	    "10.9.9.9", 0, true },
#undef NONE
#undef A
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static unsigned
fill(int row, struct link_address out[4])
{
	unsigned n = 0;

	while (n < 4 && rows[row].has[n].address != NULL) {
		out[n].scope = rows[row].has[n].scope;
		out[n].flags = rows[row].has[n].flags;
		ck_assert(inet_pton(AF_INET, rows[row].has[n].address,
		    &out[n].address) == 1);
		n++;
	}
	return n;
}

START_TEST(test_choose)
{
	struct link_address has[4] = { 0 };
	struct link link = { .address = has, .addresses = fill(_i, has) };
	struct in_addr configured;
	bool is_configured = rows[_i].configured != NULL &&
	    inet_pton(AF_INET, rows[_i].configured, &configured) == 1;
	struct address_choice choice = { .fit = 99 };
	char chosen[INET_ADDRSTRLEN] = "";
	bool any = address_choose(&link, is_configured ? &configured : NULL,
	    &choice);

	if (any)
		(void)inet_ntop(AF_INET, &choice.address, chosen,
		    sizeof(chosen));
	ck_assert_msg(strcmp(chosen, rows[_i].chosen) == 0,
	    "%s: \"%s\" was chosen", rows[_i].what, chosen);
	ck_assert_msg(choice.fit == (any ? rows[_i].fit : 99),
	    "%s: %u are fit", rows[_i].what, choice.fit);
	ck_assert_msg(choice.foreign == rows[_i].foreign, "%s: foreign %d",
	    rows[_i].what, choice.foreign);
}
END_TEST

/* Each fault has a sentence of its own, and what is fit has none of them. */
START_TEST(test_faults)
{
	for (int a = ADDRESS_FIT; a <= ADDRESS_DEPRECATED; a++)
		for (int b = a + 1; b <= ADDRESS_DEPRECATED; b++)
			ck_assert_str_ne(address_fault((enum address_use)a),
			    address_fault((enum address_use)b));
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("address");
	TCase *tc = tcase_create("address");

	tcase_add_loop_test(tc, test_choose, 0, ROWS);
	tcase_add_test(tc, test_faults);
	suite_add_tcase(s, tc);
	return s;
}
