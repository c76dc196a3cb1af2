#include "config/keys.h"

#include "config/nearest.h"
#include "config/value.h"
#include "core/template.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	DELAY_MAX = 3000,	/* milliseconds: clients wait 4 s and less */
	TIMEOUT_MAX = 255,	/* an octet: no time-out at all */
	RATE_MAX = 10000000,
	RING_MIN = 1 << 20,	/* octets */
	RING_MAX = 1 << 30,
	NOT_OCTETS = 4,		/* of "not-" */
	KEY_OCTETS = 32,	/* of "not-" and a key */
	SHOWN = 100,		/* octets of a value, in a problem */
	VALUES_MAX = 1000000,	/* of a condition, with those of sets */
};

struct key;

/* What the reader of a value gets. */
struct job {
	const struct keys_reader *reader;
	const struct key *key;
	const struct parser_node *node;
	struct keys_section *section;
	void *field;
};

struct key {
	const char *name;
	unsigned long in;	/* enum keys_place */
	void (*read)(struct job *job);
	size_t field;		/* of struct keys_section */
	bool is_list, has_variables;
	unsigned long least, most;
};

/*
 * Problems.
 */

static void
fault_value(struct job *job, const struct parser_value *value,
    const char *fault, const char *meant)
{
	job->section->is_faulty = true;
	problem_error(job->reader->problems, &value->place,
	    "%s \"%.*s\" %s%s%s%s", job->node->name, SHOWN, value->text,
	    fault, meant != NULL ? ": did you mean \"" : "",
	    meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
}

static void
fault_node(const struct keys_reader *reader, struct keys_section *section,
    const struct parser_node *node, const char *fault)
{
	section->is_faulty = true;
	problem_error(reader->problems, &node->place, "%.*s %s", SHOWN,
	    node->name, fault);
}

/* The n-th word that stands for such a value, or NULL. */
typedef const char *(*word_of)(size_t n);

static const char *
arch_word(size_t n)
{
	size_t archs;
	const struct arch *arch = arch_table(&archs);

	return n < archs ? arch[n].name : NULL;
}

static const char *
arch_or_family_word(size_t n)
{
	static const enum arch_family families[] = { ARCH_BIOS, ARCH_UEFI,
	    ARCH_UBOOT };
	enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

	return n < FAMILIES ? arch_family_name(families[n]) :
	    arch_word(n - FAMILIES);
}

static const char *
client_word(size_t n)
{
	return n < MATCH_CLIENTS ?
	    match_client_name((enum match_client)n) : NULL;
}

static const char *
form_word(size_t n)
{
	return n < FORM_COUNT ? form_name((enum form)n) :
	    NULL;
}

static word_of
words_of(enum match_key key)
{
	if (key == MATCH_ARCH)
		return arch_or_family_word;
	return key == MATCH_CLIENT ? client_word : NULL;
}

/* NULL: no word is near. */
static const char *
nearest_word(word_of word, const char *text)
{
	struct nearest nearest = { text, NULL, 0 };
	const char *candidate;

	for (size_t i = 0; word != NULL && (candidate = word(i)) != NULL; i++)
		nearest_try(&nearest, candidate);
	return nearest.found;
}

/* false: the value is wrong, and that was told. */
static bool
judge(struct job *job, const struct parser_value *value, const char *fault,
    word_of word)
{
	if (fault != NULL)
		fault_value(job, value, fault,
		    nearest_word(word, value->text));
	return fault == NULL;
}

/*
 * Readers: from the values to a field.
 */

static void *
keep(const struct job *job, size_t n, size_t size)
{
	return memory_take(job->reader->memory, n, size);
}

/* Room for the octets that stand in a text; none when out of memory. */
static struct value_room
room_for(const struct job *job, const char *text)
{
	size_t n = strlen(text) + sizeof(struct in_addr);
	uint8_t *octets = keep(job, n, 1);

	return (struct value_room){ octets, octets != NULL ? n : 0, 0 };
}

static void
read_address(struct job *job)
{
	const struct parser_value *value = job->node->value;
	struct keys_address *out = job->field;

	out->given = true;
	if (job->key->has_variables && template_has_variables(value->text)) {
		if (judge(job, value, value_address_of(value->text), NULL))
			out->text = value->text;
	} else {
		(void)judge(job, value, value_address(value->text,
		    &out->address), NULL);
	}
}

static void
read_file(struct job *job)
{
	const struct parser_value *value = job->node->value;

	if (judge(job, value, value_file(value->text), NULL))
		*(const char **)job->field = value->text;
}

static void
read_http_root(struct job *job)
{
	const struct parser_value *value = job->node->value;

	if (judge(job, value, value_http_root(value->text), NULL))
		*(const char **)job->field = value->text;
}

static void
read_menu_text(struct job *job)
{
	const struct parser_value *value = job->node->value;
	size_t n = strlen(value->text);

	if (judge(job, value, n > 0 && n <= FORM_TEXT_MAX ? NULL :
	    "does not have 1 to 70 octets", NULL))
		*(const char **)job->field = value->text;
}

static void
read_form(struct job *job)
{
	const struct parser_value *value = job->node->value;
	struct keys_form *out = job->field;
	char fault[256] = "is none of";
	size_t n = strlen(fault);

	out->given = true;
	out->form = form_by_name(value->text);
	if (out->form != FORM_COUNT)
		return;
	for (unsigned i = 0; i < FORM_COUNT && n < sizeof(fault); i++)
		n += (size_t)snprintf(fault + n, sizeof(fault) - n, "%s %s",
		    i > 0 ? "," : "", form_name((enum form)i));
	(void)judge(job, value, fault, form_word);
	out->form = FORM_DEFAULT;
}

static void
read_bool(struct job *job)
{
	static const struct {
		const char *word;
		bool is;
	} words[] = {
		{ "true", true }, { "yes", true }, { "on", true },
		{ "false", false }, { "no", false }, { "off", false },
	};
	const struct parser_value *value = job->node->value;
	struct keys_bool *out = job->field;

	out->given = true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(words[i].word, value->text) == 0) {
			out->value = words[i].is;
			return;
		}
	}
	(void)judge(job, value, "is neither true nor false", NULL);
}

