/*
 * hostile_load - frames that nobody should send, and a strict eye on what
 * comes back.
 *
 *	hostile_load INTERFACE MAC SEED FILE...
 *
 * The frames are made from those of the files (captures, or a frame each) and
 * from sound requests: some as they are, some with another message, most of
 * them damaged, some are noise.  MAC is the daemon's.  The same seed makes the
 * same frames, but for answers that come back and are used again.
 *
 * Each line of standard input is an order, and is answered by a line of JSON
 * with all numbers so far:
 *
 *	mix N	send N frames
 *	pass N	send N frames that pass the daemon's filter
 *	same N R	send the frame of the first file N times, R times a second
 *	made N R	the same, each time with another chaddr, and with it as the
 *		Ethernet source where it was that before
 *	look	read what has come back
 *	save F	and write the frames into the capture F from now on
 */

#include "net/capture.h"
#include "bench/bench_ring.h"
#include "fuzz/mutate.h"

#include <err.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	SHORTEST = 14,		/* what a packet socket sends */
	LONGEST = 1514,
	SEEDS = 4096,
	REFLECTED = 64,		/* answers that are used as seeds */
	RING_OCTETS = 64 << 20,
	IP_MIN = 328,		/* of an answer: 300 octets of DHCP */
	IP_MIN_4011 = 278,	/* of one without padding: header, cookie,
				 * options 53 and 54, the end */
	IP_MAX = 1472,		/* if a client accepts so much, and has it
				 * by what is echoed of its options */
	SEEN = 900,		/* octets that are there of longer ones */
	MAC = 6,
};

struct seed {
	size_t n;
	uint8_t octets[LONGEST];
};

struct load {
	struct ring ring;
	struct batch batch;
	struct dice dice;
	pcap_t *ethernet;
	struct bpf_program filter;
	pcap_dumper_t *file;
	uint8_t server[MAC];
	struct seed seed[SEEDS];
	unsigned seeds, own;		/* own: but for the reflected ones */
	uint8_t frame[BATCH_MAX][LONGEST];	/* until they are sent */

	unsigned long sent, passed, passed_octets;
	unsigned long answers, answer_octets, largest, others, wrong;
	const char *fault;		/* of the last wrong one */
};

/*
 * Seeds.
 */

static void
add_seed(struct load *load, const uint8_t *octets, size_t n)
{
	struct seed *seed = &load->seed[load->seeds];

	if (load->seeds == SEEDS - REFLECTED || n < SHORTEST || n > LONGEST)
		return;
	memcpy(seed->octets, octets, n);
	seed->n = n;
	load->seeds++;
}

/* A capture of Ethernet; false where it is none. */
static bool
read_capture(struct load *load, const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *capture = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const u_char *octets;

	if (capture == NULL)
		return false;
	while (pcap_datalink(capture) == DLT_EN10MB &&
	    pcap_next_ex(capture, &header, &octets) == 1)
		add_seed(load, octets, header->caplen);
	pcap_close(capture);
	return true;
}

static void
read_file(struct load *load, const char *path)
{
	uint8_t octets[LONGEST];
	FILE *file;

	if (read_capture(load, path))
		return;
	if ((file = fopen(path, "re")) == NULL)
		err(1, "%s", path);
	add_seed(load, octets, fread(octets, 1, sizeof(octets), file));
	(void)fclose(file);
}

/*
 * Frames.
 */

static size_t
make_noise(struct dice *dice, uint8_t *octets)
{
	size_t n = SHORTEST + dice_roll(dice, 600);

	for (size_t i = 0; i < n; i++)
		octets[i] = (uint8_t)dice_roll(dice, 256);
	return n;
}

static size_t
take_seed(struct load *load, uint8_t *octets)
{
	const struct seed *seed = &load->seed[dice_roll(&load->dice,
	    load->seeds)];

	memcpy(octets, seed->octets, seed->n);
	return seed->n;
}

static size_t
make_frame(struct load *load, uint8_t octets[MUTATE_ROOM])
{
	struct dice *dice = &load->dice;
	size_t n, changed;

	if (dice_roll(dice, 32) == 0)
		return make_noise(dice, octets);
	n = load->seeds > 0 && dice_roll(dice, 2) == 0 ?
	    take_seed(load, octets) :
	    mutate_request(dice, octets, LONGEST);
	if (dice_roll(dice, 8) == 0)
		return n;
	changed = mutate_message(dice, octets, n, LONGEST);
	if (changed > 0)
		n = changed;
	if (dice_roll(dice, 2) == 0)
		n = mutate_damage(dice, octets, n, LONGEST);
	return n;
}

/* Frames from the daemon's address could not be told from its answers. */
static void
own_up(struct load *load, uint8_t *octets)
{
	if (memcmp(octets + MAC, load->server, MAC) == 0)
		octets[MAC + 5] ^= 0x80;
}

