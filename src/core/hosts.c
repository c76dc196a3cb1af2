#include "core/hosts.h"

static bool
has_key(const struct hosts_entry *host, struct span key)
{
	return span_equal((struct span){ host->key, host->n }, key);
}

size_t
hosts_start(const struct hosts_table *hosts, struct span key)
{
	return (size_t)(span_hash(key) & (hosts->slots - 1));
}

const struct hosts_entry *
hosts_by_key(const struct hosts_table *hosts, struct span key)
{
	size_t at = hosts_start(hosts, key);

	while (hosts->slot[at].n != 0) {
		if (has_key(&hosts->slot[at], key))
			return &hosts->slot[at];
		at = (at + 1) & (hosts->slots - 1);
	}
	return NULL;
}

/* As it is on the wire, or else with its first fields swapped. */
static const struct hosts_entry *
by_uuid(const struct hosts_table *hosts, struct span uuid)
{
	const struct hosts_entry *host = hosts_by_key(hosts, uuid);
	uint8_t swapped[HOSTS_KEY_MAX];

	if (host != NULL)
		return host;
	pxe_uuid_swapped(uuid, swapped);
	return hosts_by_key(hosts,
	    (struct span){ swapped, sizeof(swapped) });
}

const struct hosts_entry *
hosts_find(const struct hosts_table *hosts, const struct pxe_request *request)
{
	const struct dhcp *dhcp = request->dhcp;
	const struct hosts_entry *host = NULL;
	struct span uuid;

	if (dhcp->hlen == FRAME_MAC)
		host = hosts_by_key(hosts,
		    (struct span){ dhcp->chaddr, FRAME_MAC });
	if (host == NULL && hosts->has_uuids && pxe_uuid(request, &uuid))
		host = by_uuid(hosts, uuid);
	return host;
}
