#include "core/hosts.h"

/* A key as it is compared, a MAC address or a UUID; zeros for others. */
struct key {
	uint64_t word[HOSTS_KEY_MAX / sizeof(uint64_t)];
};

static struct key
key_of(const uint8_t *octets, size_t n)
{
	struct key key = { { 0 } };

	if (n == FRAME_MAC)
		key.word[0] = frame_mac_word(octets);
	else if (n == sizeof(key.word))
		memcpy(key.word, octets, sizeof(key.word));
	return key;
}

static bool
has_key(const struct host *host, struct key key, size_t n)
{
	struct key its = key_of(host->key, host->n);

	return host->n == n && its.word[0] == key.word[0] &&
	    its.word[1] == key.word[1];
}

/*
 * Multiplied by odd numbers without a pattern, and folded in between: a
 * product's high bits depend on all octets, its low ones on few.
 */
static uint64_t
hash(struct key key)
{
	uint64_t hash = (key.word[0] ^ key.word[1] *
	    UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xd6e8feb86659fd93);

	hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return hash ^ hash >> 32;
}

static size_t
start(const struct hosts *hosts, struct key key)
{
	return (size_t)(hash(key) & (hosts->slots - 1));
}

size_t
hosts_start(const struct hosts *hosts, struct span key)
{
	return start(hosts, key_of(key.p, key.n));
}

const struct host *
hosts_by_key(const struct hosts *hosts, struct span octets)
{
	struct key key = key_of(octets.p, octets.n);
	size_t at = start(hosts, key);

	while (hosts->slot[at].n != 0) {
		if (has_key(&hosts->slot[at], key, octets.n))
			return &hosts->slot[at];
		at = (at + 1) & (hosts->slots - 1);
	}
	return NULL;
}

/* As it is on the wire, or else with its first fields swapped. */
static const struct host *
by_uuid(const struct hosts *hosts, struct span uuid)
{
	const struct host *host = hosts_by_key(hosts, uuid);
	uint8_t swapped[HOSTS_KEY_MAX];

	if (host != NULL)
		return host;
	pxe_uuid_swapped(uuid, swapped);
	return hosts_by_key(hosts,
	    (struct span){ swapped, sizeof(swapped) });
}

const struct host *
hosts_find(const struct hosts *hosts, const struct pxe_request *request)
{
	const struct dhcp *dhcp = request->dhcp;
	const struct host *host = NULL;
	struct span uuid;

	if (dhcp->hlen == FRAME_MAC)
		host = hosts_by_key(hosts,
		    (struct span){ dhcp->chaddr, FRAME_MAC });
	if (host == NULL && hosts->has_uuids && pxe_uuid(request, &uuid))
		host = by_uuid(hosts, uuid);
	return host;
}
