#include "report/clients.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = CLIENTS_MAX };

void
clients_open(struct clients *clients)
{
	clients->n = 0;
	clients->newest = clients->oldest = NONE;
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		clients->bucket[i] = NONE;
}

void
clients_close(struct clients *clients)
{
	for (unsigned i = 0; i < clients->n; i++)
		free(clients->entry[i].file);
	clients->n = 0;
}

static size_t
hash_of(const uint8_t *mac, size_t n)
{
	return span_hash((struct span){ mac, n }) % CLIENTS_MAX;
}

static uint16_t *
bucket_of(struct clients *clients, const uint8_t *mac, size_t n)
{
	return &clients->bucket[hash_of(mac, n)];
}

static void
unlink_from_bucket(struct clients *clients, uint16_t at)
{
	struct clients_entry *entry = &clients->entry[at];
	uint16_t *link = bucket_of(clients, entry->mac, entry->n);

	while (*link != at)
		link = &clients->entry[*link].next;
	*link = entry->next;
}

static void
unlink_from_age(struct clients *clients, uint16_t at)
{
	struct clients_entry *entry = &clients->entry[at];

	if (entry->newer != NONE)
		clients->entry[entry->newer].older = entry->older;
	else
		clients->newest = entry->older;
	if (entry->older != NONE)
		clients->entry[entry->older].newer = entry->newer;
	else
		clients->oldest = entry->newer;
}

static void
make_newest(struct clients *clients, uint16_t at)
{
	struct clients_entry *entry = &clients->entry[at];

	entry->newer = NONE;
	entry->older = clients->newest;
	if (entry->older != NONE)
		clients->entry[entry->older].newer = at;
	else
		clients->oldest = at;
	clients->newest = at;
}

static uint16_t
find(const struct clients *clients, const uint8_t *mac, size_t n)
{
	uint16_t at = clients->bucket[hash_of(mac, n)];

	while (at != NONE && (clients->entry[at].n != n ||
	    memcmp(clients->entry[at].mac, mac, n) != 0))
		at = clients->entry[at].next;
	return at;
}

/* A place for a new machine. */
static uint16_t
take_place(struct clients *clients, const uint8_t *mac, uint8_t n)
{
	uint16_t at = (uint16_t)clients->n, *bucket;
	struct clients_entry *entry;

	if (clients->n < CLIENTS_MAX) {
		clients->n++;
	} else {
		at = clients->oldest;
		unlink_from_bucket(clients, at);
		unlink_from_age(clients, at);
		free(clients->entry[at].file);
	}
	entry = &clients->entry[at];
	*entry = (struct clients_entry){ .n = n };
	memcpy(entry->mac, mac, n);
	bucket = bucket_of(clients, entry->mac, entry->n);
	entry->next = *bucket;
	*bucket = at;
	return at;
}

/*
 * gcc's analyzer does not follow the entries of a table: it takes what they own
 * for lost at the end of each function.
 */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 10
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* Keep a copy of the name; most machines ask for the same file each time. */
static void
keep_file(char **kept, const char *file)
{
	if (*kept != NULL && strcmp(*kept, file) == 0)
		return;
	free(*kept);
	*kept = strdup(file);
}

static void
note_gift(struct clients_entry *entry, const struct responder_exchange *x)
{
	entry->progress = x->verdict == VERDICT_ACK ? CLIENTS_ASKED_4011 :
	    CLIENTS_OFFERED;
	entry->form = x->decision.form;
	entry->next_server = x->decision.next_server;
	keep_file(&entry->file, x->decision.file);
}

void
clients_add(struct clients *clients, const char *interface,
    struct timespec when, const struct responder_exchange *x)
{
	struct clients_entry *entry;
	struct span uuid;
	uint16_t at;

	if (x->step < RESPONDER_RULE)
		return;
	if ((at = find(clients, x->dhcp.chaddr, x->dhcp.hlen)) != NONE)
		unlink_from_age(clients, at);
	else
		at = take_place(clients, x->dhcp.chaddr, x->dhcp.hlen);
	make_newest(clients, at);
	entry = &clients->entry[at];
	entry->when = when;
	entry->requests++;
	entry->interface = interface;
	entry->has_arch = x->request.has_arch;
	entry->arch = x->request.arch;
	entry->has_uuid = pxe_uuid(&x->request, &uuid) &&
	    span_copy(&uuid, sizeof(entry->uuid), entry->uuid);
	entry->verdict = x->verdict;
	if (verdict_answered(x->verdict))
		note_gift(entry, x);
}

const struct clients_entry *
clients_find(const struct clients *clients, const uint8_t *mac, size_t n)
{
	uint16_t at = find(clients, mac, n);

	return at == NONE ? NULL : &clients->entry[at];
}

const struct clients_entry *
clients_older(const struct clients *clients, const struct clients_entry *entry)
{
	uint16_t at = entry == NULL ? clients->newest : entry->older;

	return at == NONE ? NULL : &clients->entry[at];
}

static const struct {
	const char *name, *sentence;
} progress_table[] = {
	[CLIENTS_REFUSED] = { "refused", "no answer so far" },
	[CLIENTS_OFFERED] = { "offered", "got an OFFER" },
	[CLIENTS_ASKED_4011] = { "asked-4011", "got its file on port 4011" },
};

const char *
clients_progress_name(enum clients_progress progress)
{
	return progress_table[progress].name;
}

const char *
clients_progress_sentence(enum clients_progress progress)
{
	return progress_table[progress].sentence;
}
