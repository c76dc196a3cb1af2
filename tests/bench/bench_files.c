/*
 * bench_files - many machines that fetch a large file by TFTP, all at once.
 *
 *	bench_files serve ADDRESS
 *		a server of real sockets, until it is ended: port 69, and a
 *		port of its own for each transfer
 *	bench_files fetch INTERFACE SERVER SERVER_MAC MACHINES SECONDS
 *		first a DISCOVER of each machine, then all ask for the file,
 *		until SECONDS are over or SIGTERM comes
 *
 * As EDK2 does: options blksize and tsize, then a block at a time, each
 * acknowledged before the next.  Each machine has Ethernet address, IPv4
 * address and port of its own.  "known" is printed when the DISCOVERs have
 * left, BEGIN_MS before the first request for the file; the result is one line
 * of JSON.
 */

#include "bench/bench_frame.h"
#include "bench/bench_ring.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
	FILE_OCTETS = 50000000,
	BLOCK_OCTETS = 1468,	/* as EDK2 asks for on Ethernet */
	HEADER = 4,		/* of TFTP's DATA and ACK */
	TFTP_PORT = 69,
	RRQ = 1,
	DATA = 3,
	ACK = 4,
	OACK = 6,

	MACHINES_MAX = 4000,
	FIRST_MACHINE = 0x706000,	/* none that bench_load has */
	FIRST_PORT = 20000,
	RING_OCTETS = 16 << 20,
	QUEUE_OCTETS = 8 << 20,	/* requests that wait at port 69 */
	EVENTS = 64,
	DISCOVER_EVERY_US = 200,
	BEGIN_MS = 500,
	AGAIN_MS = 1000,	/* a machine that hears nothing repeats itself */
	LOOK_MS = 100,		/* for such machines */
	WAIT_MS = 10,
};

static volatile sig_atomic_t is_over;

static void
stop(int number)
{
	(void)number;
	is_over = 1;
}

static uint64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/*
 * The server.
 */

struct transfer {
	int descriptor;		/* connected to the client; -1: none */
	struct sockaddr_in client;
};

struct server {
	int asked, events;	/* port 69; all sockets */
	struct sockaddr_in ours;
	unsigned n;
	struct transfer transfer[MACHINES_MAX];
};

static int
open_socket(const struct server *server, uint16_t port)
{
	struct sockaddr_in ours = server->ours;
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);

	ours.sin_port = htons(port);
	if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&ours,
	    sizeof(ours)) < 0)
		err(1, "socket of port %u", port);
	return descriptor;
}

/* place: of the transfer, or MACHINES_MAX for port 69. */
static void
watch(const struct server *server, int descriptor, unsigned place)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = place };

	if (epoll_ctl(server->events, EPOLL_CTL_ADD, descriptor, &event) < 0)
		err(1, "epoll");
}

/* That of the client, which may ask again; or a new one. */
static unsigned
place_of(struct server *server, const struct sockaddr_in *client)
{
	unsigned i = 0;

	while (i < server->n && (server->transfer[i].client.sin_addr.s_addr !=
	    client->sin_addr.s_addr || server->transfer[i].client.sin_port !=
	    client->sin_port))
		i++;
	if (i == MACHINES_MAX)
		errx(1, "too many clients");
	if (i == server->n)
		server->transfer[server->n++] = (struct transfer){ -1,
		    *client };
	return i;
}

/* Each transfer has a port of its own, which the client learns from this. */
static void
begin_transfer(struct server *server, const struct sockaddr_in *client)
{
	static const char options[] = "\0\6tsize\0" "50000000\0"
	    "blksize\0" "1468";
	unsigned place = place_of(server, client);
	struct transfer *transfer = &server->transfer[place];

	if (transfer->descriptor >= 0)
		(void)close(transfer->descriptor);
	transfer->descriptor = open_socket(server, 0);
	if (connect(transfer->descriptor, (const struct sockaddr *)client,
	    sizeof(*client)) < 0)
		err(1, "connect");
	watch(server, transfer->descriptor, place);
	(void)send(transfer->descriptor, options, sizeof(options), 0);
}

static void
take_requests(struct server *server)
{
	uint8_t octets[FRAME_ROOM];
	struct sockaddr_in client;
	socklen_t n = sizeof(client);

	while (recvfrom(server->asked, octets, sizeof(octets), 0,
	    (struct sockaddr *)&client, &n) > HEADER && n == sizeof(client))
		if (get16(octets) == RRQ)
			begin_transfer(server, &client);
}

