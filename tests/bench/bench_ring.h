#ifndef BENCH_RING_H
#define BENCH_RING_H

#include <linux/if_packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/*
 * bench_ring.h - packet sockets as fast as the kernel lets them be: a
 * memory-mapped ring of frames that came in, and batches of frames to send.
 *
 * Errors end the program with a line: this is for the benchmark only.
 */

struct ring {
	int descriptor;
	uint8_t *map;
	size_t n, size;		/* slots, and octets of each */
	size_t at;
};

/* A ring of the frames that come in on an interface and pass a filter in
 * pcap-filter(7)'s language. */
void ring_open(struct ring *ring, const char *interface, size_t octets,
    const char *filter);

/* The next frame, or NULL; it stays until ring_release(). */
const uint8_t *ring_frame(const struct ring *ring, size_t ahead, size_t *n,
    bool *checksum_open);

/* Give the oldest slots back to the kernel. */
void ring_release(struct ring *ring, size_t slots);

/* Wait until there is a frame. */
void ring_wait(const struct ring *ring, int milliseconds);

/* Frames that found no room since the last call. */
unsigned ring_dropped(const struct ring *ring);

enum { BATCH_MAX = 128 };

struct batch {
	int descriptor;
	unsigned n;
	struct mmsghdr message[BATCH_MAX];
	struct iovec octets[BATCH_MAX];
	unsigned long failed;	/* frames that the kernel would not take */
};

void batch_open(struct batch *batch, const char *interface);

/* The octets must stay until batch_send(), which a full batch calls. */
void batch_add(struct batch *batch, const uint8_t *octets, size_t n);
void batch_send(struct batch *batch);

#endif
