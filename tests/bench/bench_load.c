/*
 * bench_load - many PXE clients at once, and a strict reader of the answers.
 *
 *	bench_load MODE INTERFACE [options]
 *
 *	burst     COUNT requests back to back, then wait for the answers
 *	window    WINDOW requests always under way, for SECONDS
 *	storm     COUNT requests at RATE a second, with NOISE other frames a
 *		  second between them
 *	latency   one request at a time, COUNT of them; with PAUSE, asleep for
 *		  so many microseconds between two, and busy waiting else
 *	savefile  write COUNT frames, requests and noise, to FILE
 *
 * Each request is sent once.  An answer counts once, and only if all of it is
 * right.  The result is one line of JSON.
 */

#include "bench/bench_frame.h"
#include "bench/bench_ring.h"

#include <arpa/inet.h>
#include <err.h>
#include <getopt.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	RING_OCTETS = 64 << 20,
	PENDING = 1 << 16,	/* requests under way at most */
	CLIENTS_MAX = 100000,
	NOISE_FRAMES = 256,
	SEND_AT_ONCE = 64,
	SETTLE_MS = 1000,	/* without any answer: no more will come */
	LOST_MS = 500,		/* a window does not wait longer for one */
	PAUSE_US = 100,		/* one at a time: the responder is asleep */
	LOST_MAX = 10,		/* one at a time: that is enough */
};

static const char filter[] = "udp and (src port 67 or src port 4011) and "
    "udp[8] = 2";

/* What is wrong with an answer. */
enum fault {
	RIGHT,
	WRONG_ENVELOPE,		/* addresses, ports, checksums, lengths */
	WRONG_HEADER,		/* op, chaddr, yiaddr, giaddr, cookie */
	WRONG_OPTIONS,		/* 53, 54, 60, 97, 82, the end */
	WRONG_FILE,
	DUPLICATE,
	UNASKED,		/* no such request, or given up before */
	FAULTS
};

static const char *const fault_names[FAULTS] = {
	"right", "wrong_envelope", "wrong_header", "wrong_options",
	"wrong_file", "duplicate", "unasked",
};

struct pending {
	uint32_t xid;
	uint32_t slot;		/* which of load.request */
	uint64_t sent;		/* nanoseconds */
	bool open;
};

struct load {
	const char *interface;
	struct addresses addresses;
	unsigned share[KINDS];
	const char *file[KINDS];
	bool any_yiaddr, any_echo;
	unsigned long count, clients, window, rate, noise_rate, range;
	unsigned long pause;		/* microseconds; 0: see PAUSE_US */
	double seconds;
	const char *path;

	struct ring ring;
	struct batch batch;
	struct request *request;	/* one for each client */
	uint8_t noise[NOISE_FRAMES][FRAME_ROOM];
	size_t noise_n[NOISE_FRAMES];
	unsigned long noise_sent;

	struct pending *pending;
	uint32_t first;			/* xid of the first request */
	unsigned long sent, oldest;	/* oldest: none before it is open */
	unsigned long result[FAULTS], given_up, right_of[KINDS];
	uint64_t last_answer;
	uint32_t *latency;		/* nanoseconds, or NULL */
};

static uint64_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/*
 * Requests.
 */

/* The kinds in turn, each as often as its share says. */
static enum kind
kind_in_turn(const struct load *load, unsigned long i)
{
	unsigned total = 0, at;

	for (unsigned kind = 0; kind < KINDS; kind++)
		total += load->share[kind];
	/* 7 has no common factor with a total of 100: well mixed. */
	at = (unsigned)(i * 7 % total);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		if (at < load->share[kind])
			return (enum kind)kind;
		at -= load->share[kind];
	}
	return KIND_EDK2;
}

