#include "net/capture.h"

#include "net/cooked.h"
#include "net/long_frame.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	/*
	 * Octets of a frame that the ring has room for.  With libpcap's header
	 * five such slots fill a page.  A client's request is shorter, unless a
	 * relay agent adds much; see long_frame.h for what is not.
	 */
	SNAPLEN = 748,
	SNAPLEN_OBSERVED = 1522,	/* a frame of 1,500 octets, two tags */
	TAG_ROOM = 2,			/* a slot has so many more, with a tag */
	TRIES = 3,			/* at a name that moves */
	BLOCKS = 1024 * 1024,		/* octets of a ring that has some, since
					 * libpcap makes them of 256 KiB */
	BLOCK_MS = 20,			/* frames wait so long for others */
	FRAME_OCTETS = 262144 + FRAME_HEADER,	/* libpcap's own limit */
	FILE_OCTETS = 64 * 1024,	/* of a savefile, in one piece */
	SECOND = 1000000000,		/* in nanoseconds */
};

/*
 * BOOTP requests to a boot server, untagged or behind one or two VLAN tags.
 *
 * udp[8] is the op field, 1 in a request.  In tcpdump's language each "vlan"
 * shifts the offsets of everything after it by one tag, so the branches are in
 * this order.
 */
#define REQUEST "(udp and (dst port 67 or dst port 4011) and udp[8] = 1)"
const char capture_filter[] =
    REQUEST " or (vlan and (" REQUEST " or (vlan and " REQUEST ")))";

/*
 * What shows how a boot goes, by the same order of branches.
 *
 * Of the transfers of TFTP (RFC 1350), which have ports of their own: ERROR and
 * OACK; of ACK and DATA the first blocks, each 256th, and blocks whose
 * datagram has not the length of a full one of any usual size, since a short
 * block is the last.  Nothing is read behind the end of a datagram: a filter
 * that does so refuses it.
 */
#define FULL_BLOCK \
    "(udp[4:2] = 524 or udp[4:2] = 1036 or udp[4:2] = 1420 or " \
    "udp[4:2] = 1440 or udp[4:2] = 1444 or udp[4:2] = 1452 or " \
    "udp[4:2] = 1468 or udp[4:2] >= 1480)"
#define SOME_BLOCK "(udp[10:2] <= 8 or udp[11] = 0)"
#define TRANSFER \
    "(udp[4:2] >= 12 and (udp[8:2] = 5 or udp[8:2] = 6 or " \
    "(udp[8:2] = 4 and " SOME_BLOCK ") or " \
    "(udp[8:2] = 3 and (" SOME_BLOCK " or not " FULL_BLOCK "))))"
#define MESSAGE \
    "(port 67 or port 68 or port 4011 or dst port 69 or port 53 or " \
    "port 546 or port 547)"
#define HTTP_AT "tcp[((tcp[12] & 0xf0) >> 2):4]"
#define CONNECTION \
    "(tcp and not port 22 and (tcp[13] & 7 != 0 or " HTTP_AT \
    " = 0x47455420 or " HTTP_AT " = 0x48454144 or " HTTP_AT \
    " = 0x48545450))"
#define BOOT \
    "(arp or icmp[0] = 3 or (udp and (" MESSAGE " or " TRANSFER ")) or " \
    CONNECTION ")"
const char capture_filter_of_boots[] =
    BOOT " or (vlan and (" BOOT " or (vlan and " BOOT ")))";

struct capture {
	pcap_t *pcap;
	bool live;
	struct bpf_program filter;
	int linktype;
	uint8_t ours[FRAME_MAC];
	uint8_t *cooked;		/* FRAME_OCTETS of it, or NULL */
	char *pieces;			/* FILE_OCTETS of it, or NULL */
	struct long_frame *whole;	/* live: for what is cut, or NULL */
	bool heard;			/* live: frames, at this wake-up */
	/* Live: the frame that was read last. */
	struct pcap_pkthdr header;
	size_t in_slot;
	uint8_t slot[SNAPLEN_OBSERVED + TAG_ROOM];
};