/* An ACK asks for the next block, also where the client repeats it. */
static void
send_next_block(const struct transfer *transfer)
{
	static uint8_t block[HEADER + BLOCK_OCTETS];
	uint8_t ack[HEADER];
	size_t n = BLOCK_OCTETS, before;

	if (recv(transfer->descriptor, ack, sizeof(ack), 0) != HEADER ||
	    get16(ack) != ACK)
		return;
	before = (size_t)get16(ack + 2) * BLOCK_OCTETS;
	if (before > FILE_OCTETS)
		return;
	if (FILE_OCTETS - before < n)
		n = FILE_OCTETS - before;
	put16(block, DATA);
	put16(block + 2, (uint16_t)(get16(ack + 2) + 1));
	(void)send(transfer->descriptor, block, HEADER + n, 0);
}

static void
serve(const char *address)
{
	static struct server server = {
		.ours = { .sin_family = AF_INET },
	};
	struct epoll_event event[EVENTS];
	int octets = QUEUE_OCTETS;

	if (inet_pton(AF_INET, address, &server.ours.sin_addr) != 1)
		errx(2, "%s: no address", address);
	server.events = epoll_create1(EPOLL_CLOEXEC);
	server.asked = open_socket(&server, TFTP_PORT);
	if (setsockopt(server.asked, SOL_SOCKET, SO_RCVBUFFORCE, &octets,
	    sizeof(octets)) < 0)
		err(1, "SO_RCVBUFFORCE");
	watch(&server, server.asked, MACHINES_MAX);
	(void)puts("ready");
	(void)fflush(stdout);
	while (!is_over) {
		int n = epoll_wait(server.events, event, EVENTS, -1);

		for (int i = 0; i < n; i++)
			if (event[i].data.u32 == MACHINES_MAX)
				take_requests(&server);
			else
				send_next_block(&server.transfer[
				    event[i].data.u32]);
	}
}

/*
 * The machines.
 */

struct machine {
	uint8_t octets[FRAME_ROOM];	/* what it said last */
	size_t n;
	uint64_t said;			/* ms */
	uint16_t block;			/* the last that came */
	bool has_begun;			/* the server has answered */
};

struct machines {
	struct addresses addresses;
	struct ring ring;
	struct batch batch;
	struct machine *machine;
	unsigned n;
	unsigned long blocks, whole, repeats;
};

static void
say(struct machines *all, struct machine *machine)
{
	machine->said = now_ms();
	batch_add(&all->batch, machine->octets, machine->n);
}

/* So many octets of TFTP are in place; the headers are not. */
static void
say_to(struct machines *all, struct machine *machine, uint16_t port, size_t n)
{
	unsigned i = (unsigned)(machine - all->machine);

	machine->n = datagram_build(machine->octets, FIRST_MACHINE + i,
	    &all->addresses, (uint16_t)(FIRST_PORT + i), port, n);
	say(all, machine);
}

static void
ask_for_file(struct machines *all, struct machine *machine)
{
	static const char request[] = "\0\1BOOTX64.EFI\0octet\0" "tsize\0"
	    "0\0" "blksize\0" "1468";

	machine->has_begun = false;
	machine->block = 0;
	memcpy(machine->octets + AT_DHCP, request, sizeof(request));
	say_to(all, machine, TFTP_PORT, sizeof(request));
}

static void
acknowledge(struct machines *all, struct machine *machine, uint16_t port)
{
	put16(machine->octets + AT_DHCP, ACK);
	put16(machine->octets + AT_DHCP + 2, machine->block);
	say_to(all, machine, port, HEADER);
}

static void
take_answer(struct machines *all, struct machine *machine,
    const uint8_t *octets)
{
	uint16_t code = get16(octets + AT_DHCP);
	uint16_t number = get16(octets + AT_DHCP + 2);
	uint16_t port = get16(octets + AT_UDP);
	size_t n = get16(octets + AT_UDP + 4);

	if (code == OACK && !machine->has_begun) {
		machine->has_begun = true;
		acknowledge(all, machine, port);
		return;
	}
	if (code != DATA || !machine->has_begun ||
	    number != machine->block + 1)
		return;
	all->blocks++;
	machine->block = number;
	acknowledge(all, machine, port);
	if (n < AT_DHCP - AT_UDP + HEADER + BLOCK_OCTETS) {
		all->whole++;
		ask_for_file(all, machine);
	}
}

