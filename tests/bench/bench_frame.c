#include "bench/bench_frame.h"

#include <stdio.h>
#include <string.h>

enum {
	OP_REQUEST = 1,
	OP_REPLY = 2,
	DISCOVER = 1,
	OFFER = 2,
	REQUEST = 3,
	ACK = 5,
	ROM_OCTETS = 548,
};

/* A frame that is being written; there is always room. */
struct pen {
	uint8_t *octets;
	size_t n;
};

static const uint8_t everybody[6] = { 255, 255, 255, 255, 255, 255 };
static const uint8_t relay_mac[6] = { 0x02, 0, 0, 0, 0x20, 0x01 };
static const uint8_t switch_mac[6] = { 0x02, 0, 0, 0, 0, 0xfe };
static const uint8_t switch_address[4] = { 10, 9, 0, 254 };
static const uint8_t all_ones[4] = { 255, 255, 255, 255 };
static const uint8_t nobody[4];

static const uint8_t edk2_list[] = {
	1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50,
	51, 54, 58, 59, 60, 66, 67, 97, 128, 129, 130, 131, 132, 133, 134,
	135,
};
static const uint8_t rom_list[] = {
	1, 2, 3, 4, 5, 6, 11, 12, 13, 15, 16, 17, 18, 22, 23, 28, 40, 41, 42,
	43, 50, 51, 54, 58, 59, 60, 66, 67, 128, 129, 130, 131, 132, 133,
	134, 135,
};
static const uint8_t ipxe_list[] = {
	1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119, 128, 129, 130, 131,
	132, 133, 134, 135, 175, 203,
};
static const uint8_t windows_list[] = {
	1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252,
};
static const uint8_t ipxe_features[] = {
	0xb1, 5, 1, 0x80, 0x86, 0x10, 0x0e, 0x13, 1, 1, 0x14, 1, 1, 0x15, 1, 1,
	0x18, 1, 1, 0x19, 1, 1, 0x21, 1, 1, 0x22, 1, 1, 0x27, 1, 1, 0x10, 1,
	2, 0xeb, 3, 1, 0, 0,
};

uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

void
put16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

void
put32(uint8_t *p, uint32_t value)
{
	put16(p, (uint16_t)(value >> 16));
	put16(p + 2, (uint16_t)value);
}

uint32_t
sum_octets(const uint8_t *octets, size_t n, uint32_t add_to)
{
	for (; n > 1; n -= 2, octets += 2)
		add_to += get16(octets);
	if (n > 0)
		add_to += (uint32_t)(octets[0] << 8);
	return add_to;
}

uint16_t
sum_fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void
add(struct pen *pen, const void *octets, size_t n)
{
	memcpy(pen->octets + pen->n, octets, n);
	pen->n += n;
}

static void
add_option(struct pen *pen, uint8_t code, const void *octets, size_t n)
{
	uint8_t head[2] = { code, (uint8_t)n };

	add(pen, head, sizeof(head));
	add(pen, octets, n);
}

static void
add_option8(struct pen *pen, uint8_t code, uint8_t value)
{
	add_option(pen, code, &value, 1);
}

static void
add_option16(struct pen *pen, uint8_t code, uint16_t value)
{
	uint8_t octets[2];

	put16(octets, value);
	add_option(pen, code, octets, sizeof(octets));
}

static void
add_text(struct pen *pen, uint8_t code, const char *text)
{
	add_option(pen, code, text, strlen(text));
}

static void
client_mac(uint32_t client, uint8_t mac[6])
{
	put32(mac, 0x52540000);
	put32(mac + 2, client & 0xffffff);
}

/* 10.9.128.0 and up: distinct for the first 32768. */
static void
client_address(uint32_t client, uint8_t address[4])
{
	put32(address, 0x0a098000 | (client & 0x7fff));
}

static void
ethernet(uint8_t *octets, const uint8_t to[6], const uint8_t from[6])
{
	memcpy(octets, to, 6);
	memcpy(octets + 6, from, 6);
	put16(octets + 12, 0x0800);
}

static void
ipv4(uint8_t *octets, const uint8_t from[4], const uint8_t to[4],
    uint16_t from_port, uint16_t to_port)
{
	uint8_t *ip = octets + AT_IP, *udp = octets + AT_UDP;

	memset(ip, 0, AT_DHCP - AT_IP);
	ip[0] = 0x45;
	ip[8] = 64;
	ip[9] = 17;
	memcpy(ip + 12, from, 4);
	memcpy(ip + 16, to, 4);
	put16(udp, from_port);
	put16(udp + 2, to_port);
}

