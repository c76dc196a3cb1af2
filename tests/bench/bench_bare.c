/*
 * bench_bare - as little as can be: the reference of the benchmark.
 *
 *	bench_bare INTERFACE ADDRESS	answer every request that passes the
 *					filter, until SIGTERM
 *	bench_bare -r FILE		read a savefile, touch every frame
 *
 * The first answers from a memory-mapped ring with prepared frames: nothing
 * is parsed, the kind of request is told by its length and port, and xid,
 * chaddr and addresses are copied.  The second is pcap_next_ex() alone.
 */

#include "bench/bench_frame.h"
#include "bench/bench_ring.h"

#include <arpa/inet.h>
#include <err.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { RING_OCTETS = 32 << 20, CACHE_LINE = 64 };

static const char filter[] = "udp and (dst port 67 or dst port 4011) and "
    "udp[8] = 1";

static const char *const files[KINDS] = {
	[KIND_EDK2] = "BOOTX64.EFI",
	[KIND_IPXE] = "http://10.9.0.2/boot.ipxe",
	[KIND_ROM] = "pxelinux.0",
	[KIND_RELAYED] = "BOOTX64.EFI",
	[KIND_4011] = "BOOTX64.EFI",
};

struct answer {
	size_t n;
	uint8_t octets[FRAME_ROOM];
};

static void
get_mac(const char *interface, uint8_t mac[6])
{
	struct ifreq request = { 0 };
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s",
	    interface);
	if (descriptor < 0 || ioctl(descriptor, SIOCGIFHWADDR, &request) < 0)
		err(1, "%s", interface);
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	(void)close(descriptor);
}

static enum kind
kind_of(const uint8_t *octets, size_t n)
{
	if (octets[AT_UDP + 2] == 4011 >> 8)
		return KIND_4011;
	if (get32(octets + AT_GIADDR) != 0)
		return KIND_RELAYED;
	if (n == AT_DHCP + 347)
		return KIND_EDK2;
	return n == AT_DHCP + 548 ? KIND_ROM : KIND_IPXE;
}

/* The header's checksum with another destination address. */
static void
set_destination(uint8_t *octets, const uint8_t address[4])
{
	uint8_t *ip = octets + AT_IP;

	memcpy(ip + 16, address, 4);
	put16(ip + 10, 0);
	put16(ip + 10, (uint16_t)~sum_fold(sum_octets(ip, 20, 0)));
}

static void
fill_in(struct answer *out, const struct answer *prepared, enum kind kind,
    const uint8_t *request)
{
	memcpy(out->octets, prepared->octets, prepared->n);
	out->n = prepared->n;
	memcpy(out->octets + AT_XID, request + AT_XID, 4);
	memcpy(out->octets + AT_CHADDR, request + AT_CHADDR, 16);
	if (kind != KIND_RELAYED && kind != KIND_4011)
		return;
	memcpy(out->octets, request + 6, 6);
	memcpy(out->octets + AT_GIADDR, request + AT_GIADDR, 4);
	memcpy(out->octets + AT_DHCP + 12, request + AT_DHCP + 12, 4);
	set_destination(out->octets, request + AT_IP + 12);
}

static void
serve(const char *interface, const char *address)
{
	static struct answer prepared[KINDS], out[BATCH_MAX];
	static struct batch batch;
	struct addresses addresses;
	struct ring ring;

	if (inet_pton(AF_INET, address, addresses.server) != 1)
		errx(2, "%s: no address", address);
	get_mac(interface, addresses.server_mac);
	for (unsigned kind = 0; kind < KINDS; kind++)
		prepared[kind].n = answer_build(prepared[kind].octets,
		    (enum kind)kind, files[kind], &addresses);
	batch_open(&batch, interface);
	ring_open(&ring, interface, RING_OCTETS, filter);
	(void)printf("ready\n");
	(void)fflush(stdout);

	for (;;) {
		const uint8_t *request;
		unsigned got = 0;
		bool open;
		size_t n;

		while (got < BATCH_MAX && (request = ring_frame(&ring, got,
		    &n, &open)) != NULL) {
			enum kind kind = kind_of(request, n);

			fill_in(&out[got], &prepared[kind], kind, request);
			batch_add(&batch, out[got].octets, out[got].n);
			got++;
		}
		ring_release(&ring, got);
		batch_send(&batch);
		if (got == 0)
			ring_wait(&ring, -1);
	}
}

static void
read_savefile(const char *path)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, text);
	struct pcap_pkthdr *header;
	const u_char *octets;
	unsigned long frames = 0, touched = 0;
	struct timespec start, end;
	int status;

	if (pcap == NULL)
		errx(1, "%s", text);
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	while ((status = pcap_next_ex(pcap, &header, &octets)) == 1) {
		for (size_t i = 0; i < header->caplen; i += CACHE_LINE)
			touched += octets[i];
		frames++;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	if (status != PCAP_ERROR_BREAK)
		errx(1, "%s: %s", path, pcap_geterr(pcap));
	pcap_close(pcap);
	(void)printf("{\"frames\": %lu, \"sum\": %lu, \"seconds\": %.6f}\n",
	    frames, touched, (double)(end.tv_sec - start.tv_sec) +
	    (double)(end.tv_nsec - start.tv_nsec) / 1e9);
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: bench_bare INTERFACE ADDRESS | -r FILE");
	if (strcmp(argv[1], "-r") == 0)
		read_savefile(argv[2]);
	else
		serve(argv[1], argv[2]);
	return EXIT_SUCCESS;
}