static void
take_answers(struct machines *all)
{
	const uint8_t *octets;
	bool checksum_open;
	size_t n;

	while ((octets = ring_frame(&all->ring, 0, &n, &checksum_open)) !=
	    NULL) {
		unsigned i = n < AT_DHCP + HEADER ? MACHINES_MAX :
		    get16(octets + AT_UDP + 2) - (unsigned)FIRST_PORT;

		if (i < all->n)
			take_answer(all, &all->machine[i], octets);
		ring_release(&all->ring, 1);
	}
	batch_send(&all->batch);
}

static void
repeat_requests(struct machines *all)
{
	for (unsigned i = 0; i < all->n; i++)
		if (now_ms() - all->machine[i].said > AGAIN_MS) {
			all->repeats++;
			say(all, &all->machine[i]);
		}
	batch_send(&all->batch);
}

/* So each is known to who watches the boots. */
static void
send_discovers(struct machines *all)
{
	struct request request;

	for (unsigned i = 0; i < all->n && !is_over; i++) {
		request_build(&request, KIND_EDK2, FIRST_MACHINE + i,
		    &all->addresses);
		request_set_xid(&request, (uint32_t)now_ms() << 12 | i);
		batch_add(&all->batch, request.octets, request.n);
		batch_send(&all->batch);
		(void)usleep(DISCOVER_EVERY_US);
	}
	(void)puts("known");
	(void)fflush(stdout);
	(void)usleep(BEGIN_MS * 1000);
}

static void
print_result(const struct machines *all, uint64_t ms)
{
	unsigned under_way = 0;

	for (unsigned i = 0; i < all->n; i++)
		under_way += all->machine[i].block > 0;
	(void)printf("{\"seconds\": %.3f, \"blocks\": %lu, \"under_way\": "
	    "%u, \"whole\": %lu, \"repeats\": %lu, \"ring_dropped\": %u, "
	    "\"send_failed\": %lu}\n", (double)ms / 1e3, all->blocks,
	    under_way, all->whole, all->repeats, ring_dropped(&all->ring),
	    all->batch.failed);
}

static void
fetch(struct machines *all, uint64_t ms)
{
	uint64_t start, looked;

	send_discovers(all);
	start = looked = now_ms();
	for (unsigned i = 0; i < all->n; i++)
		ask_for_file(all, &all->machine[i]);
	batch_send(&all->batch);
	while (!is_over && now_ms() - start < ms) {
		ring_wait(&all->ring, WAIT_MS);
		take_answers(all);
		if (now_ms() - looked > LOOK_MS) {
			looked = now_ms();
			repeat_requests(all);
		}
	}
	print_result(all, now_ms() - start);
}

static void
fetch_by(char **argv)
{
	struct machines all = { .n = (unsigned)strtoul(argv[3], NULL, 10) };
	char filter[128];

	if (all.n == 0 || all.n > MACHINES_MAX)
		errx(2, "%s: 1 to %d machines", argv[3], MACHINES_MAX);
	if (inet_pton(AF_INET, argv[1], all.addresses.server) != 1)
		errx(2, "%s: no address", argv[1]);
	if (!mac_read(argv[2], all.addresses.server_mac))
		errx(2, "%s: no Ethernet address", argv[2]);
	if ((all.machine = calloc(all.n, sizeof(*all.machine))) == NULL)
		err(1, "memory");
	(void)snprintf(filter, sizeof(filter), "udp and src host %s and "
	    "dst portrange %d-%u", argv[1], FIRST_PORT,
	    FIRST_PORT + all.n - 1);
	ring_open(&all.ring, argv[0], RING_OCTETS, filter);
	batch_open(&all.batch, argv[0]);
	fetch(&all, strtoul(argv[4], NULL, 10) * 1000);
	free(all.machine);
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = stop };

	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(argv[2]);
	else if (argc == 7 && strcmp(argv[1], "fetch") == 0)
		fetch_by(argv + 2);
	else
		errx(2, "usage: bench_files serve ADDRESS\n"
		    "       bench_files fetch INTERFACE SERVER SERVER_MAC "
		    "MACHINES SECONDS");
	return EXIT_SUCCESS;
}