static struct capture *
fail(struct capture *capture, char *error, const char *why)
{
	(void)snprintf(error, CAPTURE_ERROR_SIZE, "%s", why);
	capture_close(capture);
	return NULL;
}

/* Why an interface was not opened: in our words, or in libpcap's. */
static const char *
activation_fault(pcap_t *pcap, int status)
{
	const char *text = pcap_geterr(pcap);

	if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		return "no such interface";
	if (status == PCAP_ERROR_PERM_DENIED)
		return "no permission to capture: CAP_NET_RAW is needed";
	if (status == PCAP_ERROR_IFACE_NOT_UP)
		return "the interface is not up";
	return text[0] != '\0' ? text : pcap_statustostr(status);
}

/*
 * Frames that are waited for come one by one.  Those that are only observed
 * come in blocks, if the ring has room for some: the kernel takes half as long
 * to put them there, and it does so before the request can be read, or the
 * answer leave.
 */
static int
set_delivery(pcap_t *pcap, const struct capture_link *link)
{
	return link->observes && link->ring >= BLOCKS ?
	    pcap_set_timeout(pcap, BLOCK_MS) :
	    pcap_set_immediate_mode(pcap, 1);
}

/* How libpcap is to capture; false: its reason is in error. */
static bool
activate(struct capture *capture, const char *name,
    const struct capture_link *link, char *error)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	int status;

	capture->pcap = pcap_create(name, text);
	if (capture->pcap == NULL) {
		(void)snprintf(error, CAPTURE_ERROR_SIZE, "%s", text);
		return false;
	}
	status = pcap_set_snaplen(capture->pcap, link->observes ?
	    SNAPLEN_OBSERVED : SNAPLEN);
	if (status == 0)
		status = pcap_set_promisc(capture->pcap, link->promiscuous);
	if (status == 0)
		status = set_delivery(capture->pcap, link);
	if (status == 0)
		status = pcap_set_buffer_size(capture->pcap, (int)link->ring);
	if (status == 0)
		status = pcap_activate(capture->pcap);
	if (status < 0)
		(void)snprintf(error, CAPTURE_ERROR_SIZE, "%s",
		    activation_fault(capture->pcap, status));
	return status >= 0;
}

/* Is it the interface that was meant, and not one that has its name by now? */
static bool
is_bound_to(struct capture *capture, unsigned index)
{
	struct sockaddr_ll bound = { .sll_ifindex = 0 };
	socklen_t n = sizeof(bound);

	return getsockname(pcap_fileno(capture->pcap),
	    (struct sockaddr *)&bound, &n) == 0 &&
	    bound.sll_ifindex == (int)index;
}

/* libpcap knows interfaces by their names, which may move meanwhile. */
static bool
activate_by_index(struct capture *capture, const struct capture_link *link,
    char *error)
{
	char name[IF_NAMESIZE];

	for (unsigned i = 0; i < TRIES; i++) {
		if (if_indextoname(link->index, name) == NULL) {
			(void)snprintf(error, CAPTURE_ERROR_SIZE,
			    "no such interface");
			return false;
		}
		if (activate(capture, name, link, error)) {
			if (is_bound_to(capture, link->index))
				return true;
		} else if (if_nametoindex(name) == link->index) {
			return false;
		}
		if (capture->pcap != NULL)
			pcap_close(capture->pcap);
		capture->pcap = NULL;
	}
	(void)snprintf(error, CAPTURE_ERROR_SIZE, "its name does not stay");
	return false;
}

/*
 * A filter says how many octets of a frame are wanted, too.  All of them are,
 * or the kernel would not queue the whole of those that the ring cuts.
 */
static void
want_whole_frames(struct bpf_program *filter)
{
	for (unsigned i = 0; i < filter->bf_len; i++)
		if (filter->bf_insns[i].code == (BPF_RET | BPF_K) &&
		    filter->bf_insns[i].k != 0)
			filter->bf_insns[i].k = FRAME_OCTETS;
}