static void
read_number(struct job *job)
{
	const struct parser_value *value = job->node->value;
	struct keys_number *out = job->field;
	char fault[96];

	out->given = true;
	(void)snprintf(fault, sizeof(fault),
	    "is not a number from %lu to %lu", job->key->least,
	    job->key->most);
	(void)judge(job, value, value_number(value->text, job->key->least,
	    job->key->most, &out->value) ? NULL : fault, NULL);
}

static void
read_size(struct job *job)
{
	const struct parser_value *value = job->node->value;
	struct keys_number *out = job->field;

	out->given = true;
	(void)judge(job, value, value_size(value->text, job->key->least,
	    job->key->most, &out->value), NULL);
}

static void
read_arch(struct job *job)
{
	const struct parser_value *value = job->node->value;
	struct keys_arch *out = job->field;

	out->given = true;
	(void)judge(job, value, value_arch(value->text, &out->number),
	    arch_word);
}

static void
read_hosts_path(struct job *job)
{
	const struct parser_value *value = job->node->value;

	if (judge(job, value, *value->text != '\0' ? NULL : "is empty", NULL)) {
		*(const char **)job->field = value->text;
		job->section->hosts_node = job->node;
	}
}

static void
read_options(struct job *job)
{
	struct policy_option *option = keep(job, job->node->n,
	    sizeof(*option));
	struct keys_options *out = job->field;

	if (option == NULL)
		return;
	for (const struct parser_value *value = job->node->value;
	    value != NULL; value = value->next) {
		struct value_room room = room_for(job, value->text);

		if (!value->is_faulty && judge(job, value,
		    value_option(value->text, &room, &option[out->n]), NULL))
			out->n++;
	}
	out->option = option;
}

static void
read_classes(struct job *job)
{
	struct span *prefix = keep(job, job->node->n, sizeof(*prefix));
	struct pxe_classes *out = job->field;

	if (prefix == NULL)
		return;
	for (const struct parser_value *value = job->node->value;
	    value != NULL; value = value->next) {
		size_t n = strlen(value->text);

		if (!value->is_faulty && judge(job, value,
		    n > 0 && n <= OPTION_VALUE_MAX ? NULL :
		    "does not have 1 to 255 octets", NULL))
			prefix[out->n++] = (struct span){
			    (const uint8_t *)value->text, n };
	}
	out->prefix = prefix;
}

