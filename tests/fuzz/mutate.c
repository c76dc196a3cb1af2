#include "fuzz/mutate.h"

#include "unit/dissect.h"

#include <string.h>

/*
 * Values as clients send them, and a little beside.
 */

static const uint8_t codes[] = { 43, 52, 53, 54, 57, 60, 77, 82, 93, 94, 97,
    175, 50, 61, 55, 12, 66, 67, 1, 254 };
static const uint16_t archs[] = { 0, 6, 7, 9, 10, 11, 15, 16, 18, 19, 22, 27,
    33, 37, 41, 99, 0x8007, 0xffff };
static const uint16_t sizes[] = { 0, 68, 300, 548, 575, 576, 577, 590, 1260,
    1472, 1500, 0xffff };
static const char *const vendor_classes[] = {
	"PXEClient", "PXEClient:Arch:00007:UNDI:003016",
	"PXEClient:Arch:00000:UNDI:002001", "PXEClient:Arch:99999",
	"PXEClient:Arch:0000", "PXEClient:Arch:000x7", "PXEClient:Arch:00011",
	"HTTPClient", "HTTPClient:Arch:00016:UNDI:003001",
	"U-Boot.armv8", "U-Boot:Arch:00022", "HW-Client", "MSFT 5.0",
	"PXEClien", "anaconda-Linux",
};
static const char *const user_classes[] = { "iPXE", "script", "web", "long",
    "gPXE", "" };
static const char *const circuits[] = { "eth0/0/1", "eth", "rack7",
    "\x01\x02\x03", "" };

static void
set_text(struct part *part, const char *text)
{
	part->n = (uint8_t)strlen(text);
	memcpy(part->value, text, part->n);
}

static void
set_noise(struct dice *dice, struct part *part, unsigned n)
{
	part->n = (uint8_t)n;
	for (unsigned i = 0; i < n; i++)
		part->value[i] = dice_octet(dice);
}

/* A sub-option behind what is there, where there is room. */
static void
add_sub(struct part *part, uint8_t code, const void *value, unsigned n)
{
	if (part->n + n + 2 > VALUE)
		return;
	part->value[part->n++] = code;
	part->value[part->n++] = (uint8_t)n;
	memcpy(part->value + part->n, value, n);
	part->n = (uint8_t)(part->n + n);
}

static void
add_noise_sub(struct dice *dice, struct part *part, uint8_t code)
{
	struct part noise;

	set_noise(dice, &noise, dice_roll(dice, 12));
	add_sub(part, code, noise.value, noise.n);
}

/* PXE 2.1: discovery control, servers, menu, prompt, the chosen item. */
static void
fill_vendor(struct dice *dice, struct part *part)
{
	static const uint8_t subs[] = { 1, 6, 8, 9, 10, 71, 255, 0 };
	uint8_t item[4] = { 0x80, 0, 0, 0 };

	item[1] = (uint8_t)dice_roll(dice, 5);
	item[2] = one_in(dice, 2) ? 0x80 : 0;
	for (unsigned i = dice_roll(dice, 4); i > 0; i--)
		add_noise_sub(dice, part, ONE_OF(dice, subs));
	if (!one_in(dice, 4))
		add_sub(part, 71, item, one_in(dice, 8) ? 3 : 4);
	if (one_in(dice, 2) && part->n < VALUE)
		part->value[part->n++] = CODE_END;
}

/* Circuit and remote identifier (RFC 3046). */
static void
fill_relay(struct dice *dice, struct part *part)
{
	for (unsigned i = 1 + dice_roll(dice, 4); i > 0; i--) {
		const char *text = ONE_OF(dice, circuits);

		add_sub(part, (uint8_t)(1 + dice_roll(dice, 3)), text,
		    (unsigned)strlen(text));
	}
	if (one_in(dice, 8))
		add_noise_sub(dice, part, dice_octet(dice));
}

static void
fill_features(struct dice *dice, struct part *part)
{
	for (unsigned i = dice_roll(dice, 12); i > 0; i--)
		add_sub(part, (uint8_t)(0x11 + dice_roll(dice, 0x1a)),
		    "\x01", one_in(dice, 8) ? 0 : 1);
}

static void
fill_archs(struct dice *dice, struct part *part)
{
	for (unsigned i = 1 + dice_roll(dice, 3); i > 0; i--, part->n += 2)
		put_be16(part->value + part->n, ONE_OF(dice, archs));
	if (one_in(dice, 8))
		part->n--;
}

