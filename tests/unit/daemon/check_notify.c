/*
 * The service manager is a socket of the test's own, with a path and with an
 * abstract name.
 */

#include "daemon/notify.h"

#include "unit/suite.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static char directory[] = "/tmp/check_notify.XXXXXX";
static char path[64];
static int manager = -1;

static void
listen_as(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	size_t n = strlen(name);

	memcpy(at.sun_path, name, n);
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	else
		n++;
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(manager, 0);
	ck_assert_int_eq(bind(manager, (const struct sockaddr *)&at,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
}

/* The next message; "" if there is none. */
static const char *
heard(void)
{
	static char text[2048];
	ssize_t n = recv(manager, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/notify", directory);
}

static void
tear_down(void)
{
	(void)close(manager);
	(void)unlink(path);
	(void)rmdir(directory);
}

static void
say_all(void)
{
	char longest[2000], rest;
	const char *text;
	unsigned long long usec;

	notify_ready();
	ck_assert_str_eq(heard(), "READY=1");
	notify_status("2 clients answered");
	ck_assert_str_eq(heard(), "STATUS=2 clients answered");
	notify_watchdog();
	ck_assert_str_eq(heard(), "WATCHDOG=1");
	notify_reloading();
	text = heard();
	ck_assert_int_eq(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%llu%c",
	    &usec, &rest), 1);
	ck_assert_uint_gt(usec, 1000000);
	notify_stopping();
	ck_assert_str_eq(heard(), "STOPPING=1");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	notify_status(longest);
	ck_assert_uint_eq(strlen(heard()), 511);
	ck_assert_str_eq(heard(), "");
}

START_TEST(test_path)
{
	listen_as(path);
	say_all();
}
END_TEST

START_TEST(test_abstract)
{
	char name[80];

	(void)snprintf(name, sizeof(name), "@%s", path);
	listen_as(name);
	say_all();
}
END_TEST

START_TEST(test_nobody)
{
	char longest[200];
	const char *const wrong[] = { "", "@", "/", "relative", "vsock:2:1234",
	    "/nonexistent/socket", longest };

	memset(longest, '/', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	listen_as(path);
	for (int i = 0; i < ROWS(wrong); i++) {
		ck_assert_int_eq(setenv("NOTIFY_SOCKET", wrong[i], 1), 0);
		notify_ready();
	}
	ck_assert_int_eq(unsetenv("NOTIFY_SOCKET"), 0);
	notify_ready();
	ck_assert_str_eq(heard(), "");
}
END_TEST

/* A manager that does not read must not keep us waiting. */
START_TEST(test_full)
{
	listen_as(path);
	for (int i = 0; i < 10000; i++)
		notify_watchdog();
	ck_assert_str_eq(heard(), "WATCHDOG=1");
}
END_TEST

static const struct {
	const char *usec, *pid;		/* NULL: not set; "self": ours */
	unsigned interval;
} intervals[] = {
	{ NULL, NULL, 0 },
	{ "30000000", NULL, 15000 },
	{ "30000000", "self", 15000 },
	{ "30000000", "1", 0 },
	{ "30000000", "x", 0 },
	{ "1", NULL, 1 },
	{ "0", NULL, 0 },
	{ "-5", NULL, 0 },
	{ "5x", NULL, 0 },
	{ "", NULL, 0 },
	{ "18446744073709551615", NULL, INT_MAX },
	{ "18446744073709551616", NULL, 0 },
};

START_TEST(test_interval)
{
	const char *usec = intervals[_i].usec, *pid = intervals[_i].pid;
	char self[20];

	(void)snprintf(self, sizeof(self), "%d", (int)getpid());
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	if (usec != NULL)
		ck_assert_int_eq(setenv("WATCHDOG_USEC", usec, 1), 0);
	if (pid != NULL)
		ck_assert_int_eq(setenv("WATCHDOG_PID",
		    strcmp(pid, "self") == 0 ? self : pid, 1), 0);
	ck_assert_msg(notify_watchdog_interval() == intervals[_i].interval,
	    "usec %s, pid %s: %u", usec != NULL ? usec : "-",
	    pid != NULL ? pid : "-", notify_watchdog_interval());
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("notify");
	TCase *tc = tcase_create("notify");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_path);
	tcase_add_test(tc, test_abstract);
	tcase_add_test(tc, test_nobody);
	tcase_add_test(tc, test_full);
	tcase_add_loop_test(tc, test_interval, 0, ROWS(intervals));
	suite_add_tcase(s, tc);
	return s;
}
