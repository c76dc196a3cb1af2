/*
 * faults.c - what seldom happens, on demand: to be loaded before libc.
 *
 * $FAULTS names a file that holds a struct faults; a test changes it while
 * the program runs.
 */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct faults {
	int32_t send_error;		/* errno of sendmmsg(2) ... */
	int32_t sends;			/* so often; -1: always */
	int64_t step;			/* seconds that the clock is ahead */
};

static struct faults *faults;

__attribute__((constructor)) static void
open_faults(void)
{
	const char *path = getenv("FAULTS");
	int descriptor = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	if (descriptor < 0)
		return;
	at = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED,
	    descriptor, 0);
	if (at != MAP_FAILED)
		faults = at;
	(void)close(descriptor);
}

int
sendmmsg(int descriptor, struct mmsghdr *message, unsigned n, int flags)
{
	if (faults != NULL && faults->sends != 0) {
		if (faults->sends > 0)
			faults->sends--;
		errno = faults->send_error;
		return -1;
	}
	return (int)syscall(SYS_sendmmsg, descriptor, message, n, flags);
}

int
clock_gettime(clockid_t clock, struct timespec *out)
{
	int status = (int)syscall(SYS_clock_gettime, clock, out);

	if (faults != NULL && clock == CLOCK_REALTIME)
		out->tv_sec += faults->step;
	return status;
}

time_t
time(time_t *out)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}
