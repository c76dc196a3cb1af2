#include "config/hosts_file.h"
#include "fuzz/fuzz_file.h"

#include <string.h>

/*
 * fuzz_hosts.c - any octets as a table of hosts.
 *
 * Each host that is taken has a sound file or none, and is found; what is refused was
 * complained about.
 */

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
look_at(const struct hosts_table *hosts, const struct hosts_entry *host)
{
	fuzz_insist(host->n == FRAME_MAC || host->n == HOSTS_KEY_MAX,
	    "a key that is neither a MAC address nor a UUID");
	fuzz_insist(host->file == NULL || (host->file[0] != '\0' &&
	    strlen(host->file) < 255), "a host without a sound file");
	fuzz_insist(!host->ignore || (host->file == NULL &&
	    !host->has_next_server), "a host that is ignored, and more");
	fuzz_insist(hosts_by_key(hosts, (struct span){ host->key,
	    host->n }) == host, "a host that is not found");
}

static void
try_hosts(const char *path, const struct problem_teller *teller,
    const unsigned *errors)
{
	static char text[] = "hosts-file = c";
	const struct source by = { .path = "by", .text = text,
	    .n = sizeof(text) - 1 };
	const struct place named = { &by, 1, 14, 0 };
	struct problems problems = { .teller = *teller };
	const struct hosts_table *hosts = hosts_file_read(path, &named, &problems);
	size_t free_slots = 0;

	fuzz_insist((*errors > 0) == (hosts == NULL),
	    "no complaint about what was refused");
	if (hosts == NULL)
		return;
	for (size_t i = 0; i < hosts->slots; i++) {
		if (hosts->slot[i].n == 0)
			free_slots++;
		else
			look_at(hosts, &hosts->slot[i]);
	}
	fuzz_insist(free_slots > 0, "no end of a search");
	hosts_file_free(hosts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	fuzz_file(octets, n, try_hosts);
	return 0;
}
