#ifndef CLIENTS_H
#define CLIENTS_H

#include "core/responder.h"

#include <time.h>

/*
 * clients.h - the machines that asked last, and how far each of them got.
 *
 * Of fixed size but for the names of boot files: a new machine takes the place
 * of the one that was silent for the longest time.
 */

enum { CLIENTS_MAX = 1024 };

enum clients_progress {
	CLIENTS_REFUSED,	/* no answer so far */
	CLIENTS_OFFERED,	/* got an OFFER */
	CLIENTS_ASKED_4011,	/* and then an ACK on port 4011 */
};

struct clients_entry {
	struct timespec when;		/* its last request */
	const char *interface;
	unsigned long long requests;
	enum verdict verdict;		/* the last one */
	enum clients_progress progress;
	uint8_t mac[DHCP_CHADDR];
	uint8_t uuid[MATCH_UUID_OCTETS];
	uint8_t n;			/* octets of the MAC address */
	bool has_uuid, has_arch;
	uint16_t arch;
	/* What it was given last, where progress says that it was. */
	enum form form;
	struct in_addr next_server;
	char *file;			/* NULL: there was no memory for it */

	/* The table's own: places in it, CLIENTS_MAX for none. */
	uint16_t newer, older, next;
};

struct clients {
	struct clients_entry entry[CLIENTS_MAX];
	uint16_t bucket[CLIENTS_MAX];
	uint16_t newest, oldest;
	unsigned n;
};

void clients_open(struct clients *clients);
void clients_close(struct clients *clients);

/*
 * Remember the request of a boot client, answered or refused; others are not
 * remembered.  interface is borrowed for good.
 */
void clients_add(struct clients *clients, const char *interface,
    struct timespec when, const struct responder_exchange *exchange);

/* The entry of a MAC address of n octets, or NULL. */
const struct clients_entry *clients_find(const struct clients *clients,
    const uint8_t *mac, size_t n);

/* From the newest (NULL: that one) to the next older one; NULL at the end. */
const struct clients_entry *clients_older(const struct clients *clients,
    const struct clients_entry *entry);

/* A stable word, such as "offered"; and the same as a sentence. */
const char *clients_progress_name(enum clients_progress progress);
const char *clients_progress_sentence(enum clients_progress progress);

#endif
