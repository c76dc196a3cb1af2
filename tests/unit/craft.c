#include "unit/craft.h"

/*
 * Ethernet to DHCP cookie of the DISCOVER; the other bases are edits of it.
 * Lengths and the IPv4 checksum are filled in later; the UDP checksum is 0.
 */
static const char discover[] =
    "\xff\xff\xff\xff\xff\xff" "\x52\x54\x00\x12\x34\x56" "\x08\x00"
    "\x45\x00\x00\x00" "\x00\x00\x00\x00" "\x40\x11\x00\x00"
    "\x00\x00\x00\x00" "\xff\xff\xff\xff"
    "\x00\x44\x00\x43" "\x00\x00\x00\x00"
    "\x01\x01\x06\x00" "\xde\xad\xbe\xef" "\x00\x04\x80\x00"
    "\x00\x00\x00\x00" "\x00\x00\x00\x00"
    "\x00\x00\x00\x00" "\x00\x00\x00\x00"
    "\x52\x54\x00\x12\x34\x56\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";

static const struct {
	size_t at;
	struct octets to;
} edits_4011[] = {
	{ AT_TO, OCTETS(CRAFT_OUR_MAC) },
	{ AT_IP_SOURCE, OCTETS("\x0a\x00\x00\x32") },
	{ AT_IP_DESTINATION, OCTETS("\x0a\x00\x00\x02") },
	{ AT_UDP, OCTETS("\x0f\xab\x0f\xab") },
	{ AT_XID, OCTETS("\xca\xfe\xf0\x0d") },
	{ AT_FLAGS, OCTETS("\x00\x00") },
	{ AT_CIADDR, OCTETS("\x0a\x00\x00\x32") },
}, edits_relayed[] = {
	{ AT_TO, OCTETS(CRAFT_OUR_MAC) },
	{ AT_FROM, OCTETS("\x00\x0f\xe2\x00\x00\x01") },
	{ AT_IP_SOURCE, OCTETS("\x0a\x09\x00\x01") },
	{ AT_IP_DESTINATION, OCTETS("\x0a\x00\x00\x02") },
	{ AT_UDP, OCTETS("\x00\x43\x00\x43") },
	{ AT_FLAGS, OCTETS("\x00\x00") },
	{ AT_GIADDR, OCTETS("\x0a\x09\x00\x01") },
};

static const char cookie[] = "\x63\x82\x53\x63";

/* A frame that grows. */
struct canvas {
	uint8_t octets[CRAFT_MAX];
	size_t n;
};

static void
put(struct canvas *canvas, size_t at, struct octets octets)
{
	if (at > CRAFT_MAX || octets.n > CRAFT_MAX - at) {
		fprintf(stderr, "craft: a frame is too long\n");
		exit(2);
	}
	if (octets.n > 0)
		memcpy(canvas->octets + at, octets.p, octets.n);
	if (canvas->n < at + octets.n)
		canvas->n = at + octets.n;
}

/* Make room in the middle. */
static void
insert(struct canvas *canvas, size_t at, struct octets octets)
{
	if (octets.n == 0)
		return;
	if (canvas->n + octets.n > CRAFT_MAX) {
		fprintf(stderr, "craft: a frame is too long\n");
		exit(2);
	}
	memmove(canvas->octets + at + octets.n, canvas->octets + at,
	    canvas->n - at);
	canvas->n += octets.n;
	put(canvas, at, octets);
}

static void
put_be16(struct canvas *canvas, size_t at, size_t value)
{
	canvas->octets[at] = (uint8_t)(value >> 8);
	canvas->octets[at + 1] = (uint8_t)value;
}

static void
put_base(struct canvas *canvas, enum craft_base base)
{
	put(canvas, 0, (struct octets)OCTETS(discover));
	if (base == CRAFT_4011)
		for (size_t i = 0; i < ROWS(edits_4011); i++)
			put(canvas, edits_4011[i].at, edits_4011[i].to);
	if (base == CRAFT_RELAYED)
		for (size_t i = 0; i < ROWS(edits_relayed); i++)
			put(canvas, edits_relayed[i].at, edits_relayed[i].to);
}

static void
put_ip_checksum(struct canvas *canvas, size_t header)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < header; i += 2)
		sum += (uint32_t)canvas->octets[AT_IP + i] << 8 |
		    canvas->octets[AT_IP + i + 1];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	put_be16(canvas, AT_IP + 10, ~sum & 0xffff);
}

struct heap
craft_frame(const struct craft *craft)
{
	struct canvas canvas = { .n = 0 };
	size_t header = 20 + craft->ip_options.n;

	put_base(&canvas, craft->base);
	canvas.n = AT_COOKIE;		/* sname and file are zeros */
	put(&canvas, AT_COOKIE, (struct octets)OCTETS(cookie));
	put(&canvas, AT_OPTIONS, craft->options);
	put_be16(&canvas, AT_UDP_LENGTH, canvas.n - AT_UDP);
	put_be16(&canvas, AT_IP_LENGTH,
	    canvas.n + craft->ip_options.n - AT_IP);
	for (size_t i = 0; i < CRAFT_EDITS; i++)
		put(&canvas, craft->edit[i].at, craft->edit[i].to);
	if (craft->ip_options.n > 0) {
		insert(&canvas, AT_UDP, craft->ip_options);
		canvas.octets[AT_IP] = (uint8_t)(0x40 | header / 4);
	}
	put_ip_checksum(&canvas, header);
	insert(&canvas, AT_ETHERTYPE, craft->tags);
	canvas.n += craft->padding;
	if (craft->cut > canvas.n || canvas.n > CRAFT_MAX) {
		fprintf(stderr, "craft: cannot cut or pad like this\n");
		exit(2);
	}
	return heap_of(canvas.octets, canvas.n - craft->cut);
}

struct heap
craft_message(const struct craft *craft)
{
	struct heap frame = craft_frame(craft), message;
	size_t before = AT_DHCP + craft->tags.n + craft->ip_options.n;

	if (frame.n < before) {
		fprintf(stderr, "craft: the frame has no message\n");
		exit(2);
	}
	message = heap_of(frame.p + before, frame.n - before);
	heap_free(frame);
	return message;
}
