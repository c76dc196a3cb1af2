#include "unit/dissect.h"

#include "fuzz/mutate.h"

#include <string.h>

enum {
	UDP = 8,
	SNAME = 44,
	SNAME_OCTETS = 64,
	FILE_FIELD = 108,
	FILE_OCTETS = 128,
};

/* Octets that are read one after the other. */
struct input {
	const uint8_t *p;
	size_t n;
};

static bool
take(struct input *in, void *out, size_t n)
{
	if (in->n < n)
		return false;
	memcpy(out, in->p, n);
	in->p += n;
	in->n -= n;
	return true;
}

/* The link's header; type is left at the EtherType. */
static bool
take_link(struct input in, enum dissect_link link, struct message *out,
    struct input *rest, uint8_t type[2])
{
	uint8_t head[20];

	*rest = in;
	out->link = link;
	memset(out->to, 0xff, MAC);
	if (link == LINK_ETHERNET)
		return take(rest, out->to, MAC) &&
		    take(rest, out->from, MAC) && take(rest, type, 2);
	if (!take(rest, head, link == LINK_COOKED_V1 ? 16 : 20))
		return false;
	memcpy(out->from, head + (link == LINK_COOKED_V1 ? 6 : 12), MAC);
	memcpy(type, head + (link == LINK_COOKED_V1 ? 14 : 0), 2);
	return link == LINK_COOKED_V1 ? get_be16(head + 4) == MAC :
	    head[11] == MAC;
}

static bool
take_tags(struct input *in, struct message *out, uint8_t type[2])
{
	uint8_t tci[2];

	out->tags = 0;
	while (get_be16(type) == 0x8100 || get_be16(type) == 0x88a8) {
		if (out->tags == TAGS || !take(in, tci, 2))
			return false;
		memcpy(out->tag[out->tags], type, 2);
		memcpy(out->tag[out->tags++] + 2, tci, 2);
		if (!take(in, type, 2))
			return false;
	}
	return get_be16(type) == 0x0800;
}

static bool
take_headers(struct input *in, struct message *out)
{
	uint8_t rest[4];

	if (!take(in, out->ip, IPV4) || out->ip[0] >> 4 != 4)
		return false;
	out->ip_n = (size_t)(out->ip[0] & 15) * 4;
	return out->ip_n >= IPV4 &&
	    take(in, out->ip + IPV4, out->ip_n - IPV4) &&
	    out->ip[9] == 17 && take(in, out->ports, 4) &&
	    take(in, rest, 4) && take(in, out->bootp, BOOTP);
}

/* The options of a block, as far as they are sound. */
static void
take_options(struct input in, enum dissect_block block, struct message *out)
{
	struct part part = { .block = block };

	while (out->parts < PARTS && take(&in, &part.code, 1) &&
	    part.code != CODE_END) {
		if (part.code == CODE_PAD)
			continue;
		if (!take(&in, &part.n, 1) || !take(&in, part.value, part.n))
			return;
		out->part[out->parts++] = part;
	}
}

static unsigned
overload_of(const struct message *m)
{
	for (unsigned i = 0; i < m->parts; i++)
		if (m->part[i].code == CODE_OVERLOAD && m->part[i].n == 1)
			return m->part[i].value[0] & 3;
	return 0;
}

bool
dissect_open(const uint8_t *octets, size_t n, struct message *out)
{
	struct input all = { octets, n }, rest;
	uint8_t type[2];

	*out = (struct message){ .link = LINKS };
	for (unsigned link = 0; link < LINKS; link++) {
		if (!take_link(all, (enum dissect_link)link, out, &rest, type) ||
		    !take_tags(&rest, out, type) ||
		    !take_headers(&rest, out))
			continue;
		take_options(rest, BLOCK_OPTIONS, out);
		if ((overload_of(out) & 1) != 0)
			take_options((struct input){ out->bootp + FILE_FIELD,
			    FILE_OCTETS }, BLOCK_FILE, out);
		if ((overload_of(out) & 2) != 0)
			take_options((struct input){ out->bootp + SNAME,
			    SNAME_OCTETS }, BLOCK_SNAME, out);
		return true;
	}
	return false;
}

/*
 * And put together again.
 */