/* Lengths and the header's checksum. */
static void
finish_ipv4(uint8_t *octets, size_t n)
{
	uint8_t *ip = octets + AT_IP;

	put16(ip + 2, (uint16_t)(n - AT_IP));
	put16(ip + 10, 0);
	put16(ip + 10, (uint16_t)~sum_fold(sum_octets(ip, 20, 0)));
	put16(octets + AT_UDP + 4, (uint16_t)(n - AT_UDP));
}

static void
finish_udp(uint8_t *octets, size_t n)
{
	uint8_t *udp = octets + AT_UDP;
	uint32_t sum;

	finish_ipv4(octets, n);
	sum = sum_octets(octets + AT_IP + 12, 8,
	    17 + (uint32_t)(n - AT_UDP));
	put16(udp + 6, 0);
	sum = (uint16_t)~sum_fold(sum_octets(udp, n - AT_UDP, sum));
	put16(udp + 6, sum == 0 ? 0xffff : (uint16_t)sum);
}

static struct pen
bootp(uint8_t *octets, uint8_t op, uint32_t client, uint16_t secs,
    uint16_t flags)
{
	uint8_t *p = octets + AT_DHCP;
	struct pen pen = { octets, AT_OPTIONS };

	memset(p, 0, 240);
	p[0] = op;
	p[1] = 1;
	p[2] = 6;
	put16(p + 8, secs);
	put16(p + 10, flags);
	client_mac(client, p + 28);
	put32(p + 236, 0x63825363);
	return pen;
}

static void
add_uuid(struct pen *pen, uint32_t client)
{
	uint8_t uuid[17] = { 0, 0x8a, 0x33, 0x51, 0x0c, 0x21, 0x5e, 0x4f,
	    0x0b, 0x9d, 0x11 };

	client_mac(client, uuid + 11);
	add_option(pen, 97, uuid, sizeof(uuid));
}

static void
add_undi(struct pen *pen, uint8_t major, uint8_t minor)
{
	uint8_t undi[3] = { 1, major, minor };

	add_option(pen, 94, undi, sizeof(undi));
}

static void
add_end(struct pen *pen)
{
	uint8_t end = 255;

	add(pen, &end, 1);
}

static void
edk2_options(struct pen *pen, uint32_t client, uint8_t type, uint16_t size)
{
	add_option8(pen, 53, type);
	add_option16(pen, 57, size);
	add_option(pen, 55, edk2_list, sizeof(edk2_list));
	add_uuid(pen, client);
	add_undi(pen, 3, 0);
	add_option16(pen, 93, 7);
	add_text(pen, 60, "PXEClient:Arch:00007:UNDI:003000");
}

static void
ipxe_options(struct pen *pen, uint32_t client)
{
	uint8_t id[7] = { 1 };

	add_option8(pen, 53, DISCOVER);
	add_option16(pen, 57, 1472);
	add_option16(pen, 93, 0);
	add_undi(pen, 2, 1);
	add_text(pen, 60, "PXEClient:Arch:00000:UNDI:002001");
	add_text(pen, 77, "iPXE");
	add_option(pen, 55, ipxe_list, sizeof(ipxe_list));
	add_option(pen, 175, ipxe_features, sizeof(ipxe_features));
	client_mac(client, id + 1);
	add_option(pen, 61, id, sizeof(id));
	add_uuid(pen, client);
	add_end(pen);
}

static void
rom_options(struct pen *pen, uint32_t client)
{
	add_option8(pen, 53, DISCOVER);
	add_option(pen, 55, rom_list, sizeof(rom_list));
	add_option16(pen, 57, 1260);
	add_uuid(pen, client);
	add_option16(pen, 93, 0);
	add_undi(pen, 2, 1);
	add_text(pen, 60, "PXEClient:Arch:00000:UNDI:002001");
	add_end(pen);
	memset(pen->octets + pen->n, 0, AT_DHCP + ROM_OCTETS - pen->n);
	pen->n = AT_DHCP + ROM_OCTETS;
}

/* The relay has an address on each of 64 networks. */
static void
relay_address(uint32_t client, uint8_t address[4])
{
	put32(address, 0x0a140001 | (client & 63) << 8);
}

static void
add_relay_information(struct pen *pen, uint32_t client)
{
	uint8_t information[18] = { 1, 6, 0, 4, 0, 0, 1, 0, 2, 8, 0, 6, 0x02,
	    0, 0, 0, 0x20, 0x01 };

	information[5] = (uint8_t)(client & 63);
	information[7] = (uint8_t)(client >> 6 & 31);
	add_option(pen, 82, information, sizeof(information));
}

