#include "config/earlier.h"

#include "core/pxe.h"
#include "core/span.h"

enum {
	PREFIX_MAX = 32,
	LOOKS_MAX = 4000000,	/* in all: a start does not wait for more */
};

/* A value of a rule, in the list of those with the same hash. */
struct entry {
	uint64_t hash;
	size_t rule;
	size_t next;		/* in entry[], 0: none */
};

struct earlier {
	const struct policy_rule *rule;
	size_t *wide;		/* rules for many, in their order */
	size_t n_wide;
	size_t *first;		/* in entry[] by hash, 0: none */
	size_t slots;		/* a power of two */
	struct entry *entry;	/* from 1 on */
	size_t n;
	unsigned looks;
};

static uint64_t
mix(uint64_t hash, enum match_key key, uint64_t more)
{
	hash = (hash ^ (uint64_t)key << 56 ^ more) *
	    UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t
hash_octets(struct span octets)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	uint8_t octet;

	while (span_u8(&octets, &octet))
		hash = (hash ^ octet) * UINT64_C(0x100000001b3);
	return hash;
}

/* The same for both orders in which a UUID is sent. */
static uint64_t
hash_uuid(const uint8_t *uuid)
{
	struct span octets = { uuid, MATCH_UUID_OCTETS };
	uint8_t swapped[MATCH_UUID_OCTETS];

	pxe_uuid_swapped(octets, swapped);
	return mix(0, MATCH_UUID, hash_octets(octets)) ^
	    mix(0, MATCH_UUID, hash_octets((struct span){ swapped,
	    sizeof(swapped) }));
}

/* How many octets a MAC address has if the others are open; 7: not so. */
static size_t
beginning_of(const struct match_mac *mac)
{
	size_t n = 0;

	while (n < FRAME_MAC && mac->mask[n] == 0xff)
		n++;
	for (size_t i = n; i < FRAME_MAC; i++)
		if (mac->mask[i] != 0)
			return FRAME_MAC + 1;
	return n;
}

/* The hash that equal values have; false where others can cover it too. */
static bool
hash_of(enum match_key key, const struct match_value *value, uint64_t *out)
{
	switch (key) {
	case MATCH_MAC:
		*out = mix(beginning_of(&value->is.mac), key,
		    frame_mac_word(value->is.mac.value));
		return beginning_of(&value->is.mac) <= FRAME_MAC;
	case MATCH_VLAN:
		*out = mix(0, key, value->is.range.low);
		return value->is.range.low == value->is.range.high;
	case MATCH_UUID:
		*out = hash_uuid(value->is.uuid.octets);
		return value->is.uuid.n == MATCH_UUID_OCTETS;
	case MATCH_INTERFACE:
		*out = mix(0, key, hash_octets((struct span){
		    (const uint8_t *)value->is.interface,
		    strlen(value->is.interface) }));
		return true;
	case MATCH_RELAY:
	case MATCH_RELAY_ADDRESS:
	case MATCH_CLIENT_NETWORK:
		*out = mix(value->is.network.mask.s_addr, key,
		    value->is.network.address.s_addr);
		return true;
	case MATCH_USER_CLASS:
		/* That iPXE has it is known without a condition. */
		if (span_equal(value->is.text_or_hex.octets, SPAN_OF("iPXE")))
			return false;
		/* fallthrough */
	case MATCH_CLIENT_ID:
	case MATCH_CIRCUIT_ID:
	case MATCH_REMOTE_ID:
		*out = mix(0, key, hash_octets(value->is.text_or_hex.octets));
		return !value->is.text_or_hex.open;
	default:
		return false;
	}
}

/* The condition that leads to a rule: all of its values have hashes. */
static const struct match *
find_anchor(const struct policy_rule *rule)
{
	for (size_t i = 0; i < rule->n_match; i++) {
		const struct match *match = &rule->match[i];
		uint64_t hash;
		size_t j = 0;

		if (match->negated)
			continue;
		while (j < match->n && hash_of(match->key, &match->value[j],
		    &hash))
			j++;
		if (j == match->n)
			return match;
	}
	return NULL;
}

static void
add(struct earlier *earlier, size_t rule, uint64_t hash)
{
	size_t at = (size_t)hash & (earlier->slots - 1);

	earlier->entry[++earlier->n] = (struct entry){ hash, rule,
	    earlier->first[at] };
	earlier->first[at] = earlier->n;
}