/* As a switch sees it: nothing comes from a group, or goes to the switch. */
static bool
is_forwarded(const uint8_t *octets)
{
	static const uint8_t nobody[MAC];
	static const uint8_t link_local[] = { 1, 0x80, 0xc2, 0, 0 };

	return (octets[MAC] & 1) == 0 &&
	    memcmp(octets + MAC, nobody, MAC) != 0 &&
	    memcmp(octets, link_local, sizeof(link_local)) != 0;
}

static bool
passes(struct load *load, const uint8_t *octets, size_t n)
{
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)n,
		.len = (bpf_u_int32)n };

	return is_forwarded(octets) &&
	    pcap_offline_filter(&load->filter, &header, octets) != 0;
}

static void
save(struct load *load, const uint8_t *octets, size_t n)
{
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)n,
		.len = (bpf_u_int32)n };

	if (load->file != NULL && is_forwarded(octets))
		pcap_dump((u_char *)load->file, &header, octets);
}

static void
send_frames(struct load *load, unsigned long count, bool all_pass)
{
	for (unsigned long i = 0; i < count;) {
		uint8_t *octets = load->frame[load->batch.n], made[MUTATE_ROOM];
		size_t n = make_frame(load, made);
		bool passed;

		if (n < SHORTEST)
			continue;
		own_up(load, made);
		passed = passes(load, made, n);
		if (all_pass && !passed)
			continue;
		memcpy(octets, made, n);
		save(load, octets, n);
		batch_add(&load->batch, octets, n);
		load->sent++;
		load->passed += passed;
		load->passed_octets += passed ? n : 0;
		i++;
	}
	batch_send(&load->batch);
}

/* Where they are in a frame without tags and IPv4 options. */
enum { UDP_CHECKSUM = 40, CHADDR = 70 };

/* From as many machines as there are frames; nobody checks the checksum. */
static void
make_address(struct load *load, uint8_t *octets)
{
	bool is_source = memcmp(octets + CHADDR, octets + MAC, MAC) == 0;

	octets[CHADDR] = 0x52;
	for (unsigned i = 1; i < MAC; i++)
		octets[CHADDR + i] = (uint8_t)dice_roll(&load->dice, 256);
	if (is_source)
		memcpy(octets + MAC, octets + CHADDR, MAC);
	memset(octets + UDP_CHECKSUM, 0, 2);
}

static void
wait_until(const struct timespec *start, double seconds)
{
	struct timespec until = *start;
	long ns = until.tv_nsec +
	    (long)((seconds - (double)(time_t)seconds) * 1e9);

	until.tv_sec += (time_t)seconds + ns / 1000000000;
	until.tv_nsec = ns % 1000000000;
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void
send_paced(struct load *load, unsigned long count, unsigned long rate,
    bool made)
{
	enum { AT_ONCE = 16 };	/* or those between would find all idle */
	const struct seed *seed = &load->seed[0];
	struct timespec start;

	if (load->seeds == 0 || seed->n < CHADDR + MAC || rate == 0)
		errx(2, "no frame to send, or no rate");
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned long i = 0; i < count; i++) {
		uint8_t *octets = load->frame[load->batch.n];

		memcpy(octets, seed->octets, seed->n);
		if (made)
			make_address(load, octets);
		batch_add(&load->batch, octets, seed->n);
		load->sent++;
		if (load->batch.n < AT_ONCE)
			continue;
		batch_send(&load->batch);
		wait_until(&start, (double)i / (double)rate);
	}
	batch_send(&load->batch);
}

/*
 * Answers.
 */

static unsigned
be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static bool
sum_is_right(const uint8_t *ip)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < 20; i += 2)
		sum += be16(ip + i);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* Of an answer with this source port. */
static unsigned
shortest(unsigned from)
{
	return from == 4011 ? IP_MIN_4011 : IP_MIN;
}

/* What is wrong with a datagram from port 67 or 4011, or NULL. */
static const char *
fault_of(const uint8_t *ip, size_t n)
{
	static const uint8_t nobody[4];
	const uint8_t *udp = ip + 20, *dhcp = ip + 28;
	unsigned length = be16(ip + 2), from = be16(udp), to = be16(udp + 2);

	if (ip[0] != 0x45 || !sum_is_right(ip))
		return "IPv4 header";
	if ((length > n && n < SEEN) || be16(udp + 4) + 20 != length)
		return "lengths";
	if (length > IP_MAX || length < shortest(from))
		return "larger or smaller than any answer should be";
	if (to != 67 && to != 68 && to != 4011)
		return "destination port";
	if (from == 4011 ? to == 67 : to == 4011)
		return "from another port than the request came to";
	if (memcmp(ip + 16, nobody, 4) == 0 || ip[16] == 127 ||
	    (ip[16] >= 224 && be16(ip + 16) != 0xffff))
		return "destination address";
	if (dhcp[0] != 2 || memcmp(dhcp + 236, "\x63\x82\x53\x63", 4) != 0)
		return "no reply";
	if (memcmp(dhcp + 16, nobody, 4) != 0)
		return "it gives an address";
	return NULL;
}

