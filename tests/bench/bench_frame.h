#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * bench_frame.h - the frames of the benchmark: what clients and others send,
 * octet for octet as real ones do, and where the octets are that change.
 */

enum {
	FRAME_ROOM = 768,	/* octets for any frame of the benchmark */
	AT_IP = 14,
	AT_UDP = AT_IP + 20,
	AT_DHCP = AT_UDP + 8,
	AT_XID = AT_DHCP + 4,
	AT_GIADDR = AT_DHCP + 24,
	AT_CHADDR = AT_DHCP + 28,
	AT_FILE = AT_DHCP + 108,
	AT_OPTIONS = AT_DHCP + 240,
};

/* Requests that a boot server answers. */
enum kind {
	KIND_EDK2,		/* UEFI x64, EDK2's DISCOVER */
	KIND_IPXE,		/* iPXE on a BIOS machine */
	KIND_ROM,		/* a BIOS ROM */
	KIND_RELAYED,		/* EDK2's, through a relay, with option 82 */
	KIND_4011,		/* EDK2's REQUEST to port 4011 */
	KINDS
};

/* What else is on such a network. */
enum noise {
	NOISE_DISCOVER,		/* a machine that wants an address only */
	NOISE_REQUEST,
	NOISE_OFFER,		/* the address server's */
	NOISE_ACK,
	NOISE_PXE_REQUEST,	/* a PXE client takes the lease */
	NOISE_ARP,
	NOISE_NETBIOS,
	NOISE_MDNS,
	NOISES
};

struct addresses {
	uint8_t server_mac[6];
	uint8_t server[4];	/* of the responder */
};

struct request {
	enum kind kind;
	size_t n;
	uint8_t octets[FRAME_ROOM];
};

const char *kind_name(enum kind kind);
enum kind kind_by_name(const char *name, size_t n);

/* The request of a client, by its number below 2^24. */
void request_build(struct request *request, enum kind kind, uint32_t client,
    const struct addresses *addresses);

/* Another transaction of the same client; the checksum follows. */
void request_set_xid(struct request *request, uint32_t xid);

size_t noise_build(uint8_t octets[FRAME_ROOM], enum noise noise,
    uint32_t client, const struct addresses *addresses);

/*
 * A datagram of a client to the server: the n octets at AT_DHCP are in place.
 * Answers the octets of the frame.
 */
size_t datagram_build(uint8_t octets[FRAME_ROOM], uint32_t client,
    const struct addresses *addresses, uint16_t from_port, uint16_t to_port,
    size_t n);

/*
 * An answer to requests of that kind, complete but for xid, chaddr, giaddr
 * and the addresses of those that are unicast; its UDP checksum is left 0.
 */
size_t answer_build(uint8_t octets[FRAME_ROOM], enum kind kind,
    const char *file, const struct addresses *addresses);

/* An Ethernet address as 02:00:0a:09:00:01; false: it is none. */
bool mac_read(const char *text, uint8_t mac[6]);

/* The Internet checksum of octets; add_to is carried on from other parts. */
uint32_t sum_octets(const uint8_t *octets, size_t n, uint32_t add_to);
uint16_t sum_fold(uint32_t sum);

uint16_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);
void put16(uint8_t *p, uint16_t value);
void put32(uint8_t *p, uint32_t value);

#endif