static void
build_requests(struct load *load)
{
	load->request = calloc(load->clients, sizeof(*load->request));
	load->pending = calloc(PENDING, sizeof(*load->pending));
	if (load->request == NULL || load->pending == NULL)
		err(1, "memory");
	/* Spread over the range of numbers, each number once. */
	for (unsigned long i = 0; i < load->clients; i++)
		request_build(&load->request[i], kind_in_turn(load, i),
		    (uint32_t)(i * 7919 % load->range), &load->addresses);
	for (unsigned i = 0; i < NOISE_FRAMES; i++)
		load->noise_n[i] = noise_build(load->noise[i],
		    (enum noise)(i % NOISES), 0x800000 + i,
		    &load->addresses);
	load->first = (uint32_t)now() << 8;
}

static struct pending *
pending_of(struct load *load, unsigned long sequence)
{
	return &load->pending[sequence % PENDING];
}

/* Queue the next request; the time is that of its batch. */
static void
queue_request(struct load *load, uint64_t when)
{
	uint32_t slot = (uint32_t)(load->sent % load->clients);
	struct request *request = &load->request[slot];
	uint32_t xid = load->first + (uint32_t)load->sent;

	request_set_xid(request, xid);
	*pending_of(load, load->sent) = (struct pending){ xid, slot, when,
	    true };
	load->sent++;
	batch_add(&load->batch, request->octets, request->n);
}

static void
queue_noise(struct load *load)
{
	unsigned at = (unsigned)(load->noise_sent++ % NOISE_FRAMES);

	batch_add(&load->batch, load->noise[at], load->noise_n[at]);
}

/*
 * Answers.
 */

static bool
envelope_is_right(const struct request *request, const uint8_t *octets,
    size_t n, bool checksum_open)
{
	static const uint8_t all_ones[4] = { 255, 255, 255, 255 };
	const uint8_t *ip = octets + AT_IP, *udp = octets + AT_UDP, *to;
	uint16_t from_port = 67, to_port = 68;
	size_t udp_n;

	if (n < AT_OPTIONS || get16(octets + 12) != 0x0800 || ip[0] != 0x45 ||
	    ip[9] != 17 || (size_t)get16(ip + 2) + AT_IP > n ||
	    sum_fold(sum_octets(ip, 20, 0)) != 0xffff)
		return false;
	to = all_ones;
	if (request->kind == KIND_RELAYED) {
		to = request->octets + AT_GIADDR;
		to_port = 67;
	} else if (request->kind == KIND_4011) {
		to = request->octets + AT_IP + 12;
		from_port = to_port = 4011;
	}
	udp_n = get16(udp + 4);
	if (memcmp(ip + 16, to, 4) != 0 || get16(udp) != from_port ||
	    get16(udp + 2) != to_port ||
	    udp_n + 20 != get16(ip + 2))
		return false;
	return checksum_open || get16(udp + 6) == 0 ||
	    sum_fold(sum_octets(udp, udp_n, sum_octets(ip + 12, 8,
	    17 + (uint32_t)udp_n))) == 0xffff;
}

static bool
header_is_right(const struct load *load, const struct request *request,
    const uint8_t *octets)
{
	const uint8_t *p = octets + AT_DHCP;

	return p[0] == 2 && p[1] == 1 && p[2] == 6 &&
	    get32(p + 236) == 0x63825363 &&
	    (load->any_yiaddr || get32(p + 16) == 0) &&
	    memcmp(octets + AT_GIADDR, request->octets + AT_GIADDR, 4) == 0 &&
	    memcmp(octets + AT_CHADDR, request->octets + AT_CHADDR, 16) == 0;
}

/* The place of an option's length octet, or NULL; *ends: 255 was met. */
static const uint8_t *
find_option(const uint8_t *octets, size_t n, uint8_t code, bool *ends)
{
	const uint8_t *found = NULL;
	size_t at = AT_OPTIONS;

	*ends = false;
	while (at < n && octets[at] != 255) {
		if (octets[at] == 0) {
			at++;
			continue;
		}
		if (at + 1 >= n || at + 2 + octets[at + 1] > n)
			return NULL;
		if (octets[at] == code && found == NULL)
			found = octets + at + 1;
		at += 2 + (size_t)octets[at + 1];
	}
	*ends = at < n;
	return found;
}