/* An answer is as good a seed as any. */
static void
reflect(struct load *load, const uint8_t *octets, size_t n)
{
	struct seed *seed = &load->seed[load->own +
	    load->answers % REFLECTED];

	if (n > LONGEST)
		return;
	memcpy(seed->octets, octets, n);
	memcpy(seed->octets + MAC, "\x52\x54\0\0\0\1", MAC);
	seed->n = n;
	if (load->seeds < load->own + REFLECTED && seed ==
	    &load->seed[load->seeds])
		load->seeds++;
}

static void
judge(struct load *load, const uint8_t *octets, size_t n)
{
	size_t at = 12;
	const char *fault;

	while (at + 6 <= n && (be16(octets + at) == 0x8100 ||
	    be16(octets + at) == 0x88a8))
		at += 4;
	/* The kernel's own: ARP, and ICMP for ports that are not held. */
	if (n < at + 2 + 28 || be16(octets + at) != 0x0800 ||
	    octets[at + 11] != 17) {
		load->others++;
		return;
	}
	load->answers++;
	load->answer_octets += n;
	if (n > load->largest)
		load->largest = n;
	fault = n < at + 2 + shortest(be16(octets + at + 2 + 20)) ? "too short" :
	    fault_of(octets + at + 2, n - at - 2);
	if (fault != NULL) {
		load->wrong++;
		load->fault = fault;
	}
	reflect(load, octets, n);
}

static void
look(struct load *load)
{
	const uint8_t *octets;
	bool checksum_open;
	size_t n;

	while ((octets = ring_frame(&load->ring, 0, &n,
	    &checksum_open)) != NULL) {
		judge(load, octets, n);
		ring_release(&load->ring, 1);
	}
}

/*
 * Orders.
 */

static void
tell(struct load *load)
{
	(void)printf("{\"sent\": %lu, \"passed\": %lu, "
	    "\"passed_octets\": %lu, \"answers\": %lu, "
	    "\"answer_octets\": %lu, \"largest\": %lu, \"others\": %lu, "
	    "\"wrong\": %lu, \"fault\": \"%s\", \"missed\": %u, "
	    "\"not_sent\": %lu}\n",
	    load->sent, load->passed, load->passed_octets, load->answers,
	    load->answer_octets, load->largest, load->others, load->wrong,
	    load->fault != NULL ? load->fault : "",
	    ring_dropped(&load->ring), load->batch.failed);
	(void)fflush(stdout);
}

static void
save_to(struct load *load, const char *path)
{
	if (load->file != NULL)
		pcap_dump_close(load->file);
	load->file = NULL;
	if (*path == '\0')
		return;
	load->file = pcap_dump_open(load->ethernet, path);
	if (load->file == NULL)
		errx(1, "%s", pcap_geterr(load->ethernet));
}

static void
obey(struct load *load, char *order)
{
	char *word = strchr(order, ' ');
	unsigned long count, rate;

	order[strcspn(order, "\n")] = '\0';
	word = word != NULL ? word + 1 : order + strlen(order);
	if (strncmp(order, "mix ", 4) == 0)
		send_frames(load, strtoul(word, NULL, 10), false);
	else if (strncmp(order, "pass ", 5) == 0)
		send_frames(load, strtoul(word, NULL, 10), true);
	else if (sscanf(order, "made %lu %lu", &count, &rate) == 2)
		send_paced(load, count, rate, true);
	else if (sscanf(order, "same %lu %lu", &count, &rate) == 2)
		send_paced(load, count, rate, false);
	else if (strncmp(order, "save", 4) == 0)
		save_to(load, word);
	else if (strcmp(order, "look") != 0)
		errx(2, "no such order: %s", order);
	look(load);
	tell(load);
}

static void
open_load(struct load *load, const char *interface, const char *mac)
{
	char text[64];

	if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &load->server[0],
	    &load->server[1], &load->server[2], &load->server[3],
	    &load->server[4], &load->server[5]) != MAC)
		errx(2, "no MAC address: %s", mac);
	(void)snprintf(text, sizeof(text), "ether src %s", mac);
	load->ethernet = pcap_open_dead(DLT_EN10MB, 65535);
	if (load->ethernet == NULL || pcap_compile(load->ethernet,
	    &load->filter, capture_filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
		errx(1, "cannot compile the daemon's filter");
	ring_open(&load->ring, interface, RING_OCTETS, text);
	batch_open(&load->batch, interface);
}

int
main(int argc, char *argv[])
{
	static struct load load;
	char order[4096];

	if (argc < 4)
		errx(2, "usage: hostile_load INTERFACE MAC SEED FILE...");
	load.dice = dice_of((uint32_t)strtoul(argv[3], NULL, 0));
	for (int i = 4; i < argc; i++)
		read_file(&load, argv[i]);
	load.own = load.seeds;
	open_load(&load, argv[1], argv[2]);
	tell(&load);
	while (fgets(order, sizeof(order), stdin) != NULL)
		obey(&load, order);
	save_to(&load, "");
	return 0;
}
