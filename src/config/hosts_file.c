#include "config/hosts_file.h"

#include "config/value.h"

#include <errno.h>
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
	struct source source;	/* of the file; its words are NUL-terminated */
	struct problems *problems;	/* only while lines are read */
};

/* A line that is being read. */
struct line {
	struct place place;
	char *end;		/* the line feed that became a NUL, or NULL */
	char *word[WORDS];
	unsigned n;
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
	size_t lines = count_lines(table->source.text), slots = SLOTS_MIN;

	while (slots / 2 <= lines && slots <= SIZE_MAX / 4)
		slots *= 2;
	table->slot = calloc(slots, sizeof(*table->slot));
	table->name = calloc(slots, sizeof(*table->name));
	table->hosts.slot = table->slot;
	table->hosts.slots = slots;
	return table->slot != NULL && table->name != NULL;
}

/* An error at a word of the line. */
static bool
fail(struct table *table, struct line *line, const char *word,
    const char *fault)
{
	const char *start = table->source.text + line->place.start;

	line->place.column = 1;
	for (const char *c = start; c < word; c++)
		line->place.column += ((unsigned char)*c & 0xc0) != 0x80;
	/* The line is shown, and not the next one behind it. */
	if (line->end != NULL)
		*line->end = '\n';
	problem_error(table->problems, &line->place, "%s", fault);
	if (line->end != NULL)
		*line->end = '\0';
	return false;
}

/* Split a line at blanks; false where it has too many words. */
static bool
split(struct table *table, char *text, struct line *line)
{
	char *rest = text, *next;

	line->n = 0;
	while ((next = strsep(&rest, " \t\r")) != NULL) {
		if (*next == '#')
			break;
		if (*next == '\0')
			continue;
		if (line->n == WORDS)
			return fail(table, line, next,
			    "the line has more than three words");
		line->word[line->n++] = next;
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

/* false: the line is wrong, and that was told. */
static bool
read_line(struct table *table, char *text, struct line *line)
{
	uint32_t number = line->place.line < HOSTS_LINE_MAX ?
	    line->place.line : HOSTS_LINE_MAX;
	struct hosts_entry host = { .line = number & HOSTS_LINE_MAX };
	const char *fault;

	if (!split(table, text, line))
		return false;
	if (line->n == 0)
		return true;
	if ((fault = read_key(line->word[0], &host)) != NULL)
		return fail(table, line, line->word[0], fault);
	host.ignore = line->n > 1 && strcmp(line->word[1], "ignore") == 0;
	if (host.ignore && line->n > 2)
		return fail(table, line, line->word[2],
		    "a machine that is ignored gets nothing");
	if (line->n > 1 && !host.ignore) {
		if (value_file(line->word[1]) != NULL)
			return fail(table, line, line->word[1], "the boot "
			    "file name is too long or has a variable that "
			    "does not exist");
		host.file = shared_name(table, line->word[1]);
	}
	if (line->n == WORDS) {
		if (value_address(line->word[2], &host.next_server) != NULL)
			return fail(table, line, line->word[2],
			    "the next-server is not an IPv4 address");
		host.has_next_server = true;
	}
	if ((fault = add(table, &host)) != NULL)
		return fail(table, line, line->word[0], fault);
	return true;
}

static bool
read_lines(struct table *table)
{
	char *rest = table->source.text, *text;
	struct line line = { .place = { &table->source, 0, 1, 0 } };
	bool sound = true;

	while ((text = strsep(&rest, "\n")) != NULL) {
		line.place.line++;
		line.place.start = (uint32_t)(text - table->source.text);
		line.end = rest != NULL ? rest - 1 : NULL;
		if (read_line(table, text, &line))
			continue;
		sound = false;
		if (table->problems->errors > PROBLEMS_TOLD)
			break;
	}
	return sound;
}

static void
free_table(struct table *table)
{
	free(table->name);
	free(table->slot);
	free(table->source.text);
	free(table);
}

/* A table with the file's text and room for its hosts; NULL, and errno. */
static struct table *
make_table(const char *path, bool *has_nul)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->source.path = path;
	table->source.text = read_all(path, has_nul);
	if (table->source.text != NULL) {
		table->source.n = strlen(table->source.text);
		errno = EFBIG;
		if (table->source.n < UINT32_MAX && make_slots(table))
			return table;
	}
	free_table(table);
	return NULL;
}

const struct hosts_table *
hosts_file_read(const char *path, const struct place *named,
    struct problems *problems)
{
	bool has_nul = false, sound = false;
	struct table *table = make_table(path, &has_nul);
	struct place end;

	if (table == NULL) {
		if (errno == ENOMEM)
			problem_plain(problems, PROBLEM_ERROR, "%.300s: %s",
			    path, strerror(errno));
		else
			problem_error(problems, named, "%.300s: %s", path,
			    strerror(errno));
		return NULL;
	}
	table->problems = problems;
	end = source_end(&table->source);
	if (has_nul)
		problem_error(problems, &end,
		    "a NUL octet, which no text has");
	else
		sound = read_lines(table);
	if (!sound) {
		free_table(table);
		return NULL;
	}
	free(table->name);
	table->name = NULL;
	table->problems = NULL;
	table->source.path = NULL;
	table->hosts.path = path;
	return (const struct hosts_table *)table;
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