static bool
is_option(const uint8_t *option, const void *value, size_t n)
{
	return option != NULL && option[0] >= n &&
	    memcmp(option + 1, value, n) == 0;
}

/* Is the option of the request there again, octet for octet? */
static bool
is_echoed(const struct request *request, const uint8_t *octets, size_t n,
    uint8_t code)
{
	bool ends;
	const uint8_t *asked = find_option(request->octets, request->n, code,
	    &ends);
	const uint8_t *given = find_option(octets, n, code, &ends);

	if (asked == NULL || given == NULL)
		return asked == given;
	return asked[0] == given[0] && is_option(given, asked + 1, asked[0]);
}

static bool
options_are_right(const struct load *load, const struct request *request,
    const uint8_t *octets, size_t n)
{
	uint8_t type = request->kind == KIND_4011 ? 5 : 2;
	bool ends;

	if (!is_option(find_option(octets, n, 53, &ends), &type, 1) ||
	    !ends ||
	    !is_option(find_option(octets, n, 54, &ends),
	    load->addresses.server, 4) ||
	    !is_option(find_option(octets, n, 60, &ends), "PXEClient", 9))
		return false;
	return load->any_echo || (is_echoed(request, octets, n, 97) &&
	    is_echoed(request, octets, n, 82));
}

static bool
file_is_right(const struct load *load, const struct request *request,
    const uint8_t *octets)
{
	const char *file = load->file[request->kind];

	return memcmp(octets + AT_FILE, file, strlen(file) + 1) == 0;
}

static enum fault
judge(struct load *load, const uint8_t *octets, size_t n, bool checksum_open,
    uint64_t when)
{
	const struct request *request;
	struct pending *pending;
	uint32_t sequence;

	if (n < AT_OPTIONS)
		return UNASKED;
	sequence = get32(octets + AT_XID) - load->first;
	pending = pending_of(load, sequence);
	if (sequence >= load->sent || pending->xid != load->first + sequence)
		return UNASKED;
	if (!pending->open)
		return sequence < load->oldest && load->given_up > 0 ?
		    UNASKED : DUPLICATE;
	request = &load->request[pending->slot];
	if (!envelope_is_right(request, octets, n, checksum_open))
		return WRONG_ENVELOPE;
	n = AT_IP + (size_t)get16(octets + AT_IP + 2);
	if (!header_is_right(load, request, octets))
		return WRONG_HEADER;
	if (!options_are_right(load, request, octets, n))
		return WRONG_OPTIONS;
	if (!file_is_right(load, request, octets))
		return WRONG_FILE;
	pending->open = false;
	load->right_of[request->kind]++;
	if (load->latency != NULL)
		load->latency[load->result[RIGHT]] =
		    (uint32_t)(when - pending->sent);
	return RIGHT;
}

/* Read what has come in; gives how many were right. */
static unsigned
drain(struct load *load)
{
	const uint8_t *octets;
	unsigned right = 0, seen = 0;
	uint64_t when = 0;
	bool checksum_open;
	size_t n;

	while (seen < SEND_AT_ONCE && (octets = ring_frame(&load->ring, 0, &n,
	    &checksum_open)) != NULL) {
		enum fault fault;

		if (seen++ == 0)
			when = now();
		fault = judge(load, octets, n, checksum_open, when);
		load->result[fault]++;
		right += fault == RIGHT;
		ring_release(&load->ring, 1);
	}
	if (right > 0)
		load->last_answer = when;
	return right;
}

