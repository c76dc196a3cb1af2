#ifndef HOSTS_H
#define HOSTS_H

#include "core/pxe.h"

/*
 * hosts.h - a table of single machines, looked up in constant time.
 *
 * Pure: the table is const, and hosts_file.h fills it from a file.
 */

enum {
	HOSTS_KEY_MAX = PXE_UUID_OCTETS,
	HOSTS_LINE_MAX = 0xffffff,
};

struct hosts_entry {
	uint8_t key[HOSTS_KEY_MAX];	/* MAC address or UUID */
	uint32_t line : 24;		/* of the file, or the highest number */
	uint32_t n : 5;			/* octets of the key: 6 or 16; 0: free */
	bool has_next_server : 1;
	bool ignore : 1;		/* do not answer this machine */
	struct in_addr next_server;
	const char *file;		/* NULL: the rule's */
};

/*
 * A hash table with open addressing: a host is in the first free slot from
 * the one that its hash names.  At least one slot is free.
 */
struct hosts_table {
	const struct hosts_entry *slot;
	size_t slots;			/* a power of two */
	bool has_uuids;			/* a key that is one */
	const char *path;		/* of the file, for reports */
};

/* Where the search for this key begins. */
size_t hosts_start(const struct hosts_table *hosts, struct span key);

/* The row with this key, or NULL. */
const struct hosts_entry *hosts_by_key(const struct hosts_table *hosts,
    struct span key);

/*
 * The client's row, by its MAC address or else its UUID, in the order of the
 * wire or else with its first three fields swapped; or NULL.
 */
const struct hosts_entry *hosts_find(const struct hosts_table *hosts,
    const struct pxe_request *request);

#endif
