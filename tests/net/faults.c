/*
 * faults.c - what seldom happens, on demand: to be loaded before libc.
 *
 * $FAULTS names a file that holds a struct faults; a test changes it while
 * the program runs.
 */

#include <errno.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <libnet.h>
#include <pcap/pcap.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Where a time_t is wider than a long, two calls have the same name. */
#if defined(__USE_TIME_BITS64) && defined(SYS_clock_gettime64)
#define THE_CLOCK SYS_clock_gettime64
#else
#define THE_CLOCK SYS_clock_gettime
#endif

struct faults {
	int32_t send_error;		/* errno of sendmmsg(2) ... */
	int32_t sends;			/* so often; -1: always */
	int64_t step;			/* seconds that the clock is ahead */
	int64_t stamps;			/* and when frames were captured */
	int64_t builds;			/* of libnet that fail; -1: all */
	int64_t last;			/* ours to say: the clock's last one */
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
	if (at != MAP_FAILED) {
		faults = at;
		faults->last = sizeof(time_t) > sizeof(int32_t) ? INT64_MAX :
		    INT32_MAX;
	}
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
	int status = (int)syscall(THE_CLOCK, clock, out);

	if (faults != NULL && clock == CLOCK_REALTIME)
		out->tv_sec += (time_t)faults->step;
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

/* The library's own, into a pointer to such a function. */
static void
find_original(const char *name, void *function)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}

int
libnet_pblock_coalesce(libnet_t *libnet, uint8_t **packet, uint32_t *n)
{
	static int (*original)(libnet_t *, uint8_t **, uint32_t *);

	if (original == NULL)
		find_original("libnet_pblock_coalesce", &original);
	if (faults != NULL && faults->builds != 0) {
		if (faults->builds > 0)
			faults->builds--;
		return -1;
	}
	return original(libnet, packet, n);
}

/* What pcap_dispatch() was given; it is not called within itself. */
static pcap_handler given_handler;
static u_char *given_context;

static void
move_stamp(u_char *unused, const struct pcap_pkthdr *header,
    const u_char *octets)
{
	struct pcap_pkthdr moved = *header;

	(void)unused;
	moved.ts.tv_sec += (time_t)faults->stamps;
	given_handler(given_context, &moved, octets);
}

int
pcap_dispatch(pcap_t *pcap, int n, pcap_handler handler, u_char *context)
{
	static int (*original)(pcap_t *, int, pcap_handler, u_char *);

	if (original == NULL)
		find_original("pcap_dispatch", &original);
	if (faults == NULL)
		return original(pcap, n, handler, context);
	given_handler = handler;
	given_context = context;
	return original(pcap, n, move_stamp, NULL);
}