struct output {
	uint8_t *p;
	size_t n, room;
};

static bool
give(struct output *out, const void *octets, size_t n)
{
	if (n > out->room - out->n)
		return false;
	memcpy(out->p + out->n, octets, n);
	out->n += n;
	return true;
}

static void
give_be16(struct output *out, unsigned value)
{
	uint8_t octets[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	(void)give(out, octets, 2);
}

/* As many of a block's options as there is room for. */
static void
give_options(struct output *out, const struct message *m,
    enum dissect_block block)
{
	static const uint8_t end = CODE_END;

	for (unsigned i = 0; i < m->parts; i++) {
		const struct part *part = &m->part[i];
		uint8_t head[2] = { part->code, part->n };

		if (part->block != block ||
		    (size_t)part->n + 2 > out->room - out->n)
			continue;
		(void)give(out, head, 2);
		(void)give(out, part->value, part->n);
	}
	if (!m->endless)
		(void)give(out, &end, 1);
}

static void
give_field(struct message *m, enum dissect_block block, uint8_t *field,
    size_t n)
{
	struct output out = { field, 0, n };

	for (unsigned i = 0; i < m->parts; i++) {
		if (m->part[i].block != block)
			continue;
		memset(field, 0, n);
		give_options(&out, m, block);
		return;
	}
}

static void
give_link(struct output *out, const struct message *m)
{
	static const uint8_t none[8];
	unsigned type = m->tags > 0 ? get_be16(m->tag[0]) : 0x0800;
	bool to_all = (m->to[0] & 1) != 0;

	if (m->link == LINK_ETHERNET) {
		(void)give(out, m->to, MAC);
		(void)give(out, m->from, MAC);
	} else if (m->link == LINK_COOKED_V1) {
		give_be16(out, to_all);
		give_be16(out, 1);		/* Ethernet */
		give_be16(out, MAC);
		(void)give(out, m->from, MAC);
		give_be16(out, 0);
	}
	if (m->link != LINK_COOKED_V2) {
		give_be16(out, type);
	} else {
		give_be16(out, type);
		(void)give(out, none, 7);
		(void)give(out, (const uint8_t[]){ 1, to_all, MAC }, 3);
		(void)give(out, m->from, MAC);
		give_be16(out, 0);
	}
	for (unsigned i = 0; i < m->tags; i++) {
		(void)give(out, m->tag[i] + 2, 2);
		give_be16(out, i + 1 < m->tags ? get_be16(m->tag[i + 1]) :
		    0x0800);
	}
}

static void
seal(struct message *m, size_t payload)
{
	uint32_t sum = 0;

	m->ip[0] = (uint8_t)(0x40 | m->ip_n / 4);
	put_be16(m->ip + 2, m->ip_n + UDP + payload);
	put_be16(m->ip + 10, 0);
	for (size_t i = 0; i < m->ip_n; i += 2)
		sum += get_be16(m->ip + i);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	put_be16(m->ip + 10, ~sum & 0xffff);
}

size_t
dissect_close(struct message *m, uint8_t *octets, size_t room)
{
	uint8_t payload[MUTATE_ROOM];
	struct output out = { octets, 0, room };
	struct output inside = { payload, 0, sizeof(payload) };
	size_t headers = 20 + TAGS * TAG + m->ip_n + UDP;

	if (room < headers + BOOTP + 1)
		return 0;
	if (inside.room > room - headers)
		inside.room = room - headers;
	give_field(m, BLOCK_FILE, m->bootp + FILE_FIELD, FILE_OCTETS);
	give_field(m, BLOCK_SNAME, m->bootp + SNAME, SNAME_OCTETS);
	(void)give(&inside, m->bootp, BOOTP);
	give_options(&inside, m, BLOCK_OPTIONS);
	seal(m, inside.n);

	give_link(&out, m);
	(void)give(&out, m->ip, m->ip_n);
	(void)give(&out, m->ports, sizeof(m->ports));
	give_be16(&out, (unsigned)(UDP + inside.n));
	give_be16(&out, 0);			/* no UDP checksum */
	(void)give(&out, payload, inside.n);
	for (unsigned i = 0; i < m->padding; i++)
		(void)give(&out, "", 1);
	return out.n;
}
