#include "bench/bench_ring.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	SLOT = 1024,		/* room for every frame of the benchmark */
	BLOCK = 1 << 20,
};

static int
open_socket(const char *interface, int protocol)
{
	int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll where = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons((uint16_t)protocol),
		.sll_ifindex = (int)if_nametoindex(interface),
	};

	if (descriptor < 0)
		err(1, "packet socket");
	if (where.sll_ifindex == 0)
		err(1, "%s", interface);
	if (protocol != 0 && bind(descriptor, (struct sockaddr *)&where,
	    sizeof(where)) < 0)
		err(1, "%s: bind", interface);
	return descriptor;
}

static void
set(int descriptor, int option, const void *value, size_t n,
    const char *what)
{
	if (setsockopt(descriptor, SOL_PACKET, option, value,
	    (socklen_t)n) < 0)
		err(1, "%s", what);
}

/* Its instructions are the kernel's, but for the name of the struct. */
static void
attach(int descriptor, const char *text)
{
	pcap_t *ethernet = pcap_open_dead(DLT_EN10MB, SLOT);
	struct bpf_program program;
	struct sock_filter code[256];
	struct sock_fprog filter = { .filter = code };

	if (ethernet == NULL || pcap_compile(ethernet, &program, text, 1,
	    PCAP_NETMASK_UNKNOWN) < 0 ||
	    program.bf_len > sizeof(code) / sizeof(code[0]))
		errx(1, "cannot compile: %s", text);
	for (unsigned i = 0; i < program.bf_len; i++)
		code[i] = (struct sock_filter){ program.bf_insns[i].code,
		    program.bf_insns[i].jt, program.bf_insns[i].jf,
		    program.bf_insns[i].k };
	filter.len = (unsigned short)program.bf_len;
	if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
	    sizeof(filter)) < 0)
		err(1, "filter");
	pcap_freecode(&program);
	pcap_close(ethernet);
}

void
ring_open(struct ring *ring, const char *interface, size_t octets,
    const char *filter)
{
	struct tpacket_req request = {
		.tp_block_size = BLOCK,
		.tp_block_nr = (unsigned)(octets / BLOCK),
		.tp_frame_size = SLOT,
		.tp_frame_nr = (unsigned)(octets / SLOT),
	};
	struct packet_mreq everything = {
		.mr_ifindex = (int)if_nametoindex(interface),
		.mr_type = PACKET_MR_PROMISC,
	};
	int version = TPACKET_V2, on = 1;

	ring->descriptor = open_socket(interface, 0);
	set(ring->descriptor, PACKET_VERSION, &version, sizeof(version),
	    "TPACKET_V2");
	set(ring->descriptor, PACKET_IGNORE_OUTGOING, &on, sizeof(on),
	    "PACKET_IGNORE_OUTGOING");
	set(ring->descriptor, PACKET_RX_RING, &request, sizeof(request),
	    "ring");
	set(ring->descriptor, PACKET_ADD_MEMBERSHIP, &everything,
	    sizeof(everything), "promiscuous mode");
	attach(ring->descriptor, filter);
	ring->n = request.tp_frame_nr;
	ring->size = SLOT;
	ring->at = 0;
	ring->map = mmap(NULL, octets, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_POPULATE, ring->descriptor, 0);
	if (ring->map == MAP_FAILED)
		err(1, "mmap");

	/* Only now frames may come. */
	if (bind(ring->descriptor, (struct sockaddr *)&(struct sockaddr_ll){
	    .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
	    .sll_ifindex = everything.mr_ifindex },
	    sizeof(struct sockaddr_ll)) < 0)
		err(1, "%s: bind", interface);
}

static struct tpacket2_hdr *
slot(const struct ring *ring, size_t ahead)
{
	return (struct tpacket2_hdr *)(void *)
	    (ring->map + (ring->at + ahead) % ring->n * ring->size);
}

const uint8_t *
ring_frame(const struct ring *ring, size_t ahead, size_t *n,
    bool *checksum_open)
{
	struct tpacket2_hdr *header = slot(ring, ahead);
	uint32_t status = __atomic_load_n(&header->tp_status,
	    __ATOMIC_ACQUIRE);

	if (ahead >= ring->n || (status & TP_STATUS_USER) == 0)
		return NULL;
	*n = header->tp_snaplen;
	*checksum_open = (status & TP_STATUS_CSUMNOTREADY) != 0;
	return (const uint8_t *)header + header->tp_mac;
}

void
ring_release(struct ring *ring, size_t slots)
{
	for (; slots > 0; slots--) {
		__atomic_store_n(&slot(ring, 0)->tp_status, TP_STATUS_KERNEL,
		    __ATOMIC_RELEASE);
		ring->at = (ring->at + 1) % ring->n;
	}
}

void
ring_wait(const struct ring *ring, int milliseconds)
{
	struct pollfd poll_ring = { ring->descriptor, POLLIN, 0 };

	if (poll(&poll_ring, 1, milliseconds) < 0 && errno != EINTR)
		err(1, "poll");
}

unsigned
ring_dropped(const struct ring *ring)
{
	struct tpacket_stats stats;
	socklen_t n = sizeof(stats);

	if (getsockopt(ring->descriptor, SOL_PACKET, PACKET_STATISTICS,
	    &stats, &n) < 0)
		err(1, "PACKET_STATISTICS");
	return stats.tp_drops;
}

void
batch_open(struct batch *batch, const char *interface)
{
	struct sockaddr_ll where = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	int on = 1;

	*batch = (struct batch){ .descriptor = open_socket(interface, 0) };
	if (where.sll_ifindex == 0 || bind(batch->descriptor,
	    (struct sockaddr *)&where, sizeof(where)) < 0)
		err(1, "%s: bind", interface);
	set(batch->descriptor, PACKET_QDISC_BYPASS, &on, sizeof(on),
	    "PACKET_QDISC_BYPASS");
	for (unsigned i = 0; i < BATCH_MAX; i++)
		batch->message[i].msg_hdr = (struct msghdr){
		    .msg_iov = &batch->octets[i], .msg_iovlen = 1 };
}

void
batch_add(struct batch *batch, const uint8_t *octets, size_t n)
{
	/* sendmmsg() does not write there, but iovec serves both ways. */
	batch->octets[batch->n++] = (struct iovec){
	    (void *)(uintptr_t)octets, n };
	if (batch->n == BATCH_MAX)
		batch_send(batch);
}

void
batch_send(struct batch *batch)
{
	unsigned at = 0;

	while (at < batch->n) {
		int sent = sendmmsg(batch->descriptor, batch->message + at,
		    batch->n - at, 0);

		if (sent > 0) {
			at += (unsigned)sent;
		} else if (sent < 0 && errno == ENOBUFS) {
			batch->failed++;
			at++;
		} else if (sent < 0 && errno != EINTR && errno != EAGAIN) {
			err(1, "sendmmsg");
		}
	}
	batch->n = 0;
}