/*
 * What is compiled for one Ethernet interface is right for each: it takes
 * milliseconds, so it is done once, however many there are.
 */
static struct compiled {
	const char *text;
	struct bpf_program program;	/* of no instructions: not yet */
} compiled[] = {
	{ .text = capture_filter },
	{ .text = capture_filter_of_boots },
};

/* Many interfaces are opened at once, by threads. */
static pthread_mutex_t compiling = PTHREAD_MUTEX_INITIALIZER;

/* Where the program of a filter is kept. */
static struct bpf_program *
program_of(struct capture *capture, const char *text)
{
	for (unsigned i = 0; i < sizeof(compiled) / sizeof(compiled[0]); i++)
		if (compiled[i].text == text)
			return &compiled[i].program;
	return &capture->filter;
}

/* Compiled for an interface: there VLAN tags are not in the frame. */
static bool
compile_for_interface(pcap_t *pcap, struct bpf_program *program,
    const char *text)
{
	bool is_compiled;

	(void)pthread_mutex_lock(&compiling);
	is_compiled = program->bf_len > 0;
	if (!is_compiled && pcap_compile(pcap, program, text, 1,
	    PCAP_NETMASK_UNKNOWN) == 0) {
		want_whole_frames(program);
		is_compiled = true;
	}
	(void)pthread_mutex_unlock(&compiling);
	return is_compiled;
}

static bool
set_filter(struct capture *capture, const struct capture_link *link)
{
	const char *text = link->filter != NULL ? link->filter :
	    capture_filter;
	struct bpf_program *program = program_of(capture, text);
	pcap_t *pcap = capture->pcap;

	return compile_for_interface(pcap, program, text) &&
	    pcap_setfilter(pcap, program) == 0 &&
	    (link->observes || pcap_setdirection(pcap, PCAP_D_IN) == 0);
}

/* What the kernel can do for us beyond what libpcap asks of it. */
static bool
prepare_socket(struct capture *capture)
{
	int descriptor = pcap_fileno(capture->pcap), on = 1;

	/* Before Linux 4.20 libpcap drops them. */
	(void)setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
	    sizeof(on));
	capture->whole = malloc(sizeof(*capture->whole));
	return capture->whole != NULL && long_frame_enable(descriptor);
}

struct capture *
capture_open_live(const struct capture_link *link,
    char error[CAPTURE_ERROR_SIZE])
{
	struct capture *capture = calloc(1, sizeof(*capture));
	char text[PCAP_ERRBUF_SIZE] = "";

	if (capture == NULL)
		return fail(NULL, error, strerror(ENOMEM));
	capture->live = true;
	if (!activate_by_index(capture, link, error)) {
		capture_close(capture);
		return NULL;
	}
	capture->linktype = pcap_datalink(capture->pcap);
	if (capture->linktype != DLT_EN10MB)
		return fail(capture, error, "it is no Ethernet interface");
	if (!set_filter(capture, link))
		return fail(capture, error, pcap_geterr(capture->pcap));
	if (pcap_setnonblock(capture->pcap, 1, text) < 0)
		return fail(capture, error, text);
	if (!link->observes && !prepare_socket(capture))
		return fail(capture, error, strerror(errno));
	return capture;
}

/* Cooked packets are made into Ethernet frames before they are filtered. */
static bool
compile_for_ethernet(struct capture *capture)
{
	pcap_t *ethernet = pcap_open_dead(DLT_EN10MB, FRAME_OCTETS);
	int status;

	if (ethernet == NULL)
		return false;
	status = pcap_compile(ethernet, &capture->filter, capture_filter, 1,
	    PCAP_NETMASK_UNKNOWN);
	pcap_close(ethernet);
	return status == 0;
}

/*
 * Open the savefile with a large buffer, and without the locks of stdio, which
 * take as long as the reading itself.
 */