/* Until all are answered, or none has come for a while. */
static void
settle(struct load *load)
{
	uint64_t start = now();

	while (load->result[RIGHT] < load->sent) {
		uint64_t last = load->last_answer > start ?
		    load->last_answer : start;

		if (drain(load) == 0 &&
		    now() - last > SETTLE_MS * UINT64_C(1000000))
			break;
	}
}

/*
 * The modes.
 */

static void
run_burst(struct load *load)
{
	while (load->sent < load->count) {
		uint64_t when = now();

		for (unsigned i = 0; i < SEND_AT_ONCE &&
		    load->sent < load->count; i++)
			queue_request(load, when);
		batch_send(&load->batch);
		(void)drain(load);
	}
	settle(load);
}

/* Close what waits too long, so that the window can go on. */
static void
give_up(struct load *load, uint64_t when, unsigned long *open)
{
	while (load->oldest < load->sent) {
		struct pending *pending = pending_of(load, load->oldest);

		if (pending->open) {
			if (when - pending->sent < LOST_MS *
			    UINT64_C(1000000))
				return;
			pending->open = false;
			load->given_up++;
			(*open)--;
		}
		load->oldest++;
	}
}

static void
run_window(struct load *load)
{
	uint64_t start = now(), when = start;
	uint64_t end = start + (uint64_t)(load->seconds * 1e9);
	unsigned long open = 0;

	while (when < end) {
		unsigned long room = load->window - open;

		if (room > SEND_AT_ONCE)
			room = SEND_AT_ONCE;
		for (unsigned long i = 0; i < room; i++)
			queue_request(load, when);
		batch_send(&load->batch);
		open += room;
		open -= drain(load);
		when = now();
		give_up(load, when, &open);
	}
	while (open > 0) {
		open -= drain(load);
		give_up(load, now(), &open);
	}
}

/* Spread evenly over the time; what is late is caught up with. */
static void
run_storm(struct load *load)
{
	uint64_t start = now();
	unsigned long noise = load->noise_rate * load->count / load->rate;

	while (load->sent < load->count || load->noise_sent < noise) {
		double passed = (double)(now() - start) / 1e9;
		unsigned long due = (unsigned long)(passed *
		    (double)load->rate) + 1;
		unsigned long noise_due = (unsigned long)(passed *
		    (double)load->noise_rate) + 1;

		while (load->sent < due && load->sent < load->count)
			queue_request(load, now());
		while (load->noise_sent < noise_due &&
		    load->noise_sent < noise)
			queue_noise(load);
		batch_send(&load->batch);
		(void)drain(load);
	}
	settle(load);
}

/* Until the responder is asleep again. */
static void
pause_between(struct load *load)
{
	struct timespec asleep = { .tv_nsec = (long)load->pause * 1000 };

	if (load->pause > 0)
		(void)nanosleep(&asleep, NULL);
	for (uint64_t start = now(); load->pause == 0 &&
	    now() - start < PAUSE_US * 1000u;)
		(void)drain(load);
}

static void
run_latency(struct load *load)
{
	load->latency = calloc(load->count, sizeof(*load->latency));
	if (load->latency == NULL)
		err(1, "memory");
	while (load->sent < load->count &&
	    load->sent < load->result[RIGHT] + LOST_MAX) {
		uint64_t start;

		queue_request(load, 0);
		start = now();
		pending_of(load, load->sent - 1)->sent = start;
		batch_send(&load->batch);
		while (drain(load) == 0)
			if (now() - start > LOST_MS * UINT64_C(1000000))
				break;
		pause_between(load);
	}
}