struct earlier *
earlier_make(struct memory *memory, const struct policy_rule *rule, size_t n)
{
	struct earlier *earlier = memory_take(memory, 1, sizeof(*earlier));
	size_t values = 0;

	if (earlier == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const struct match *anchor = find_anchor(&rule[i]);

		values += anchor != NULL ? anchor->n : 0;
	}
	earlier->rule = rule;
	for (earlier->slots = 16; earlier->slots < values;)
		earlier->slots *= 2;
	earlier->wide = memory_take(memory, n, sizeof(*earlier->wide));
	earlier->first = memory_take(memory, earlier->slots,
	    sizeof(*earlier->first));
	earlier->entry = memory_take(memory, values + 1,
	    sizeof(*earlier->entry));
	if (earlier->wide == NULL || earlier->first == NULL ||
	    earlier->entry == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const struct match *anchor = find_anchor(&rule[i]);
		uint64_t hash;

		if (anchor == NULL)
			earlier->wide[earlier->n_wide++] = i;
		for (size_t j = 0; anchor != NULL && j < anchor->n; j++)
			if (hash_of(anchor->key, &anchor->value[j], &hash))
				add(earlier, i, hash);
	}
	return earlier;
}

/* What the search is for. */
struct search {
	struct earlier *earlier;
	size_t before;
	bool (*found)(void *with, size_t earlier);
	void *with;
};

static bool
try_rule(const struct search *search, size_t rule)
{
	struct earlier *earlier = search->earlier;

	if (rule >= search->before || earlier->looks >= LOOKS_MAX)
		return false;
	earlier->looks++;
	return search->found(search->with, rule);
}

static bool
try_hash(const struct search *search, uint64_t hash)
{
	const struct earlier *earlier = search->earlier;
	size_t at = earlier->first[(size_t)hash & (earlier->slots - 1)];

	for (; at != 0; at = earlier->entry[at].next)
		if (earlier->entry[at].hash == hash &&
		    try_rule(search, earlier->entry[at].rule))
			return true;
	return false;
}

/* Each network that this one is in, and itself. */
static bool
try_networks(const struct search *search, enum match_key key,
    struct match_value value)
{
	struct match_network *network = &value.is.network;
	uint32_t mask = ntohl(network->mask.s_addr);
	uint64_t hash;

	for (unsigned length = 0; length <= PREFIX_MAX; length++) {
		if (hash_of(key, &value, &hash) && try_hash(search, hash))
			return true;
		if (mask == 0)
			break;
		mask <<= 1;
		network->mask.s_addr = htonl(mask);
		network->address.s_addr &= network->mask.s_addr;
	}
	return false;
}

/* Each beginning of this MAC address, and itself. */
static bool
try_beginnings(const struct search *search, struct match_value value)
{
	struct match_mac *mac = &value.is.mac;
	uint64_t hash;

	for (size_t n = FRAME_MAC;; n--) {
		if (hash_of(MATCH_MAC, &value, &hash) &&
		    try_hash(search, hash))
			return true;
		if (n == 0)
			break;
		mac->mask[n - 1] = 0;
		mac->value[n - 1] = 0;
	}
	return false;
}

/*
 * Who takes all that a condition lets in takes what its first value lets in.
 */
static bool
try_condition(const struct search *search, const struct match *match)
{
	uint64_t hash;

	if (match->negated || match->n == 0)
		return false;
	if (match->key == MATCH_RELAY || match->key == MATCH_RELAY_ADDRESS ||
	    match->key == MATCH_CLIENT_NETWORK)
		return try_networks(search, match->key, match->value[0]);
	if (match->key == MATCH_MAC)
		return try_beginnings(search, match->value[0]);
	return hash_of(match->key, &match->value[0], &hash) &&
	    try_hash(search, hash);
}

bool
earlier_gave_up(const struct earlier *earlier)
{
	return earlier->looks >= LOOKS_MAX;
}

bool
earlier_find(struct earlier *earlier, size_t i,
    bool (*found)(void *with, size_t earlier), void *with)
{
	const struct search search = { earlier, i, found, with };
	const struct policy_rule *rule = &earlier->rule[i];

	for (size_t j = 0; j < earlier->n_wide && earlier->wide[j] < i; j++)
		if (try_rule(&search, earlier->wide[j]))
			return true;
	for (size_t j = 0; j < rule->n_match; j++)
		if (try_condition(&search, &rule->match[j]))
			return true;
	return false;
}
