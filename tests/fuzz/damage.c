#include "fuzz/mutate.h"

#include "unit/craft.h"
#include "unit/dissect.h"

static size_t
flip(struct dice *dice, uint8_t *octets, size_t n, size_t room)
{
	(void)room;
	for (unsigned i = 1 + dice_roll(dice, 8); n > 0 && i > 0; i--)
		octets[dice_roll(dice, (unsigned)n)] ^=
		    (uint8_t)(1u << dice_roll(dice, 8));
	return n;
}

static size_t
cut(struct dice *dice, uint8_t *octets, size_t n, size_t room)
{
	(void)octets;
	(void)room;
	return n > 0 ? dice_roll(dice, (unsigned)n) : 0;
}

static size_t
extend(struct dice *dice, uint8_t *octets, size_t n, size_t room)
{
	for (unsigned i = dice_roll(dice, 512); n < room && i > 0; i--)
		octets[n++] = dice_octet(dice);
	return n;
}

/* A length, or what else is in the headers; extremes sooner than others. */
static size_t
lie(struct dice *dice, uint8_t *octets, size_t n, size_t room)
{
	static const uint8_t at[] = { AT_IP, AT_IP_LENGTH, AT_IP_LENGTH + 1,
	    AT_IP_FRAGMENT, AT_IP_FRAGMENT + 1, AT_IP_PROTOCOL, AT_UDP_LENGTH,
	    AT_UDP_LENGTH + 1, AT_HLEN, AT_ETHERTYPE, AT_ETHERTYPE + 1 };
	static const uint8_t to[] = { 0, 1, 7, 8, 19, 20, 0x20, 0x40, 0x44,
	    0x45, 0x4f, 0x7f, 0x80, 0x81, 0xff };
	unsigned place = ONE_OF(dice, at);

	(void)room;
	if (place < n)
		octets[place] = ONE_OF(dice, to);
	return n;
}

/* In an option's place: a code or length that was not meant to be there. */
static size_t
scratch(struct dice *dice, uint8_t *octets, size_t n, size_t room)
{
	(void)room;
	for (unsigned i = 1 + dice_roll(dice, 6); n > AT_OPTIONS && i > 0; i--)
		octets[AT_OPTIONS + dice_roll(dice,
		    (unsigned)n - AT_OPTIONS)] = dice_octet(dice);
	return n;
}

/* Tags in front of the EtherType, more than anyone has. */
static size_t
stack_tags(struct dice *dice, uint8_t *octets, size_t n, size_t room)
{
	for (unsigned i = 1 + dice_roll(dice, 4); i > 0; i--) {
		if (n < AT_IP || n + TAG > room)
			break;
		memmove(octets + AT_ETHERTYPE + TAG, octets + AT_ETHERTYPE,
		    n - AT_ETHERTYPE);
		put_be16(octets + AT_ETHERTYPE,
		    one_in(dice, 2) ? 0x8100 : 0x88a8);
		put_be16(octets + AT_ETHERTYPE + 2, dice_number(dice));
		n += TAG;
	}
	return n;
}

static size_t
repeat(struct dice *dice, uint8_t *octets, size_t n, size_t room)
{
	unsigned from, length;

	if (n < 2)
		return n;
	from = dice_roll(dice, (unsigned)n);
	length = 1 + dice_roll(dice, (unsigned)n - from);
	if (length > room - n)
		length = (unsigned)(room - n);
	memcpy(octets + n, octets + from, length < n - from ? length :
	    n - from);
	return n + (length < n - from ? length : n - from);
}

static size_t (*const damages[])(struct dice *dice, uint8_t *octets,
    size_t n, size_t room) = {
	flip, flip, cut, extend, lie, lie, scratch, scratch, stack_tags,
	repeat,
};

size_t
mutate_damage(struct dice *dice, uint8_t *octets, size_t n, size_t room)
{
	for (unsigned i = 1 + dice_roll(dice, 2); i > 0; i--)
		n = ONE_OF(dice, damages)(dice, octets, n, room);
	return n;
}

size_t
mutate_request(struct dice *dice, uint8_t *octets, size_t room)
{
	static const struct craft requests[] = {
		{ .options = OCTETS(OPTIONS_UEFI) },
		{ .options = OCTETS(OPTIONS_BIOS) },
		{ .options = OCTETS(OPTIONS_HTTP) },
		{ .options = OCTETS(OPTIONS_IPXE) },
		{ .base = CRAFT_4011, .options = OCTETS(OPTIONS_4011) },
		{ .base = CRAFT_RELAYED, .options = OCTETS(OPTIONS_UEFI) },
	};
	struct heap heap = craft_frame(&ONE_OF(dice, requests));
	size_t n = heap.n < room ? heap.n : room;

	memcpy(octets, heap.p, n);
	heap_free(heap);
	return n;
}