static void
run_savefile(struct load *load)
{
	pcap_t *ethernet = pcap_open_dead(DLT_EN10MB, 65535);
	pcap_dumper_t *file = pcap_dump_open(ethernet, load->path);
	unsigned long noise = 0;

	if (file == NULL)
		errx(1, "%s", pcap_geterr(ethernet));
	for (unsigned long i = 0; i < load->count; i++) {
		struct request *request = &load->request[load->sent %
		    load->clients];
		bool other = load->noise_rate > 0 && i % 2 != 0;
		const uint8_t *octets = other ?
		    load->noise[noise % NOISE_FRAMES] : request->octets;
		bpf_u_int32 n = (bpf_u_int32)(other ?
		    load->noise_n[noise % NOISE_FRAMES] : request->n);
		struct pcap_pkthdr header = { .caplen = n, .len = n, .ts = {
		    (time_t)(1700000000 + i / 10000),
		    (suseconds_t)(i % 10000 * 100) } };

		if (other) {
			noise++;
		} else {
			request_set_xid(request, load->first +
			    (uint32_t)load->sent);
			load->sent++;
		}
		pcap_dump((u_char *)file, &header, octets);
	}
	if (pcap_dump_flush(file) != 0)
		err(1, "%s", load->path);
	pcap_dump_close(file);
	pcap_close(ethernet);
}

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
print_result(struct load *load, const char *mode, double seconds,
    unsigned dropped)
{
	unsigned long right = load->result[RIGHT];

	(void)printf("{\"mode\": \"%s\", \"seconds\": %.6f, \"sent\": %lu, "
	    "\"noise\": %lu, \"answered\": %lu, \"rate\": %.1f",
	    mode, seconds, load->sent, load->noise_sent, right,
	    seconds > 0 ? (double)right / seconds : 0);
	for (unsigned fault = RIGHT + 1; fault < FAULTS; fault++)
		(void)printf(", \"%s\": %lu", fault_names[fault],
		    load->result[fault]);
	(void)printf(", \"given_up\": %lu, \"ring_dropped\": %u, "
	    "\"send_failed\": %lu, \"by_kind\": {", load->given_up, dropped,
	    load->batch.failed);
	for (unsigned kind = 0; kind < KINDS; kind++)
		(void)printf("%s\"%s\": %lu", kind > 0 ? ", " : "",
		    kind_name((enum kind)kind), load->right_of[kind]);
	(void)printf("}");
	if (load->latency != NULL && right > 0) {
		qsort(load->latency, right, sizeof(*load->latency), by_value);
		(void)printf(", \"median_us\": %.2f, \"p99_us\": %.2f",
		    load->latency[right / 2] / 1e3,
		    load->latency[right * 99 / 100] / 1e3);
	}
	(void)printf("}\n");
}

/*
 * The command line.
 */

static const struct option options[] = {
	{ "server", required_argument, NULL, 's' },
	{ "server-mac", required_argument, NULL, 'm' },
	{ "mix", required_argument, NULL, 'x' },
	{ "file", required_argument, NULL, 'f' },
	{ "lax", required_argument, NULL, 'l' },
	{ "count", required_argument, NULL, 'n' },
	{ "clients", required_argument, NULL, 'c' },
	{ "range", required_argument, NULL, 'g' },
	{ "window", required_argument, NULL, 'w' },
	{ "seconds", required_argument, NULL, 't' },
	{ "rate", required_argument, NULL, 'r' },
	{ "noise", required_argument, NULL, 'o' },
	{ "write", required_argument, NULL, 'p' },
	{ "pause", required_argument, NULL, 'a' },
	{ NULL, 0, NULL, 0 }
};

/* KIND=SHARE,KIND=SHARE... */
static void
read_mix(struct load *load, const char *text)
{
	memset(load->share, 0, sizeof(load->share));
	while (*text != '\0') {
		const char *equals = strchr(text, '=');
		enum kind kind = equals == NULL ? KINDS :
		    kind_by_name(text, (size_t)(equals - text));
		char *end;

		if (kind == KINDS)
			errx(2, "--mix: %s", text);
		load->share[kind] = (unsigned)strtoul(equals + 1, &end, 10);
		text = *end == ',' ? end + 1 : end;
	}
}

