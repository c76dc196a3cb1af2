#include "report/clients.h"

enum { NONE = CLIENTS_MAX };

void
clients_open(struct clients *clients)
{
	clients->n = 0;
	clients->newest = clients->oldest = NONE;
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		clients->bucket[i] = NONE;
}

/* The last octets tell machines of one make apart. */
static uint16_t *
bucket_of(struct clients *clients, const uint8_t *mac, size_t n)
{
	unsigned hash = 0;

	for (size_t i = 0; i < n; i++)
		hash = hash * 31 + mac[i];
	return &clients->bucket[(hash ^ hash >> 8) % CLIENTS_MAX];
}

static void
unlink_from_bucket(struct clients *clients, uint16_t at)
{
	struct client *client = &clients->client[at];
	uint16_t *link = bucket_of(clients, client->mac, client->n);

	while (*link != at)
		link = &clients->client[*link].next;
	*link = client->next;
}

static void
unlink_from_age(struct clients *clients, uint16_t at)
{
	struct client *client = &clients->client[at];

	if (client->newer != NONE)
		clients->client[client->newer].older = client->older;
	else
		clients->newest = client->older;
	if (client->older != NONE)
		clients->client[client->older].newer = client->newer;
	else
		clients->oldest = client->newer;
}

static void
make_newest(struct clients *clients, uint16_t at)
{
	struct client *client = &clients->client[at];

	client->newer = NONE;
	client->older = clients->newest;
	if (client->older != NONE)
		clients->client[client->older].newer = at;
	else
		clients->oldest = at;
	clients->newest = at;
}

static uint16_t
find(struct clients *clients, const uint8_t *mac, uint8_t n)
{
	uint16_t at = *bucket_of(clients, mac, n);

	while (at != NONE && (clients->client[at].n != n ||
	    memcmp(clients->client[at].mac, mac, n) != 0))
		at = clients->client[at].next;
	return at;
}

/* A place for a new client. */
static uint16_t
take_place(struct clients *clients, const uint8_t *mac, uint8_t n)
{
	uint16_t at = (uint16_t)clients->n, *bucket;
	struct client *client;

	if (clients->n < CLIENTS_MAX) {
		clients->n++;
	} else {
		at = clients->oldest;
		unlink_from_bucket(clients, at);
		unlink_from_age(clients, at);
	}
	client = &clients->client[at];
	*client = (struct client){ .n = n };
	memcpy(client->mac, mac, n);
	bucket = bucket_of(clients, client->mac, client->n);
	client->next = *bucket;
	*bucket = at;
	return at;
}

static void
note_gift(struct client *client, const struct responder_exchange *x)
{
	client->progress = x->verdict == VERDICT_ACK ? CLIENT_ASKED_4011 :
	    CLIENT_OFFERED;
	client->form = x->decision.form;
	client->next_server = x->decision.next_server;
	memcpy(client->file, x->decision.file, x->decision.n);
	client->file[x->decision.n] = '\0';
}

void
clients_add(struct clients *clients, const char *interface,
    struct timespec when, const struct responder_exchange *x)
{
	struct client *client;
	struct span uuid;
	uint16_t at;

	if (x->step < RESPONDER_RULE)
		return;
	if ((at = find(clients, x->dhcp.chaddr, x->dhcp.hlen)) != NONE)
		unlink_from_age(clients, at);
	else
		at = take_place(clients, x->dhcp.chaddr, x->dhcp.hlen);
	make_newest(clients, at);
	client = &clients->client[at];
	client->when = when;
	client->requests++;
	client->interface = interface;
	client->has_arch = x->request.has_arch;
	client->arch = x->request.arch;
	client->has_uuid = pxe_uuid(&x->request, &uuid) &&
	    span_copy(&uuid, sizeof(client->uuid), client->uuid);
	client->verdict = x->verdict;
	if (verdict_answered(x->verdict))
		note_gift(client, x);
}

const struct client *
clients_older(const struct clients *clients, const struct client *client)
{
	uint16_t at = client == NULL ? clients->newest : client->older;

	return at == NONE ? NULL : &clients->client[at];
}

const char *
clients_progress(enum client_progress progress)
{
	static const char *const names[] = {
		[CLIENT_REFUSED] = "refused",
		[CLIENT_OFFERED] = "offered",
		[CLIENT_ASKED_4011] = "asked-4011",
	};

	return names[progress];
}
