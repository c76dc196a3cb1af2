#include <pcap/pcap.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "net/cooked.h"
#include "core/responder.h"
#include "fuzz/invariants.h"
#include "unit/octets.h"

/*
 * cut.c - every frame of every savefile, cut at every length.
 *
 *   cut [FILE]...            default: each below $srcdir/../pcaps
 *
 * Never a read beyond what is left (each cut is a heap buffer of its exact
 * size, for AddressSanitizer to see), and never an answer where an octet of
 * the IPv4 packet is gone.  Octets behind the packet, Ethernet's padding, may
 * go: then the answer is the whole frame's.
 */

enum { LONGEST_FRAME = 65536 };

static struct {
	unsigned long files, frames, cuts, answered;
} count;

static const struct policy_rule everyone = { .name = "any other" };
static const struct policy policy = { .rule = &everyone, .n = 1,
    .file = "boot.file" };

/*
 * Where the IPv4 packet of a frame ends, by the frame's own word; the frame's
 * end where that makes no sense.
 */
static size_t
packet_end(const uint8_t *p, size_t n)
{
	size_t at = 12, end;

	while (at + 4 <= n && ((p[at] == 0x81 && p[at + 1] == 0x00) ||
	    (p[at] == 0x88 && p[at + 1] == 0xa8)))
		at += 4;
	if (at + 6 > n)
		return n;
	end = at + 2 + ((size_t)p[at + 4] << 8 | p[at + 5]);
	return end < n ? end : n;
}

/*
 * Be whoever the frame was sent to, so that unicast ones are answered too:
 * nothing is tested by cutting a request that would have been ignored.
 */
static struct reply_identity
addressee(const uint8_t *p, size_t n)
{
	struct reply_identity us = { .mac = { 0x02, 0, 0, 0, 0, 0x01 },
		.address = octets_address("192.0.2.1") };
	struct frame frame;
	enum verdict why;

	if (frame_read((struct span){ p, n }, &frame, &why) &&
	    frame.destination.s_addr != INADDR_BROADCAST)
		us.address = frame.destination;
	return us;
}

static int
complain(const char *path, unsigned long frame, size_t n, const char *fault)
{
	fprintf(stderr, "cut: %s: frame %lu cut to %zu octets: %s\n", path,
	    frame, n, fault);
	return -1;
}

/* One frame at one length. */
static int
try_cut(const char *path, unsigned long number, const struct reply_identity *us,
    struct heap cut, size_t end, const struct responder_exchange *whole)
{
	static struct responder_exchange x;
	const char *fault;

	(void)responder_answer(&policy, us, heap_span(cut), &x);
	count.cuts++;
	if ((fault = invariant_broken(&x, us)) != NULL)
		return complain(path, number, cut.n, fault);
	if (cut.n < end && verdict_answered(x.verdict))
		return complain(path, number, cut.n,
		    "answered, though the packet is cut");
	if (cut.n >= end && (fault = invariant_differs(&x, whole)) != NULL)
		return complain(path, number, cut.n, fault);
	return 0;
}

static int
try_frame(const char *path, unsigned long number, const uint8_t *p, size_t n)
{
	struct reply_identity us = addressee(p, n);
	size_t end = packet_end(p, n);
	static struct responder_exchange whole;
	struct heap heap = heap_of(p, n);
	int status = 0;

	count.frames++;
	if (verdict_answered(responder_answer(&policy, &us, heap_span(heap),
	    &whole)))
		count.answered++;
	for (size_t length = 0; status == 0 && length < n; length++) {
		struct heap cut = heap_of(p, length);

		status = try_cut(path, number, &us, cut, end, &whole);
		heap_free(cut);
	}
	heap_free(heap);
	return status;
}

/* The Ethernet frame of a cooked packet; the cuts are made of that. */
static int
try_cooked(const char *path, unsigned long number,
    enum cooked_version version, const uint8_t *p, size_t n)
{
	static const uint8_t ours[FRAME_MAC] = { 0x02, 0, 0, 0, 0, 0x01 };
	static uint8_t made[LONGEST_FRAME + FRAME_HEADER];
	struct span_writer w = { made, sizeof(made), 0, false };

	/* The header itself, cut at every length. */
	for (size_t length = 0; length < 20 && length < n; length++) {
		struct heap cut = heap_of(p, length);

		w.n = 0;
		(void)cooked_frame(version, heap_span(cut), ours, &w);
		heap_free(cut);
	}
	w = (struct span_writer){ made, sizeof(made), 0, false };
	if (!cooked_frame(version, (struct span){ p, n }, ours, &w))
		return 0;
	return try_frame(path, number, made, w.n);
}

static int
try_packet(const char *path, unsigned long number, int linktype,
    const uint8_t *p, size_t n)
{
	if (n > LONGEST_FRAME)
		n = LONGEST_FRAME;
	switch (linktype) {
	case DLT_EN10MB:
		return try_frame(path, number, p, n);
	case DLT_LINUX_SLL:
		return try_cooked(path, number, COOKED_V1, p, n);
	case DLT_LINUX_SLL2:
		return try_cooked(path, number, COOKED_V2, p, n);
	default:
		return complain(path, number, n, "unknown link type");
	}
}

static int
try_file(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	unsigned long number = 0;
	const u_char *octets;
	int status = 0;

	if (pcap == NULL) {
		fprintf(stderr, "cut: %s\n", error);
		return -1;
	}
	count.files++;
	while (status == 0 && pcap_next_ex(pcap, &header, &octets) == 1)
		status = try_packet(path, ++number, pcap_datalink(pcap),
		    octets, header->caplen);
	pcap_close(pcap);
	return status;
}

static bool
is_savefile(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && (strcmp(dot, ".pcap") == 0 ||
	    strcmp(dot, ".pcapng") == 0);
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Each savefile in the directory and in those below it. */
static int
try_directory(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char name[PATH_MAX];
	int status = 0;

	if (directory == NULL) {
		fprintf(stderr, "cut: %s: %s\n", path, strerror(errno));
		return -1;
	}
	while (status == 0 && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path,
		    entry->d_name) >= (int)sizeof(name))
			status = -1;
		else if (is_savefile(entry->d_name))
			status = try_file(name);
		else if (is_directory(name))
			status = try_directory(name);
	}
	(void)closedir(directory);
	return status;
}

int
main(int argc, char *argv[])
{
	const char *srcdir = getenv("srcdir");
	char pcaps[PATH_MAX];
	int status = 0;

	if (snprintf(pcaps, sizeof(pcaps), "%s/../pcaps",
	    srcdir != NULL ? srcdir : ".") >= (int)sizeof(pcaps))
		return EXIT_FAILURE;
	if (argc < 2)
		status = try_directory(pcaps);
	for (int i = 1; status == 0 && i < argc; i++)
		status = try_file(argv[i]);
	printf("%lu savefiles, %lu frames, %lu of them answered when whole, "
	    "%lu cuts\n", count.files, count.frames, count.answered,
	    count.cuts);
	if (status == 0 && count.answered == 0) {
		fprintf(stderr, "cut: no frame was answered, so nothing was "
		    "tested\n");
		status = -1;
	}
	return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