static void
read_file_name(struct load *load, const char *text)
{
	const char *equals = strchr(text, '=');
	enum kind kind = equals == NULL ? KINDS :
	    kind_by_name(text, (size_t)(equals - text));

	if (kind == KINDS || strlen(equals + 1) > 127)
		errx(2, "--file: %s", text);
	load->file[kind] = equals + 1;
}

static void
read_option(struct load *load, int option)
{
	unsigned long number = strtoul(optarg, NULL, 10);

	switch (option) {
	case 's':
		if (inet_pton(AF_INET, optarg, load->addresses.server) != 1)
			errx(2, "--server: %s", optarg);
		break;
	case 'm':
		if (!mac_read(optarg, load->addresses.server_mac))
			errx(2, "--server-mac: %s", optarg);
		break;
	case 'x':
		read_mix(load, optarg);
		break;
	case 'f':
		read_file_name(load, optarg);
		break;
	case 'l':
		load->any_yiaddr |= strstr(optarg, "yiaddr") != NULL;
		load->any_echo |= strstr(optarg, "echo") != NULL;
		break;
	case 'n':
		load->count = number;
		break;
	case 'c':
		load->clients = number;
		break;
	case 'g':
		load->range = number;
		break;
	case 'w':
		load->window = number;
		break;
	case 't':
		load->seconds = strtod(optarg, NULL);
		break;
	case 'r':
		load->rate = number;
		break;
	case 'o':
		load->noise_rate = number;
		break;
	case 'a':
		load->pause = number;
		break;
	case 'p':
		load->path = optarg;
		break;
	default:
		exit(2);
	}
}

static const struct {
	const char *name;
	void (*run)(struct load *load);
} modes[] = {
	{ "burst", run_burst },
	{ "window", run_window },
	{ "storm", run_storm },
	{ "latency", run_latency },
	{ "savefile", run_savefile },
};

int
main(int argc, char **argv)
{
	static struct load load = {
		.addresses = { .server = { 10, 9, 0, 2 } },
		.share = { [KIND_EDK2] = 50, [KIND_IPXE] = 20,
		    [KIND_ROM] = 15, [KIND_RELAYED] = 10, [KIND_4011] = 5 },
		.file = { [KIND_EDK2] = "BOOTX64.EFI",
		    [KIND_IPXE] = "http://10.9.0.2/boot.ipxe",
		    [KIND_ROM] = "pxelinux.0",
		    [KIND_RELAYED] = "BOOTX64.EFI",
		    [KIND_4011] = "BOOTX64.EFI" },
		.count = 10000, .clients = 8192, .range = CLIENTS_MAX,
		.window = 64, .rate = 10000, .seconds = 1,
	};
	unsigned mode = 0;
	uint64_t start;
	int option;
	bool live;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		read_option(&load, option);
	if (argc - optind != 2)
		errx(2, "usage: bench_load MODE INTERFACE [options]");
	while (mode < sizeof(modes) / sizeof(modes[0]) &&
	    strcmp(modes[mode].name, argv[optind]) != 0)
		mode++;
	if (mode == sizeof(modes) / sizeof(modes[0]) ||
	    load.clients == 0 || load.clients > load.range ||
	    load.window == 0 || load.window > PENDING || load.rate == 0 ||
	    load.pause >= 1000000 ||
	    load.range > CLIENTS_MAX || load.clients < BATCH_MAX)
		errx(2, "bad mode or number");
	live = modes[mode].run != run_savefile;
	if (!live && load.path == NULL)
		errx(2, "savefile: --write is missing");
	load.interface = argv[optind + 1];
	build_requests(&load);
	if (live) {
		ring_open(&load.ring, load.interface, RING_OCTETS, filter);
		batch_open(&load.batch, load.interface);
	}
	start = now();
	modes[mode].run(&load);
	print_result(&load, modes[mode].name, (double)((load.last_answer >
	    start ? load.last_answer : now()) - start) / 1e9,
	    live ? ring_dropped(&load.ring) : 0);
	return EXIT_SUCCESS;
}