void
request_build(struct request *request, enum kind kind, uint32_t client,
    const struct addresses *addresses)
{
	uint8_t *octets = request->octets, mac[6], address[4];
	uint16_t secs = kind == KIND_IPXE || kind == KIND_ROM ? 4 : 0;
	struct pen pen = bootp(octets, OP_REQUEST, client, secs,
	    kind == KIND_IPXE || kind == KIND_4011 ? 0 : 0x8000);

	client_mac(client, mac);
	ethernet(octets, everybody, mac);
	ipv4(octets, nobody, all_ones, 68, 67);
	switch (kind) {
	case KIND_EDK2:
		edk2_options(&pen, client, DISCOVER, 1472);
		break;
	case KIND_IPXE:
		ipxe_options(&pen, client);
		break;
	case KIND_ROM:
		rom_options(&pen, client);
		break;
	case KIND_RELAYED:
		relay_address(client, address);
		ethernet(octets, addresses->server_mac, relay_mac);
		ipv4(octets, address, addresses->server, 67, 67);
		octets[AT_DHCP + 3] = 1;
		memcpy(octets + AT_GIADDR, address, 4);
		edk2_options(&pen, client, DISCOVER, 1472);
		add_relay_information(&pen, client);
		break;
	case KIND_4011:
	case KINDS:
		client_address(client, address);
		ethernet(octets, addresses->server_mac, mac);
		ipv4(octets, address, addresses->server, 4011, 4011);
		memcpy(octets + AT_DHCP + 12, address, 4);
		edk2_options(&pen, client, REQUEST, 65280);
		break;
	}
	if (kind != KIND_IPXE && kind != KIND_ROM)
		add_end(&pen);
	request->kind = kind;
	request->n = pen.n;
	finish_udp(octets, pen.n);
}

void
request_set_xid(struct request *request, uint32_t xid)
{
	uint8_t *at = request->octets + AT_XID;
	uint8_t *checksum = request->octets + AT_UDP + 6;
	uint32_t sum = (uint16_t)~get16(checksum);

	/* RFC 1624: what was there leaves the sum, what comes joins it. */
	sum += (uint16_t)~get16(at) + (uint32_t)(uint16_t)~get16(at + 2);
	put32(at, xid);
	sum += get16(at) + (uint32_t)get16(at + 2);
	sum = (uint16_t)~sum_fold(sum);
	put16(checksum, sum == 0 ? 0xffff : (uint16_t)sum);
}

size_t
datagram_build(uint8_t octets[FRAME_ROOM], uint32_t client,
    const struct addresses *addresses, uint16_t from_port, uint16_t to_port,
    size_t n)
{
	uint8_t mac[6], address[4];

	client_mac(client, mac);
	client_address(client, address);
	ethernet(octets, addresses->server_mac, mac);
	ipv4(octets, address, addresses->server, from_port, to_port);
	finish_udp(octets, AT_DHCP + n);
	return AT_DHCP + n;
}

static const char *const kind_names[KINDS] = {
	[KIND_EDK2] = "edk2",
	[KIND_IPXE] = "ipxe",
	[KIND_ROM] = "rom",
	[KIND_RELAYED] = "relayed",
	[KIND_4011] = "4011",
};

const char *
kind_name(enum kind kind)
{
	return kind_names[kind];
}

enum kind
kind_by_name(const char *name, size_t n)
{
	unsigned kind;

	for (kind = 0; kind < KINDS; kind++)
		if (strlen(kind_names[kind]) == n &&
		    memcmp(kind_names[kind], name, n) == 0)
			break;
	return (enum kind)kind;
}

bool
mac_read(const char *text, uint8_t mac[6])
{
	unsigned octet[6];

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &octet[0], &octet[1],
	    &octet[2], &octet[3], &octet[4], &octet[5]) != 6)
		return false;
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)octet[i];
	return true;
}

/*
 * Noise.
 */

static size_t
other_request(uint8_t *octets, uint8_t type, bool pxe, uint32_t client)
{
	struct pen pen = bootp(octets, OP_REQUEST, client, 0, 0);
	uint8_t mac[6], address[4];

	client_mac(client, mac);
	ethernet(octets, everybody, mac);
	ipv4(octets, nobody, all_ones, 68, 67);
	put32(octets + AT_XID, client * 2654435761u);
	if (pxe)
		edk2_options(&pen, client, type, 65280);
	else
		add_option8(&pen, 53, type);
	client_address(client, address);
	if (type == REQUEST) {
		add_option(&pen, 50, address, 4);
		add_option(&pen, 54, switch_address, 4);
	}
	if (!pxe) {
		add_text(&pen, 12, "DESKTOP-4F2K9Q1");
		add_text(&pen, 60, "MSFT 5.0");
		add_option(&pen, 55, windows_list, sizeof(windows_list));
	}
	add_end(&pen);
	finish_udp(octets, pen.n);
	return pen.n;
}