/* As one text, or as a list of counted ones (RFC 3004). */
static void
fill_user_class(struct dice *dice, struct part *part)
{
	if (one_in(dice, 2)) {
		set_text(part, ONE_OF(dice, user_classes));
		return;
	}
	for (unsigned i = 1 + dice_roll(dice, 3); i > 0; i--) {
		const char *text = ONE_OF(dice, user_classes);
		size_t n = strlen(text);

		part->value[part->n++] = (uint8_t)n;
		memcpy(part->value + part->n, text, n);
		part->n = (uint8_t)(part->n + n);
	}
}

static void
fill_uuid(struct dice *dice, struct part *part)
{
	static const uint8_t same[] = { 0, 0xff };

	set_noise(dice, part, one_in(dice, 8) ? dice_roll(dice, 32) : 17);
	if (!one_in(dice, 8))
		part->value[0] = 0;
	if (one_in(dice, 8))
		memset(part->value + 1, ONE_OF(dice, same), 16);
}

/* A plausible value for the option's code. */
static void
fill(struct dice *dice, struct part *part)
{
	static const uint8_t ours[] = { 10, 0, 0, 2 };

	part->n = 0;
	switch (part->code) {
	case 43:
		fill_vendor(dice, part);
		break;
	case CODE_OVERLOAD:
		set_noise(dice, part, 1);
		part->value[0] = (uint8_t)dice_roll(dice, 4);
		break;
	case 53:
		set_noise(dice, part, 1);
		if (!one_in(dice, 16))
			part->value[0] = (uint8_t)(1 + dice_roll(dice, 9));
		break;
	case 57:
		part->n = 2;
		put_be16(part->value, ONE_OF(dice, sizes));
		break;
	case 60:
		set_text(part, ONE_OF(dice, vendor_classes));
		break;
	case 77:
		fill_user_class(dice, part);
		break;
	case 82:
		fill_relay(dice, part);
		break;
	case 93:
		fill_archs(dice, part);
		break;
	case 94:
		set_noise(dice, part, 3);
		break;
	case 97:
		fill_uuid(dice, part);
		break;
	case 175:
		fill_features(dice, part);
		break;
	case 50:
	case 54:
		part->n = 4;
		memcpy(part->value, ours, 4);
		break;
	default:
		set_noise(dice, part, dice_roll(dice, 24));
		break;
	}
}

/*
 * Mutations of a message.
 */

static struct part *
any_part(struct dice *dice, struct message *m)
{
	return m->parts > 0 ? &m->part[dice_roll(dice, m->parts)] : NULL;
}

/* Make room for an option at a random place; NULL where there is none. */
static struct part *
open_part(struct dice *dice, struct message *m)
{
	unsigned at = dice_roll(dice, m->parts + 1);

	if (m->parts == PARTS)
		return NULL;
	memmove(&m->part[at + 1], &m->part[at],
	    (m->parts - at) * sizeof(m->part[0]));
	m->parts++;
	m->part[at] = (struct part){ .block = BLOCK_OPTIONS };
	return &m->part[at];
}

static void
insert_option(struct dice *dice, struct message *m)
{
	struct part *part = open_part(dice, m);

	if (part == NULL)
		return;
	part->code = one_in(dice, 16) ? dice_octet(dice) :
	    ONE_OF(dice, codes);
	fill(dice, part);
}

static void
remove_option(struct dice *dice, struct message *m)
{
	struct part *part = any_part(dice, m);
	unsigned at;

	if (part == NULL)
		return;
	at = (unsigned)(part - m->part);
	m->parts--;
	memmove(part, part + 1, (m->parts - at) * sizeof(*part));
}

static void
duplicate_option(struct dice *dice, struct message *m)
{
	struct part *from = any_part(dice, m), copy, *to;

	if (from == NULL)
		return;
	copy = *from;
	if ((to = open_part(dice, m)) != NULL)
		*to = copy;
}

static void
swap_options(struct dice *dice, struct message *m)
{
	struct part *a = any_part(dice, m), *b = any_part(dice, m), c;

	if (a == NULL)
		return;
	c = *a;
	*a = *b;
	*b = c;
}

/* In two parts with other options between them (RFC 3396). */
static void
split_option(struct dice *dice, struct message *m)
{
	struct part *first = any_part(dice, m), second, *to;
	uint8_t n;

	if (first == NULL || first->n == 0)
		return;
	n = (uint8_t)dice_roll(dice, first->n + 1u);
	second = *first;
	second.n = (uint8_t)(first->n - n);
	memcpy(second.value, first->value + n, second.n);
	first->n = n;
	if ((to = open_part(dice, m)) != NULL)
		*to = second;
}

