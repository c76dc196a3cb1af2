#include "net/inject.h"

#include "net/guard.h"

#include <errno.h>
#include <libnet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(INJECT_ERROR_SIZE >= LIBNET_ERRBUF_SIZE &&
    INJECT_ERROR_SIZE >= PCAP_ERRBUF_SIZE, "room for the libraries' texts");

enum {
	KEPT_MAX = 64,			/* frames in one system call */
	FRAME_OCTETS = 1518 + 4,	/* of the largest: two VLAN tags */
	FILE_OCTETS = 256 * 1024,	/* of a savefile, in one piece */
	WAITS_MAX = 16,			/* for room, before it is given up */
	MOMENT_NS = 250000,		/* how long each of them is */
};

/* Each begins with a sink, so that a pointer to one is one to the other. */
struct inject_link {
	struct inject_sink sink;
	libnet_t *libnet;
	const char *interface;
	unsigned waits;			/* for room, since all was sent */
	unsigned kept;
	struct mmsghdr message[KEPT_MAX];
	struct iovec piece[KEPT_MAX];
	uint8_t octets[KEPT_MAX][FRAME_OCTETS];
};

struct inject_file {
	struct inject_sink sink;
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	char pieces[FILE_OCTETS];	/* the savefile's buffer */
};

static void
fail(struct inject_link *self, const char *why)
{
	(void)snprintf(self->sink.error, sizeof(self->sink.error),
	    "on %.32s: %.150s", self->interface, why);
	self->sink.failed++;
}

/*
 * Wait if the queue of the interface is full: it has room again in a moment,
 * while a client whose answer is lost asks again only after seconds.  But other
 * clients wait meanwhile: so at most WAITS_MAX times, and then not again until
 * a flush has sent all of its frames.
 */
static bool
wait_for_room(struct inject_link *self, int error)
{
	struct timespec moment = { .tv_nsec = MOMENT_NS };

	if ((error != ENOBUFS && error != EAGAIN) || self->waits == WAITS_MAX)
		return false;
	self->waits++;
	(void)ppoll(NULL, 0, &moment, NULL);
	return true;
}

/*
 * Send the frames that are kept, with as few system calls as possible.  If the
 * kernel refuses one frame, the others are sent all the same.
 */
static bool
flush_link(struct inject_sink *sink)
{
	struct inject_link *self = (struct inject_link *)sink;
	unsigned at = 0;
	bool all = true;

	while (at < self->kept) {
		int sent = sendmmsg(libnet_getfd(self->libnet),
		    self->message + at, self->kept - at, MSG_DONTWAIT);

		if (sent > 0) {
			at += (unsigned)sent;
			sink->sent += (unsigned)sent;
		} else if (errno != EINTR && !wait_for_room(self, errno)) {
			fail(self, strerror(errno));
			all = false;
			at++;
		}
	}
	if (all)
		self->waits = 0;
	self->kept = 0;
	return all;
}

static bool
send_to_link(struct inject_sink *sink, struct span frame, struct timespec when)
{
	struct inject_link *self = (struct inject_link *)sink;
	unsigned at = self->kept;

	(void)when;
	if (frame.n > FRAME_OCTETS) {
		fail(self, "the frame is too long");
		return false;
	}
	(void)span_copy(&(struct span){ frame.p, frame.n }, frame.n,
	    self->octets[at]);
	self->piece[at] = (struct iovec){ self->octets[at], frame.n };
	self->message[at].msg_hdr = (struct msghdr){
		.msg_iov = &self->piece[at], .msg_iovlen = 1 };
	self->kept++;
	return self->kept < KEPT_MAX || flush_link(sink);
}

static void
close_link(struct inject_sink *sink)
{
	struct inject_link *self = (struct inject_link *)sink;

	libnet_destroy(self->libnet);
	free(self);
}

/*
 * libnet's socket belongs to no interface and hears all of them.  Tied to
 * ours with no protocol it hears none, and needs no address on each frame;
 * the drop-all filter is for the time before.
 */
static bool
prepare(int descriptor, const struct inject_interface *interface)
{
	struct sockaddr_ll link = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)interface->index,
	};
	int on = 1;

	if (!guard_deafen(descriptor) || bind(descriptor,
	    (const struct sockaddr *)&link, sizeof(link)) < 0)
		return false;
	if (interface->bypass)
		(void)setsockopt(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS,
		    &on, sizeof(on));
	return true;
}