static FILE *
open_savefile(struct capture *capture, const char *path)
{
	FILE *file;

	if (strcmp(path, "-") == 0)
		file = stdin;
	else if ((file = fopen(path, "re")) == NULL)
		return NULL;
	else if ((capture->pieces = malloc(FILE_OCTETS)) != NULL)
		(void)setvbuf(file, capture->pieces, _IOFBF, FILE_OCTETS);
	(void)__fsetlocking(file, FSETLOCKING_BYCALLER);
	return file;
}

struct capture *
capture_open_file(const char *path, const uint8_t ours[FRAME_MAC],
    char error[CAPTURE_ERROR_SIZE])
{
	struct capture *capture = calloc(1, sizeof(*capture));
	char text[PCAP_ERRBUF_SIZE] = "";
	FILE *file;

	if (capture == NULL)
		return fail(NULL, error, strerror(ENOMEM));
	if ((file = open_savefile(capture, path)) == NULL) {
		(void)snprintf(text, sizeof(text), "%.200s: %s", path,
		    strerror(errno));
		return fail(capture, error, text);
	}
	memcpy(capture->ours, ours, FRAME_MAC);
	capture->pcap = pcap_fopen_offline_with_tstamp_precision(file,
	    PCAP_TSTAMP_PRECISION_NANO, text);
	if (capture->pcap == NULL) {
		(void)snprintf(error, CAPTURE_ERROR_SIZE, "%.200s: %s", path,
		    text);
		(void)fclose(file);
		capture_close(capture);
		return NULL;
	}
	capture->linktype = pcap_datalink(capture->pcap);
	if (capture->linktype != DLT_EN10MB &&
	    capture->linktype != DLT_LINUX_SLL &&
	    capture->linktype != DLT_LINUX_SLL2)
		return fail(capture, error, "the savefile is neither of "
		    "Ethernet nor of Linux cooked captures");
	if (!compile_for_ethernet(capture))
		return fail(capture, error, "cannot compile the filter");
	if (capture->linktype != DLT_EN10MB) {
		capture->cooked = malloc(FRAME_OCTETS);
		if (capture->cooked == NULL)
			return fail(capture, error, strerror(ENOMEM));
	}
	return capture;
}

/* A cooked packet as an Ethernet frame; empty if that is not possible. */
static struct span
uncook(struct capture *capture, struct span octets)
{
	struct span_writer w = { capture->cooked, FRAME_OCTETS, 0, false };

	if (!cooked_frame(capture->linktype == DLT_LINUX_SLL ? COOKED_V1 :
	    COOKED_V2, octets, capture->ours, &w))
		return (struct span){ 0 };
	return writer_span(&w);
}

bool
capture_wants(const struct capture *capture, struct span octets)
{
	struct pcap_pkthdr header = {
		.caplen = (bpf_u_int32)octets.n,
		.len = (bpf_u_int32)octets.n,
	};

	return octets.n > 0 &&
	    pcap_offline_filter(&capture->filter, &header, octets.p) != 0;
}

/*
 * The time of a frame.  A savefile has the seconds in 32 bits without a sign;
 * libpcap before 1.10.5 reads them with one, so that from 2038 on they come
 * out negative.  The fraction of a second can be a second or more, or negative.
 */
static inline struct timespec
time_of(int64_t seconds, int64_t nanoseconds)
{
	if (nanoseconds < 0 || nanoseconds >= SECOND) {
		seconds += nanoseconds / SECOND;
		nanoseconds %= SECOND;
	}
	if (nanoseconds < 0) {
		nanoseconds += SECOND;
		seconds--;
	}
	if (seconds < 0)
		seconds += INT64_C(1) << 32;
	return (struct timespec){ (time_t)seconds, (long)nanoseconds };
}

/*
 * Keep one frame, since its slot of the ring is the kernel's again afterwards.
 * Where the slot had room for the frame but not for its tag, which libpcap has
 * put in front, the octets that libpcap cut off are behind it.
 */