/* Longer than an option can be: in many parts. */
static void
multiply_option(struct dice *dice, struct message *m)
{
	for (unsigned i = 2 + dice_roll(dice, 6); i > 0; i--)
		duplicate_option(dice, m);
}

static void
new_value(struct dice *dice, struct message *m)
{
	struct part *part = any_part(dice, m);

	if (part != NULL)
		fill(dice, part);
}

static void
bend_value(struct dice *dice, struct message *m)
{
	struct part *part = any_part(dice, m);

	if (part == NULL)
		return;
	if (dice->bend != NULL && one_in(dice, 2))
		part->n = (uint8_t)dice->bend(part->value, part->n, VALUE);
	else if (part->n == 0 || one_in(dice, 8))
		set_noise(dice, part, dice_roll(dice, VALUE + 1));
	else if (one_in(dice, 3))
		part->n = (uint8_t)dice_roll(dice, part->n);
	else
		part->value[dice_roll(dice, part->n)] = dice_octet(dice);
}

static bool
has_subs(const struct part *part)
{
	return part->code == 43 || part->code == 82 || part->code == 175;
}

/* Where a random sub-option begins; n where there is none. */
static unsigned
any_sub(struct dice *dice, const struct part *part)
{
	unsigned at = 0, found = part->n;

	for (unsigned seen = 1; at + 2u <= part->n &&
	    at + 2u + part->value[at + 1] <= part->n; seen++) {
		if (one_in(dice, seen))
			found = at;
		at += 2u + part->value[at + 1];
	}
	return found;
}

/* Inside options 43, 82 and 175: its code, its length, or all of it. */
static void
bend_sub(struct dice *dice, struct message *m)
{
	struct part *part = any_part(dice, m);
	unsigned at, n;

	if (part == NULL || !has_subs(part) ||
	    (at = any_sub(dice, part)) == part->n) {
		new_value(dice, m);
		return;
	}
	n = 2u + part->value[at + 1];
	switch (dice_roll(dice, 4)) {
	case 0:
		part->value[at] = dice_octet(dice);
		break;
	case 1:
		part->value[at + 1] = dice_octet(dice);
		break;
	case 2:
		memmove(part->value + at, part->value + at + n,
		    part->n - at - n);
		part->n = (uint8_t)(part->n - n);
		break;
	default:
		add_sub(part, part->value[at], part->value + at + 2, n - 2);
		break;
	}
}

/* Options in file and sname (option 52). */
static void
overload(struct dice *dice, struct message *m)
{
	uint8_t value = (uint8_t)(1 + dice_roll(dice, 3));
	struct part *part = NULL;

	for (unsigned i = 0; i < m->parts && part == NULL; i++)
		if (m->part[i].code == CODE_OVERLOAD)
			part = &m->part[i];
	if (part == NULL && (part = open_part(dice, m)) == NULL)
		return;
	part->block = BLOCK_OPTIONS;
	part->code = CODE_OVERLOAD;
	part->n = 1;
	part->value[0] = value;
	for (unsigned i = 0; i < m->parts; i++)
		if (&m->part[i] != part && one_in(dice, 3))
			m->part[i].block = value == 1 ? BLOCK_FILE :
			    value == 2 ? BLOCK_SNAME :
			    (enum dissect_block)(1 + dice_roll(dice, 2));
}

static void
change_tags(struct dice *dice, struct message *m)
{
	static const uint16_t types[] = { 0x8100, 0x8100, 0x88a8 };
	static const uint16_t vids[] = { 0, 1, 10, 100, 0x2064, 0x0fff };

	m->tags = one_in(dice, 16) ? TAGS : dice_roll(dice, TAGS);
	for (unsigned i = 0; i < m->tags; i++) {
		put_be16(m->tag[i], ONE_OF(dice, types));
		put_be16(m->tag[i] + 2, ONE_OF(dice, vids));
	}
}