/* The name is of use to libnet alone: the socket is tied to the index. */
static libnet_t *
open_libnet(unsigned index, char error[INJECT_ERROR_SIZE])
{
	char name[IF_NAMESIZE];

	if (if_indextoname(index, name) != NULL)
		return libnet_init(LIBNET_LINK_ADV, name, error);
	(void)snprintf(error, INJECT_ERROR_SIZE, "no such interface");
	return NULL;
}

struct inject_sink *
inject_open_link(const struct inject_interface *interface,
    char error[INJECT_ERROR_SIZE])
{
	struct inject_link *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		(void)snprintf(error, INJECT_ERROR_SIZE, "out of memory");
		return NULL;
	}
	self->sink.send = send_to_link;
	self->sink.flush = flush_link;
	self->sink.close = close_link;
	self->interface = interface->name;
	self->libnet = open_libnet(interface->index, error);
	if (self->libnet == NULL) {
		free(self);
		return NULL;
	}
	if (!prepare(libnet_getfd(self->libnet), interface)) {
		(void)snprintf(error, INJECT_ERROR_SIZE,
		    "cannot prepare libnet's socket: %s", strerror(errno));
		libnet_destroy(self->libnet);
		free(self);
		return NULL;
	}
	return (struct inject_sink *)self;
}

static bool
complain_of_file(struct inject_sink *sink)
{
	(void)snprintf(sink->error, sizeof(sink->error),
	    "the savefile cannot be written: %s", strerror(errno));
	return false;
}

static bool
send_to_file(struct inject_sink *sink, struct span frame, struct timespec when)
{
	struct inject_file *self = (struct inject_file *)sink;
	struct pcap_pkthdr header = {
		.ts = { .tv_sec = when.tv_sec, .tv_usec = when.tv_nsec },
		.caplen = (bpf_u_int32)frame.n,
		.len = (bpf_u_int32)frame.n,
	};

	pcap_dump((u_char *)self->dumper, &header, frame.p);
	if (ferror(pcap_dump_file(self->dumper)) == 0)
		return true;
	return complain_of_file(sink);
}

static bool
flush_file(struct inject_sink *sink)
{
	struct inject_file *self = (struct inject_file *)sink;

	return pcap_dump_flush(self->dumper) == 0 || complain_of_file(sink);
}

static void
close_file(struct inject_sink *sink)
{
	struct inject_file *self = (struct inject_file *)sink;

	pcap_dump_close(self->dumper);
	pcap_close(self->pcap);
	free(self);
}

/* Open the savefile with a large buffer and without the locks of stdio. */
static pcap_dumper_t *
open_dumper(struct inject_file *self, const char *path)
{
	FILE *file;

	if (strcmp(path, "-") == 0)
		return pcap_dump_open(self->pcap, path);
	if ((file = fopen(path, "we")) == NULL)
		return NULL;
	(void)setvbuf(file, self->pieces, _IOFBF, sizeof(self->pieces));
	(void)__fsetlocking(file, FSETLOCKING_BYCALLER);
	return pcap_dump_fopen(self->pcap, file);
}

struct inject_sink *
inject_open_file(const char *path, char error[INJECT_ERROR_SIZE])
{
	struct inject_file *self = calloc(1, sizeof(*self));

	if (self == NULL) {
		(void)snprintf(error, INJECT_ERROR_SIZE, "out of memory");
		return NULL;
	}
	self->sink.send = send_to_file;
	self->sink.flush = flush_file;
	self->sink.close = close_file;
	self->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535,
	    PCAP_TSTAMP_PRECISION_NANO);
	if (self->pcap == NULL) {
		(void)snprintf(error, INJECT_ERROR_SIZE, "out of memory");
		free(self);
		return NULL;
	}
	if ((self->dumper = open_dumper(self, path)) == NULL) {
		(void)snprintf(error, INJECT_ERROR_SIZE, "%.150s: %s", path,
		    strerror(errno));
		pcap_close(self->pcap);
		free(self);
		return NULL;
	}
	return (struct inject_sink *)self;
}
