#include "config/hosts_file.h"

#include "report/log.h"
#include "config/value.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS_MIN = 16,
	WORDS = 3,		/* key, file, next-server */
};

/* The table and all that it borrows, in one piece to free. */
struct table {
	struct hosts_table hosts;	/* first: a table is known by its
					 * address */
	struct hosts_entry *slot;
	size_t n;		/* hosts in it */
	const char **name;	/* boot file names, each once; only while
				 * lines are read */
	char *text;		/* of the file; the words are NUL-terminated */
};

/*
 * The file up to its end, or up to the first NUL in it, with a NUL behind;
 * NULL and errno.
 */
static char *
read_all(const char *path, bool *has_nul)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	ssize_t n;

	if (in == NULL)
		return NULL;
	n = getdelim(&text, &room, '\0', in);
	*has_nul = n > 0 && text[n - 1] == '\0';
	if (n < 0) {
		free(text);
		/* Nothing in it; or an error, such as too little memory. */
		text = feof(in) ? strdup("") : NULL;
	}
	(void)fclose(in);
	return text;
}

static size_t
count_lines(const char *text)
{
	size_t n = 1;

	while ((text = strchr(text, '\n')) != NULL) {
		n++;
		text++;
	}
	return n;
}

/*
 * At most half full, so that searches are short.  For so many lines that there
 * is no such number there is no such memory either.
 */
static bool
make_slots(struct table *table)
{
	size_t lines = count_lines(table->text), slots = SLOTS_MIN;

	while (slots / 2 <= lines && slots <= SIZE_MAX / 4)
		slots *= 2;
	table->slot = calloc(slots, sizeof(*table->slot));
	table->name = calloc(slots, sizeof(*table->name));
	table->hosts.slot = table->slot;
	table->hosts.slots = slots;
	return table->slot != NULL && table->name != NULL;
}

/* Split a line at blanks; false where it has too many words. */
static bool
split(char *line, char *word[WORDS], unsigned *n)
{
	char *rest = line, *next;

	*n = 0;
	while ((next = strsep(&rest, " \t\r")) != NULL) {
		if (*next == '#')
			break;
		if (*next == '\0')
			continue;
		if (*n == WORDS)
			return false;
		word[(*n)++] = next;
	}
	return true;
}

static const char *
read_key(const char *text, struct hosts_entry *out)
{
	struct match_mac mac;

	if (value_uuid(text, out->key) == NULL) {
		out->n = MATCH_UUID_OCTETS;
		return NULL;
	}
	if (value_mac(text, &mac) != NULL ||
	    memchr(mac.mask, 0, sizeof(mac.mask)) != NULL)
		return "the line begins neither with a MAC address nor with "
		    "a UUID";
	memset(out->key, 0, sizeof(out->key));
	memcpy(out->key, mac.value, sizeof(mac.value));
	out->n = FRAME_MAC;
	return NULL;
}

/*
 * The first of the names that equal this one.  Machines share boot files, and
 * a name that others use is in the processor's cache when it is needed.
 */
static const char *
shared_name(struct table *table, const char *name)
{
	size_t at = 5381;

	for (const char *c = name; *c != '\0'; c++)
		at = at * 33 + (unsigned char)*c;
	for (at &= table->hosts.slots - 1; table->name[at] != NULL;
	    at = (at + 1) & (table->hosts.slots - 1))
		if (strcmp(table->name[at], name) == 0)
			return table->name[at];
	return table->name[at] = name;
}

static const char *
add(struct table *table, const struct hosts_entry *host)
{
	struct span key = { host->key, host->n };
	size_t at = hosts_start(&table->hosts, key);

	if (hosts_by_key(&table->hosts, key) != NULL)
		return "the host is in the table already";
	while (table->slot[at].n != 0)
		at = (at + 1) & (table->hosts.slots - 1);
	table->slot[at] = *host;
	if (host->n == MATCH_UUID_OCTETS)
		table->hosts.has_uuids = true;
	table->n++;
	return NULL;
}

/* What is wrong with a line, or NULL. */
static const char *
read_line(struct table *table, char *line)
{
	struct hosts_entry host = { 0 };
	char *word[WORDS];
	unsigned n;
	const char *fault;

	if (!split(line, word, &n))
		return "the line has more than three words";
	if (n == 0)
		return NULL;
	if (n == 1)
		return "the line has no boot file name";
	if ((fault = read_key(word[0], &host)) != NULL)
		return fault;
	if (value_file(word[1]) != NULL)
		return "the boot file name is too long or has a variable "
		    "that does not exist";
	host.file = shared_name(table, word[1]);
	if (n == WORDS) {
		if (value_address(word[2], &host.next_server) != NULL)
			return "the next-server is not an IPv4 address";
		host.has_next_server = true;
	}
	return add(table, &host);
}

static bool
read_lines(struct table *table, const char *path)
{
	char *rest = table->text, *line;
	const char *fault;

	for (unsigned long n = 1; (line = strsep(&rest, "\n")) != NULL; n++) {
		if ((fault = read_line(table, line)) != NULL) {
			log_error("%s:%lu: %s", path, n, fault);
			return false;
		}
	}
	return true;
}

static void
free_table(struct table *table)
{
	free(table->name);
	free(table->slot);
	free(table->text);
	free(table);
}

const struct hosts_table *
hosts_file_read(const char *path)
{
	struct table *table = calloc(1, sizeof(*table));
	bool has_nul;

	if (table == NULL ||
	    (table->text = read_all(path, &has_nul)) == NULL ||
	    !make_slots(table)) {
		log_errno("%s", path);
		goto fail;
	}
	if (has_nul) {
		log_error("%s:%zu: a NUL octet, which no text has", path,
		    count_lines(table->text));
		goto fail;
	}
	if (read_lines(table, path)) {
		free(table->name);
		table->name = NULL;
		return (const struct hosts_table *)table;
	}
fail:
	if (table != NULL)
		free_table(table);
	return NULL;
}

void
hosts_file_free(const struct hosts_table *hosts)
{
	union {
		const struct hosts_table *borrowed;
		struct table *owned;
	} table = { hosts };

	free_table(table.owned);
}