static void
keep_frame(u_char *user, const struct pcap_pkthdr *header,
    const u_char *octets)
{
	struct capture *capture = (void *)user;
	struct span cut = { octets, header->caplen };

	if (header->caplen == SNAPLEN && header->len > SNAPLEN &&
	    header->len <= SNAPLEN + TAG_ROOM && long_frame_is_tagged(cut))
		cut.n = header->len;
	if (cut.n > sizeof(capture->slot))
		cut.n = sizeof(capture->slot);
	memcpy(capture->slot, octets, cut.n);
	capture->in_slot = cut.n;
	capture->header = *header;
}

/* All of the frame that was kept; where it cannot be had, its beginning. */
static struct span
whole_frame(struct capture *capture)
{
	struct span cut = { capture->slot, capture->in_slot }, whole;

	if (capture->whole != NULL && cut.n < capture->header.len &&
	    long_frame_fetch(pcap_fileno(capture->pcap), cut,
	    capture->header.len, capture->whole, &whole))
		return whole;
	return cut;
}

enum capture_step
capture_next(struct capture *capture, struct capture_frame *out)
{
	int status = pcap_dispatch(capture->pcap, 1, keep_frame,
	    (u_char *)capture);

	if (status == 0) {
		/* Something woke us: what belongs to no frame of the ring. */
		if (!capture->heard && capture->whole != NULL)
			long_frame_drop(pcap_fileno(capture->pcap));
		capture->heard = false;
		return CAPTURE_NONE;
	}
	if (status < 0)
		return CAPTURE_ERROR;
	capture->heard = true;
	out->octets = whole_frame(capture);
	out->when.tv_sec = capture->header.ts.tv_sec;
	out->when.tv_nsec = (long)capture->header.ts.tv_usec * 1000;
	return CAPTURE_FRAME;
}

/* The arguments of capture_all(), for libpcap's callback. */
struct capture_taker {
	struct capture *capture;
	capture_take *take;
	void *context;
};

/* libpcap's callback. */
static void
hand_over(u_char *user, const struct pcap_pkthdr *header,
    const u_char *octets)
{
	struct capture_taker *taker = (void *)user;
	struct capture_frame frame = {
		.octets = { octets, header->caplen },
		/* Opened with nanoseconds: tv_usec holds these. */
		.when = time_of(header->ts.tv_sec, header->ts.tv_usec),
	};

	if (taker->capture->cooked != NULL)
		frame.octets = uncook(taker->capture, frame.octets);
	if (!taker->take(taker->context, &frame))
		pcap_breakloop(taker->capture->pcap);
}

enum capture_step
capture_all(struct capture *capture, capture_take *take, void *context)
{
	struct capture_taker taker = { capture, take, context };

	switch (pcap_loop(capture->pcap, -1, hand_over, (u_char *)&taker)) {
	case 0:
		return CAPTURE_END;
	case PCAP_ERROR_BREAK:
		return CAPTURE_FRAME;
	default:
		return CAPTURE_ERROR;
	}
}

const char *
capture_error(struct capture *capture)
{
	return pcap_geterr(capture->pcap);
}

int
capture_descriptor(struct capture *capture)
{
	return capture->live ? pcap_get_selectable_fd(capture->pcap) : -1;
}

int
capture_socket(struct capture *capture)
{
	return pcap_fileno(capture->pcap);
}

unsigned
capture_dropped(struct capture *capture)
{
	struct pcap_stat stat;

	if (pcap_stats(capture->pcap, &stat) < 0)
		return 0;
	return stat.ps_drop;
}

void
capture_close(struct capture *capture)
{
	if (capture == NULL)
		return;
	pcap_freecode(&capture->filter);
	if (capture->pcap != NULL)
		pcap_close(capture->pcap);
	free(capture->cooked);
	free(capture->pieces);
	free(capture->whole);
	free(capture);
}
