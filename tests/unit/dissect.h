#ifndef DISSECT_H
#define DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * dissect.h - a frame with a DHCP message, taken apart and put together.
 *
 * Nothing here uses the code under test.
 */

enum {
	MAC = 6,
	TAGS = 3,		/* one more than is read */
	TAG = 4,
	IPV4 = 20,
	IPV4_MAX = 60,
	BOOTP = 240,		/* to the cookie's end */
	PARTS = 64,
	VALUE = 255,
	CODE_PAD = 0,
	CODE_END = 255,
	CODE_OVERLOAD = 52,
};

/* What is in front of the EtherType. */
enum dissect_link {
	LINK_ETHERNET,
	LINK_COOKED_V1,		/* as of "tcpdump -i any" */
	LINK_COOKED_V2,
	LINKS
};

/* Where an option stands. */
enum dissect_block {
	BLOCK_OPTIONS,
	BLOCK_FILE,
	BLOCK_SNAME,
	BLOCKS
};

/* An option, or a part of a long one. */
struct part {
	enum dissect_block block;
	uint8_t code;
	uint8_t n;
	uint8_t value[VALUE];
};

struct message {
	enum dissect_link link;
	uint8_t to[MAC], from[MAC];
	uint8_t tag[TAGS][TAG];
	unsigned tags;
	uint8_t ip[IPV4_MAX];
	size_t ip_n;
	uint8_t ports[4];
	uint8_t bootp[BOOTP];
	struct part part[PARTS];
	unsigned parts;
	bool endless;			/* no END option */
	unsigned padding;		/* octets behind the IPv4 packet */
};

/* false where no DHCP message is in these octets. */
bool dissect_open(const uint8_t *octets, size_t n, struct message *out);

/*
 * Write it, all lengths and the IPv4 checksum right; what does not fit of the
 * options is left out.  Answers its length, 0 where there is no room.
 */
size_t dissect_close(struct message *m, uint8_t *octets, size_t room);

static inline unsigned
get_be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline void
put_be16(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

#endif
