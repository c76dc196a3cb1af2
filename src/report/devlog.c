#include "report/devlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum {
	PATIENCE_US = 50000,
	HEADER_OCTETS = 64,
	NOBODY = -1,
};

static int descriptor = NOBODY;
static bool stuck;			/* the last line found no room */

static void
set_stuck(bool on)
{
	int flags = fcntl(descriptor, F_GETFL);

	if (on != stuck && flags >= 0)
		(void)fcntl(descriptor, F_SETFL,
		    on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
	stuck = on;
}

static void
forget(void)
{
	int error = errno;

	if (descriptor != NOBODY)
		(void)close(descriptor);
	descriptor = NOBODY;
	stuck = false;
	errno = error;
}

bool
devlog_open(void)
{
	const struct sockaddr_un there = { AF_UNIX, _PATH_LOG };
	const struct timeval patience = { .tv_usec = PATIENCE_US };

	forget();
	descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor >= 0 &&
	    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience,
	    sizeof(patience)) == 0 &&
	    connect(descriptor, (const struct sockaddr *)&there,
	    sizeof(there)) == 0)
		return true;
	forget();
	return false;
}

/* The day has a blank in the place of a zero; months are named in English. */
static void
write_header(int priority, char out[HEADER_OCTETS])
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	(void)snprintf(out, HEADER_OCTETS,
	    "<%d>%s %2d %02d:%02d:%02d pxeproxyd[%ld]: ", priority,
	    months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    (long)getpid());
}

/* One datagram; 0, or the errno. */
static int
send_line(int priority, const char *line)
{
	char header[HEADER_OCTETS];
	struct iovec piece[] = {
		{ header, 0 },
		{ (void *)(uintptr_t)line, strlen(line) },
	};

	if (descriptor == NOBODY)
		return ENOTCONN;
	write_header(priority, header);
	piece[0].iov_len = strlen(header);
	return writev(descriptor, piece, 2) < 0 ? errno : 0;
}

bool
devlog_write(int priority, const char *line, bool again)
{
	int error = send_line(priority, line);

	if (error != 0 && error != EAGAIN && again && devlog_open())
		error = send_line(priority, line);
	if (descriptor != NOBODY)
		set_stuck(error == EAGAIN);
	return error == 0;
}