static void
read_networks(struct job *job)
{
	struct match_network *network = keep(job, job->node->n,
	    sizeof(*network));
	struct policy_networks *out = job->field;

	if (network == NULL)
		return;
	for (const struct parser_value *value = job->node->value;
	    value != NULL; value = value->next) {
		struct value_room room = room_for(job, value->text);
		struct match_value is;

		if (!value->is_faulty && judge(job, value, value_match(
		    MATCH_RELAY, value->text, &room, &is), NULL))
			network[out->n++] = is.is.network;
	}
	out->network = network;
}

/*
 * The table.
 */

#define FIELD(name_) offsetof(struct keys_section, name_)

static const struct key keys[] = {
	{ "next-server", KEYS_RULE | KEYS_SITE, read_address, FIELD(next_server),
	    .has_variables = true },
	{ "next-server", KEYS_TOP | KEYS_ITEM, read_address,
	    FIELD(next_server), false, false, 0, 0 },
	{ "http-root", KEYS_TOP | KEYS_SITE | KEYS_RULE, read_http_root,
	    FIELD(http_root), .has_variables = true },
	{ "bootfile-name", KEYS_TOP | KEYS_RULE | KEYS_ITEM, read_file,
	    FIELD(file), .has_variables = true },
	{ "form", KEYS_RULE, read_form, FIELD(form), false, false, 0, 0 },
	{ "ignore", KEYS_RULE, read_bool, FIELD(ignore), false, false, 0, 0 },
	{ "option", KEYS_TOP | KEYS_SITE | KEYS_RULE, read_options, FIELD(options),
	    .is_list = true },
	{ "delay", KEYS_RULE, read_number, FIELD(delay), .most = DELAY_MAX },
	{ "min-secs", KEYS_RULE, read_number, FIELD(min_secs),
	    .most = UINT16_MAX },
	{ "prompt", KEYS_RULE, read_menu_text, FIELD(prompt), false, false,
	    0, 0 },
	{ "timeout", KEYS_RULE, read_number, FIELD(timeout),
	    .most = TIMEOUT_MAX },
	{ "hosts-file", KEYS_TOP, read_hosts_path, FIELD(hosts_path), false,
	    false, 0, 0 },
	{ "default-arch", KEYS_TOP, read_arch, FIELD(default_arch), false,
	    false, 0, 0 },
	{ "accept-vendor-class", KEYS_TOP, read_classes, FIELD(classes),
	    .is_list = true },
	{ "allow-relay", KEYS_TOP, read_networks, FIELD(allow_relay),
	    .is_list = true },
	{ "allow-client", KEYS_TOP, read_networks, FIELD(allow_client),
	    .is_list = true },
	{ "client-rate", KEYS_TOP, read_number, FIELD(client_rate),
	    .most = RATE_MAX },
	{ "total-rate", KEYS_TOP, read_number, FIELD(total_rate),
	    .most = RATE_MAX },
	{ "ring-size", KEYS_TOP, read_size, FIELD(ring_octets),
	    .least = RING_MIN, .most = RING_MAX },
	{ "promiscuous", KEYS_TOP | KEYS_INTERFACE, read_bool,
	    FIELD(promiscuous), false, false, 0, 0 },
	{ "observe", KEYS_TOP, read_bool, FIELD(observe), false, false, 0,
	    0 },
	{ "address", KEYS_INTERFACE, read_address, FIELD(address), false,
	    false, 0, 0 },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static const struct {
	const char *name;
	unsigned in;
	const char *title;	/* what its title is */
	size_t most;		/* octets of it */
} sections[] = {
	{ "rule", KEYS_TOP, "a title", SIZE_MAX },
	{ "site", KEYS_TOP, "a title", SIZE_MAX },
	{ "set", KEYS_TOP, "a name", SIZE_MAX },
	{ "interface", KEYS_TOP, "the name of an interface",
	    VALUE_INTERFACE_OCTETS },
	{ "item", KEYS_RULE, "its text", FORM_TEXT_MAX },
};

enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

/* Conditions have their own table, in match.h. */
enum { CONDITIONS_IN = KEYS_RULE | KEYS_SITE | KEYS_SET };

/* How a place is called. */
static const char *
place_name(unsigned in)
{
	static const struct {
		enum keys_place place;
		const char *name;
	} names[] = {
		{ KEYS_TOP, "outside of all sections" },
		{ KEYS_RULE, "in a rule" },
		{ KEYS_SITE, "in a site" },
		{ KEYS_SET, "in a set" },
		{ KEYS_ITEM, "in an item of a menu" },
		{ KEYS_INTERFACE, "in an interface" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((names[i].place & in) != 0)
			return names[i].name;
	return "";
}

/*
 * Conditions: each key of match.h, and its twin with not- before it.
 */

/* MATCH_KEYS where there is none of that name. */
static enum match_key
condition_by_name(const char *name, bool *negated)
{
	*negated = strncmp(name, "not-", NOT_OCTETS) == 0;
	if (*negated)
		name += NOT_OCTETS;
	for (unsigned key = 0; key < MATCH_KEYS; key++)
		if (strcmp(match_key_name((enum match_key)key), name) == 0)
			return (enum match_key)key;
	return MATCH_KEYS;
}

static bool
read_value(struct job *job, enum match_key key,
    const struct parser_value *value, struct match_value *out)
{
	struct value_room room;

	if (key == MATCH_HOSTS) {
		if (!judge(job, value, *value->text != '\0' ? NULL :
		    "is empty", NULL))
			return false;
		out->text = value->text;
		out->is.hosts = job->reader->hosts(job->reader->with, value);
		job->section->is_faulty |= out->is.hosts == NULL;
		return out->is.hosts != NULL;
	}
	room = room_for(job, value->text);
	return judge(job, value, value_match(key, value->text, &room, out),
	    words_of(key));
}

/* A piece of the values: one of its own, or those of a set. */
struct piece {
	const struct match_value *value;
	size_t n;
};

static bool
read_piece(struct job *job, enum match_key key,
    const struct parser_value *value, struct match_value *own,
    struct piece *out)
{
	if (value->text[0] == '@') {
		out->value = job->reader->set(job->reader->with, key, value,
		    &out->n);
		job->section->is_faulty |= out->value == NULL;
		return out->value != NULL;
	}
	*out = (struct piece){ own, 1 };
	return read_value(job, key, value, own);
}

/* All of them in a row; a set alone is not copied. */
static const struct match_value *
join(struct job *job, const struct piece *piece, size_t pieces, size_t *n)
{
	struct match_value *all, *at;

	*n = 0;
	for (size_t i = 0; i < pieces; i++)
		*n += piece[i].n;
	if (pieces == 1)
		return piece[0].value;
	if (*n > VALUES_MAX) {
		fault_node(job->reader, job->section, job->node,
		    "has more than a million values");
		return NULL;
	}
	if ((all = at = keep(job, *n, sizeof(*all))) == NULL)
		return NULL;
	for (size_t i = 0; i < pieces; i++) {
		memcpy(at, piece[i].value, piece[i].n * sizeof(*at));
		at += piece[i].n;
	}
	return all;
}

static const struct match_value *
read_values(struct job *job, enum match_key key, size_t *n)
{
	struct match_value *own = keep(job, job->node->n, sizeof(*own));
	struct piece *piece = keep(job, job->node->n, sizeof(*piece));
	size_t pieces = 0, sets = 0;

	if (own == NULL || piece == NULL)
		return NULL;
	for (const struct parser_value *value = job->node->value;
	    value != NULL; value = value->next) {
		if (value->is_faulty || !read_piece(job, key, value,
		    &own[pieces], &piece[pieces]))
			continue;
		sets += piece[pieces].value != &own[pieces];
		pieces++;
	}
	if (sets > 0)
		return pieces > 0 ? join(job, piece, pieces, n) : NULL;
	*n = pieces;
	return pieces > 0 ? own : NULL;
}

const struct match_value *
keys_values(const struct keys_reader *reader, enum match_key key,
    const struct parser_node *node, size_t *n, bool *is_faulty)
{
	struct keys_section section = { .node = node };
	struct job job = { reader, NULL, node, &section, NULL };
	const struct match_value *values = read_values(&job, key, n);

	*is_faulty = section.is_faulty;
	return values;
}

static void
read_condition(struct job *job, enum match_key key, bool negated)
{
	struct match match = { .key = key, .negated = negated };

	match.value = read_values(job, key, &match.n);
	if (match.value == NULL)
		return;
	job->section->match[job->section->n_match++] = match;
	if (key == MATCH_HOSTS && !negated)
		job->section->hosts = match.value[0].is.hosts;
}

/*
 * A section, key by key.
 */

/* What a section has of a key: its first node, which others append to. */
struct seen {
	struct parser_node *key[KEYS];
	struct parser_node *condition[2 * MATCH_KEYS];
};

static const struct key *
key_by_name(const char *name, unsigned in)
{
	for (size_t i = 0; i < KEYS; i++)
		if ((keys[i].in & in) != 0 && strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* Where else a word may stand, 0: nowhere. */
static unsigned
other_places(const char *name, bool is_section)
{
	unsigned in = 0;
	bool negated;

	for (size_t i = 0; !is_section && i < KEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			in |= (unsigned)keys[i].in;
	for (size_t i = 0; is_section && i < SECTIONS; i++)
		if (strcmp(sections[i].name, name) == 0)
			in |= sections[i].in;
	if (!is_section && condition_by_name(name, &negated) != MATCH_KEYS)
		in |= CONDITIONS_IN;
	return in;
}

/* The word of this place that is nearest. */
static const char *
nearest_key(const char *name, unsigned in, char room[KEY_OCTETS])
{
	struct nearest nearest = { name, NULL, 0 };

	for (size_t i = 0; i < KEYS; i++)
		if ((keys[i].in & in) != 0)
			nearest_try(&nearest, keys[i].name);
	for (size_t i = 0; i < SECTIONS; i++)
		if ((sections[i].in & in) != 0)
			nearest_try(&nearest, sections[i].name);
	for (unsigned i = 0; (in & CONDITIONS_IN) != 0 && i < 2 * MATCH_KEYS;
	    i++) {
		char twin[KEY_OCTETS];
		const char *before = nearest.found;

		(void)snprintf(twin, sizeof(twin), "%s%s",
		    i % 2 == 1 ? "not-" : "",
		    match_key_name((enum match_key)(i / 2)));
		nearest_try(&nearest, twin);
		if (nearest.found != before) {
			memcpy(room, twin, sizeof(twin));
			nearest.found = room;
		}
	}
	return nearest.found;
}

static void
fault_unknown(const struct keys_reader *reader, unsigned in,
    const struct parser_node *node)
{
	unsigned other = other_places(node->name, node->is_section);
	char room[KEY_OCTETS];
	const char *kind = node->is_section ? "section" : "key";
	const char *near = nearest_key(node->name, in, room);

	if (other_places(node->name, !node->is_section) != 0)
		problem_error(reader->problems, &node->place,
		    "%s is %s", node->name, node->is_section ?
		    "a key: a value follows it, with =" :
		    "a section: a title and { } follow it");
	else if (other != 0)
		problem_error(reader->problems, &node->place,
		    "the %s %.*s stands %s, not %s", kind, SHOWN, node->name,
		    place_name(other), place_name(in));
	else if (near != NULL)
		problem_error(reader->problems, &node->place,
		    "there is no %s %.*s: did you mean %s?", kind, SHOWN,
		    node->name, near);
	else
		problem_error(reader->problems, &node->place,
		    "there is no %s \"%.*s\"; pxeproxyd.conf(5) lists them",
		    kind, SHOWN, node->name);
}

/*
 * A key that is there already: += goes on with its list, anything else is a
 * mistake.  false: there is nothing more to read for this node.
 */
static bool
is_first(const struct keys_reader *reader, struct keys_section *section,
    struct parser_node *node, bool is_list, struct parser_node **seen)
{
	char text[128];

	if (node->appends && !is_list) {
		fault_node(reader, section, node,
		    "has one value: there is nothing to append to");
		return false;
	}
	if (*seen == NULL) {
		*seen = node;
		return true;
	}
	if (node->appends) {
		if ((*seen)->last != NULL)
			(*seen)->last->next = node->value;
		else
			(*seen)->value = node->value;
		if (node->last != NULL)
			(*seen)->last = node->last;
		(*seen)->n += node->n;
		return false;
	}
	(void)snprintf(text, sizeof(text), "is given twice, first in line "
	    "%u%s", (*seen)->place.line, is_list ?
	    ": write both values into one list, or += here" : "");
	fault_node(reader, section, node, text);
	return false;
}

/* Is there a value, one value, and no variable where none is replaced? */
static bool
is_sound(const struct keys_reader *reader, struct keys_section *section,
    const struct parser_node *node, bool is_list, bool has_variables)
{
	bool sound = !node->is_faulty;

	if (sound && (node->n == 0 || (node->is_list && !is_list))) {
		fault_node(reader, section, node, node->n == 0 ?
		    "has an empty list: give it a value, or leave it out" :
		    "has one value, not a list");
		return false;
	}
	for (const struct parser_value *value = node->value; sound &&
	    value != NULL; value = value->next) {
		if (value->is_faulty) {
			section->is_faulty = true;
			sound = is_list;	/* the others can be read */
		} else if (!has_variables && strstr(value->text, "${") !=
		    NULL) {
			problem_error(reader->problems, &value->place,
			    "%s \"%.*s\" has a variable, and none is replaced "
			    "there", node->name, SHOWN, value->text);
			section->is_faulty = true;
			sound = false;
		}
	}
	return sound;
}

/* Each key of the section once, with all that was appended to it. */
static void
gather(const struct keys_reader *reader, unsigned in,
    struct keys_section *section, struct seen *seen)
{
	for (struct parser_node *node = section->node->child; node != NULL;
	    node = node->next) {
		const struct key *key;
		enum match_key condition = MATCH_KEYS;
		bool negated = false;

		if (node->is_section)
			continue;
		key = key_by_name(node->name, in);
		if (key == NULL && (in & CONDITIONS_IN) != 0)
			condition = condition_by_name(node->name, &negated);
		if (negated && (in & KEYS_SET) != 0)
			condition = MATCH_KEYS;
		if (key != NULL) {
			(void)is_first(reader, section, node, key->is_list,
			    &seen->key[key - keys]);
		} else if (condition != MATCH_KEYS) {
			if (is_first(reader, section, node, true,
			    &seen->condition[2 * condition + negated]))
				section->n_match++;
		} else if (!node->is_faulty) {
			fault_unknown(reader, in, node);
			section->is_faulty = true;
		}
	}
}

static void
read_conditions(const struct keys_reader *reader,
    struct keys_section *section, const struct seen *seen)
{
	size_t most = section->n_match;

	section->n_match = 0;
	if (most == 0 || (section->match = memory_take(reader->memory, most,
	    sizeof(*section->match))) == NULL)
		return;
	for (unsigned i = 0; i < 2 * MATCH_KEYS; i++) {
		struct job job = { reader, NULL, seen->condition[i], section,
		    NULL };

		if (job.node != NULL && is_sound(reader, section, job.node,
		    true, false))
			read_condition(&job, (enum match_key)(i / 2),
			    i % 2 == 1);
	}
}

void
keys_read(const struct keys_reader *reader, enum keys_place place,
    const struct parser_node *node, struct keys_section *out)
{
	struct seen seen = { { NULL }, { NULL } };

	*out = (struct keys_section){ .node = node,
	    .is_faulty = node->is_faulty };
	gather(reader, place, out, &seen);
	read_conditions(reader, out, &seen);
	for (size_t i = 0; i < KEYS; i++) {
		struct job job = { reader, &keys[i], seen.key[i], out,
		    (char *)out + keys[i].field };

		if (job.node != NULL && is_sound(reader, out, job.node,
		    keys[i].is_list, keys[i].has_variables))
			keys[i].read(&job);
	}
}

bool
keys_is_section(const struct keys_reader *reader, enum keys_place place,
    const struct parser_node *node)
{
	size_t i = 0, n = node->title != NULL ? strlen(node->title) : 0;

	while (i < SECTIONS && ((sections[i].in & place) == 0 ||
	    strcmp(sections[i].name, node->name) != 0))
		i++;
	if (i == SECTIONS) {
		fault_unknown(reader, place, node);
		return false;
	}
	if (node->title == NULL)
		problem_error(reader->problems, &node->place, "between %s and "
		    "{ stands %s, in quotes", node->name, sections[i].title);
	else if (n > sections[i].most || (n == 0 &&
	    sections[i].most != SIZE_MAX))
		problem_error(reader->problems, &node->title_place,
		    "%s \"%.*s\" does not have 1 to %zu octets", node->name,
		    SHOWN, node->title, sections[i].most);
	else
		return true;
	return false;
}

const char *
keys_word(size_t n)
{
	if (n < KEYS)
		return keys[n].name;
	n -= KEYS;
	return n < SECTIONS ? sections[n].name : NULL;
}