static size_t
switch_reply(uint8_t *octets, uint8_t type, uint32_t client)
{
	static const uint8_t lease[4] = { 0, 0, 0x0e, 0x10 };
	static const uint8_t mask[4] = { 255, 255, 0, 0 };
	struct pen pen = bootp(octets, OP_REPLY, client, 0, 0x8000);

	ethernet(octets, everybody, switch_mac);
	ipv4(octets, switch_address, all_ones, 67, 68);
	put32(octets + AT_XID, client * 2654435761u);
	client_address(client, octets + AT_DHCP + 16);
	add_option8(&pen, 53, type);
	add_option(&pen, 54, switch_address, 4);
	add_option(&pen, 51, lease, 4);
	add_option(&pen, 1, mask, 4);
	add_option(&pen, 3, switch_address, 4);
	add_end(&pen);
	if (pen.n < AT_DHCP + 300) {
		memset(octets + pen.n, 0, AT_DHCP + 300 - pen.n);
		pen.n = AT_DHCP + 300;
	}
	finish_udp(octets, pen.n);
	return pen.n;
}

static size_t
arp(uint8_t *octets, uint32_t client)
{
	static const uint8_t head[] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	uint8_t mac[6];

	client_mac(client, mac);
	memset(octets, 0, 60);
	ethernet(octets, everybody, mac);
	put16(octets + 12, 0x0806);
	memcpy(octets + AT_IP, head, sizeof(head));
	memcpy(octets + AT_IP + 8, mac, 6);
	client_address(client, octets + AT_IP + 14);
	memcpy(octets + AT_IP + 24, switch_address, 4);
	return 60;
}

static size_t
other_datagram(uint8_t *octets, const uint8_t to_mac[6], const uint8_t to[4],
    uint16_t port, size_t n, uint32_t client)
{
	uint8_t mac[6], address[4];

	client_mac(client, mac);
	client_address(client, address);
	ethernet(octets, to_mac, mac);
	ipv4(octets, address, to, port, port);
	for (size_t i = 0; i < n; i++)
		octets[AT_DHCP + i] = (uint8_t)(i * 7 + client);
	finish_udp(octets, AT_DHCP + n);
	return AT_DHCP + n;
}

size_t
noise_build(uint8_t octets[FRAME_ROOM], enum noise noise, uint32_t client,
    const struct addresses *addresses)
{
	static const uint8_t mdns_mac[6] = { 1, 0, 0x5e, 0, 0, 0xfb };
	static const uint8_t mdns[4] = { 224, 0, 0, 251 };
	static const uint8_t subnet[4] = { 10, 9, 255, 255 };

	(void)addresses;
	switch (noise) {
	case NOISE_DISCOVER:
		return other_request(octets, DISCOVER, false, client);
	case NOISE_REQUEST:
		return other_request(octets, REQUEST, false, client);
	case NOISE_OFFER:
		return switch_reply(octets, OFFER, client);
	case NOISE_ACK:
		return switch_reply(octets, ACK, client);
	case NOISE_PXE_REQUEST:
		return other_request(octets, REQUEST, true, client);
	case NOISE_NETBIOS:
		return other_datagram(octets, everybody, subnet, 137, 50,
		    client);
	case NOISE_MDNS:
		return other_datagram(octets, mdns_mac, mdns, 5353, 120,
		    client);
	case NOISE_ARP:
	case NOISES:
		break;
	}
	return arp(octets, client);
}

/*
 * The reference's answers.
 */

size_t
answer_build(uint8_t octets[FRAME_ROOM], enum kind kind, const char *file,
    const struct addresses *addresses)
{
	struct pen pen = bootp(octets, OP_REPLY, 0, 0,
	    kind == KIND_4011 ? 0 : 0x8000);
	bool on_4011 = kind == KIND_4011;

	ethernet(octets, everybody, addresses->server_mac);
	ipv4(octets, addresses->server, all_ones, on_4011 ? 4011 : 67,
	    on_4011 ? 4011 : kind == KIND_RELAYED ? 67 : 68);
	memcpy(octets + AT_DHCP + 20, addresses->server, 4);
	memcpy(octets + AT_FILE, file, strlen(file));
	add_option8(&pen, 53, on_4011 ? ACK : OFFER);
	add_option(&pen, 54, addresses->server, 4);
	add_text(&pen, 60, "PXEClient");
	add_end(&pen);
	memset(octets + pen.n, 0, AT_DHCP + 300 - pen.n);
	finish_ipv4(octets, AT_DHCP + 300);
	return AT_DHCP + 300;
}
