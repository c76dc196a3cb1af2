#ifndef CLIENTS_H
#define CLIENTS_H

#include "core/responder.h"

#include <time.h>

/*
 * clients.h - the clients that asked last, and how far each of them got.
 *
 * Of fixed size: a new client takes the place of the one that was silent for
 * the longest time.
 */

enum { CLIENTS_MAX = 256 };

enum client_progress {
	CLIENT_REFUSED,		/* no answer so far */
	CLIENT_OFFERED,		/* got an OFFER */
	CLIENT_ASKED_4011,	/* and then an ACK on port 4011 */
};

struct client {
	struct timespec when;		/* its last request */
	uint8_t mac[DHCP_CHADDR];
	uint8_t n;			/* octets of it */
	bool has_uuid, has_arch;
	uint8_t uuid[MATCH_UUID_OCTETS];
	uint16_t arch;
	const char *interface;
	enum verdict verdict;		/* the last one */
	enum client_progress progress;
	/* What it was given last, where progress says that it was. */
	enum form form;
	struct in_addr next_server;
	char file[POLICY_FILE_MAX + 1];
	unsigned long long requests;

	/* The table's own: places in it, CLIENTS_MAX for none. */
	uint16_t newer, older, next;
};

struct clients {
	struct client client[CLIENTS_MAX];
	uint16_t bucket[CLIENTS_MAX];
	uint16_t newest, oldest;
	unsigned n;
};

void clients_open(struct clients *clients);

/*
 * Remember the request of a boot client, answered or refused; others are not
 * remembered.  interface is borrowed for good.
 */
void clients_add(struct clients *clients, const char *interface,
    struct timespec when, const struct responder_exchange *exchange);

/* From the newest (NULL: that one) to the next older one; NULL at the end. */
const struct client *clients_older(const struct clients *clients,
    const struct client *client);

/* Such as "offered". */
const char *clients_progress(enum client_progress progress);

#endif
