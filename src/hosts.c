#include "hosts.h"

/* FNV-1a, 64 bits; folded, because its high bits are the better ones. */
static uint64_t
hash(struct span key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	uint8_t octet;

	while (span_u8(&key, &octet))
		hash = (hash ^ octet) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

size_t
hosts_start(const struct hosts *hosts, struct span key)
{
	return (size_t)(hash(key) & (hosts->slots - 1));
}

const struct host *
hosts_by_key(const struct hosts *hosts, struct span key)
{
	size_t at = hosts_start(hosts, key);

	while (hosts->slot[at].n != 0) {
		const struct host *host = &hosts->slot[at];

		if (span_equal((struct span){ host->key, host->n }, key))
			return host;
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
