#include "daemon/notify.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { STATUS_MAX = 512, USEC_PER_MSEC = 1000 };

/* The length of the address; 0 where no manager is named. */
static socklen_t
find_manager(struct sockaddr_un *out)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t n;

	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (name == NULL || (name[0] != '/' && name[0] != '@'))
		return 0;
	n = strlen(name);
	if (n < 2 || n >= sizeof(out->sun_path))
		return 0;
	memcpy(out->sun_path, name, n);
	/* An abstract name has a NUL first and none last. */
	if (name[0] == '@')
		out->sun_path[0] = '\0';
	else
		n++;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

static void
send_text(const char *text)
{
	struct sockaddr_un manager;
	socklen_t n = find_manager(&manager);
	int s;

	if (n == 0 || (s = socket(AF_UNIX,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		return;
	(void)sendto(s, text, strlen(text), MSG_NOSIGNAL,
	    (const struct sockaddr *)&manager, n);
	(void)close(s);
}

void
notify_ready(void)
{
	send_text("READY=1");
}

void
notify_reloading(void)
{
	char text[64];
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(text, sizeof(text), "RELOADING=1\n"
	    "MONOTONIC_USEC=%lld%06ld", (long long)now.tv_sec,
	    now.tv_nsec / 1000);
	send_text(text);
}

void
notify_stopping(void)
{
	send_text("STOPPING=1");
}

void
notify_status(const char *text)
{
	char line[STATUS_MAX];

	(void)snprintf(line, sizeof(line), "STATUS=%s", text);
	send_text(line);
}

void
notify_watchdog(void)
{
	send_text("WATCHDOG=1");
}

/* false where the variable is no number above 0. */
static bool
read_number(const char *name, unsigned long long *out)
{
	const char *text = getenv(name);
	char *rest;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &rest, 10);
	return errno == 0 && *rest == '\0' && *out > 0;
}

unsigned
notify_watchdog_interval(void)
{
	unsigned long long usec, pid, half;

	if (!read_number("WATCHDOG_USEC", &usec))
		return 0;
	if (getenv("WATCHDOG_PID") != NULL &&
	    (!read_number("WATCHDOG_PID", &pid) ||
	    pid != (unsigned long long)getpid()))
		return 0;
	half = usec / 2 / USEC_PER_MSEC;
	if (half > INT_MAX)
		return INT_MAX;
	return half > 0 ? (unsigned)half : 1;
}