/* Ours by craft.h, and what a client must not be. */
static const uint8_t addresses[][4] = {
	{ 0, 0, 0, 0 }, { 255, 255, 255, 255 }, { 10, 0, 0, 2 },
	{ 10, 1, 0, 2 }, { 10, 0, 0, 50 }, { 10, 9, 0, 1 },
	{ 192, 0, 2, 1 }, { 127, 0, 0, 1 }, { 224, 0, 0, 1 },
	{ 10, 0, 0, 255 }, { 169, 254, 1, 1 },
};
static const uint8_t macs[][MAC] = {
	{ 0x52, 0x54, 0, 0x12, 0x34, 0x56 },
	{ 0x52, 0x54, 0, 0x12, 0x34, 0x57 },
	{ 0x52, 0x54, 0, 0x12, 0x34, 0x58 },
	{ 0x52, 0x54, 0, 0x07, 0x34, 0x58 },
	{ 2, 0, 0, 0, 0, 2 }, { 0, 0x0f, 0xe2, 0, 0, 1 },
	{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, { 1, 0, 0x5e, 0, 0, 1 },
	{ 0, 0, 0, 0, 0, 0 },
};

static void
change_addresses(struct dice *dice, struct message *m)
{
	/* IPv4 source and destination, ciaddr, yiaddr, siaddr, giaddr. */
	uint8_t *places[] = { m->ip + 12, m->ip + 16, m->bootp + 12,
	    m->bootp + 16, m->bootp + 20, m->bootp + 24 };

	memcpy(ONE_OF(dice, places), ONE_OF(dice, addresses), 4);
	if (one_in(dice, 4))		/* as port 4011 wants it */
		memcpy(m->bootp + 12, m->ip + 12, 4);
}

static void
change_macs(struct dice *dice, struct message *m)
{
	uint8_t *places[] = { m->to, m->from, m->bootp + 28 };


	memcpy(ONE_OF(dice, places), ONE_OF(dice, macs), MAC);
}

/* Another of many clients. */
static void
change_client(struct dice *dice, struct message *m)
{
	memcpy(m->from, macs[0], MAC);
	put_be16(m->from + MAC - 2, dice_number(dice) & 0xffff);
	memcpy(m->bootp + 28, m->from, MAC);
}

static void
change_ports(struct dice *dice, struct message *m)
{
	static const uint16_t ports[] = { 67, 68, 4011, 67, 68, 4011, 69 };

	put_be16(m->ports, ONE_OF(dice, ports));
	put_be16(m->ports + 2, ONE_OF(dice, ports));
}

/* op, htype, hlen, hops, xid, secs, flags; and the cookie, but rarely. */
static void
change_header(struct dice *dice, struct message *m)
{
	static const uint8_t at[] = { 0, 1, 2, 2, 3, 4, 7, 8, 9, 10, 11 };
	static const uint8_t to[] = { 0, 1, 2, 4, 6, 15, 16, 17, 0x80, 0xff };

	m->bootp[one_in(dice, 32) ? BOOTP - 1 : ONE_OF(dice, at)] =
	    ONE_OF(dice, to);
}

/* What a boot server is asked on port 4011. */
static void
ask_boot_server(struct dice *dice, struct message *m)
{
	m->bootp[0] = 1;
	put_be16(m->ports, one_in(dice, 2) ? 68 : 4011);
	put_be16(m->ports + 2, 4011);
	memcpy(m->ip + 12, addresses[4], 4);
	memcpy(m->ip + 16, addresses[2], 4);
	memcpy(m->bootp + 12, addresses[4], 4);
	for (unsigned i = 0; i < m->parts; i++)
		if (m->part[i].code == 53 && m->part[i].n == 1)
			m->part[i].value[0] = one_in(dice, 4) ? 8 : 3;
}

static void
change_ip_options(struct dice *dice, struct message *m)
{
	m->ip_n = IPV4 + 4 * (size_t)dice_roll(dice, 11);
	for (size_t i = IPV4; i < m->ip_n; i++)
		m->ip[i] = dice_octet(dice);
}

static void
change_end(struct dice *dice, struct message *m)
{
	m->endless = one_in(dice, 2);
	m->padding = dice_roll(dice, 64);
}

static void
change_link(struct dice *dice, struct message *m)
{
	m->link = one_in(dice, 2) ? LINK_ETHERNET :
	    (enum dissect_link)(1 + dice_roll(dice, 2));
}

static void (*const mutations[])(struct dice *dice, struct message *m) = {
	insert_option, insert_option, insert_option,
	remove_option, remove_option,
	duplicate_option, multiply_option, swap_options, split_option,
	new_value, new_value, new_value,
	bend_value, bend_sub, bend_sub,
	overload,
	change_tags, change_addresses, change_client, change_macs,
	change_ports, change_header, ask_boot_server, change_ip_options,
	change_end, change_link,
};

size_t
mutate_message(struct dice *dice, uint8_t *octets, size_t n, size_t room)
{
	struct message m;

	if (!dissect_open(octets, n, &m))
		return 0;
	for (unsigned i = 1 + dice_roll(dice, 4); i > 0; i--)
		ONE_OF(dice, mutations)(dice, &m);
	return dissect_close(&m, octets, room);
}
