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

/* It comes between two neighbours, of which either may be NONE. */
static void
link_into_age(struct clients *clients, uint16_t at, uint16_t newer,
    uint16_t older)
{
	struct client *client = &clients->client[at];

	client->newer = newer;
	client->older = older;
	if (newer != NONE)
		clients->client[newer].older = at;
	else
		clients->newest = at;
	if (older != NONE)
		clients->client[older].newer = at;
	else
		clients->oldest = at;
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
note_gift(struct client *client, const struct exchange *x)
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
    struct timespec when, const struct exchange *x)
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
	link_into_age(clients, at, NONE, clients->newest);
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

static bool
is_older(const struct client *a, const struct client *b)
{
	return a->when.tv_sec < b->when.tv_sec ||
	    (a->when.tv_sec == b->when.tv_sec &&
	    a->when.tv_nsec < b->when.tv_nsec);
}

/* What the other one knows, if that is later; and the requests of both. */
static void
unite(struct client *client, const struct client *other)
{
	struct client united = is_older(client, other) ? *other : *client;

	united.requests = client->requests + other->requests;
	united.next = client->next;
	*client = united;
}

static void
take_in(struct clients *clients, const struct client *other)
{
	uint16_t at = find(clients, other->mac, other->n), newer = NONE,
	    older;

	if (at == NONE && clients->n == CLIENTS_MAX &&
	    is_older(other, &clients->client[clients->oldest]))
		return;
	if (at != NONE)
		unlink_from_age(clients, at);
	else
		at = take_place(clients, other->mac, other->n);
	unite(&clients->client[at], other);
	for (older = clients->newest; older != NONE &&
	    is_older(&clients->client[at], &clients->client[older]);
	    older = clients->client[older].older)
		newer = older;
	link_into_age(clients, at, newer, older);
}

void
clients_join(struct clients *clients, const struct clients *others)
{
	for (const struct client *other = NULL;
	    (other = clients_older(others, other)) != NULL;)
		take_in(clients, other);
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
