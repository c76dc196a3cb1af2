#include <check.h>
#include <string.h>

#include "net/rtnetlink.h"
#include "unit/suite.h"

/*
 * check_rtnetlink.c - the kernel's own answer fills the table.  Every network
 * namespace has the link lo, and no privilege is needed to ask for it.
 */

static unsigned news_of_lo;

static void
changed(void *context, const struct link *link, unsigned news)
{
	ck_assert_ptr_eq(context, &news_of_lo);
	if (strcmp(link->name, "lo") == 0)
		news_of_lo |= news;
}

START_TEST(test_fill)
{
	const struct links_user user = { .changed = changed,
	    .context = &news_of_lo };
	struct rtnetlink *rtnetlink = rtnetlink_open();
	const struct link *lo;

	ck_assert_ptr_nonnull(rtnetlink);
	ck_assert_uint_eq(links_count(rtnetlink_links(rtnetlink)), 0);
	ck_assert_int_ge(rtnetlink_descriptor(rtnetlink), 0);
	ck_assert(rtnetlink_fill(rtnetlink, &user));
	lo = links_by_name(rtnetlink_links(rtnetlink), "lo");
	ck_assert_ptr_nonnull(lo);
	ck_assert(lo->loopback);
	ck_assert_uint_gt(lo->index, 0);
	ck_assert_uint_ne(news_of_lo & LINKS_APPEARED, 0);
	/* Nothing is open, and nothing comes. */
	ck_assert_int_eq(rtnetlink_due(rtnetlink, 0), -1);
	rtnetlink_receive(rtnetlink, 0, &user);
	rtnetlink_close(rtnetlink);
}
END_TEST

START_TEST(test_close_nothing)
{
	rtnetlink_close(NULL);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("rtnetlink");
	TCase *tc = tcase_create("rtnetlink");

	tcase_add_test(tc, test_fill);
	tcase_add_test(tc, test_close_nothing);
	suite_add_tcase(s, tc);
	return s;
}
