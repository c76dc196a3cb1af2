#ifndef KEYS_H
#define KEYS_H

#include "config/parser.h"
#include "core/policy.h"

/*
 * keys.h - the keys of the configuration: one table says of each where it may
 * stand, what its values are, and what it sets.
 */

/* The sections that a key may stand in. */
enum keys_place {
	KEYS_TOP = 1 << 0,	/* outside of all sections */
	KEYS_RULE = 1 << 1,
	KEYS_ITEM = 1 << 2,	/* of a menu, in a rule */
	KEYS_INTERFACE = 1 << 3,
	KEYS_SITE = 1 << 4,
	KEYS_SET = 1 << 5,
};

/* A value that need not be given. */
struct keys_number {
	bool given;
	unsigned long value;
};
struct keys_bool {
	bool given, value;
};
struct keys_arch {
	bool given;
	uint16_t number;
};
struct keys_address {
	bool given;
	struct in_addr address;
	const char *text;	/* instead: with variables, or NULL */
};
struct keys_form {
	bool given;
	enum form form;
};
struct keys_options {
	const struct policy_option *option;
	size_t n;
};

/* What a section says.  What it leaves open is zero. */
struct keys_section {
	const struct parser_node *node;
	bool is_faulty;			/* problems were told */
	struct match *match;
	size_t n_match;
	const struct hosts_table *hosts;	/* of a condition that is no not- */
	const char *hosts_path;
	const struct parser_node *hosts_node;

	const char *file, *prompt, *http_root;
	struct keys_address next_server, address;
	struct keys_form form;
	struct keys_bool ignore, promiscuous, observe;
	struct keys_number delay, min_secs, timeout, client_rate, total_rate,
	    ring_octets;
	struct keys_options options;
	struct keys_arch default_arch;
	struct pxe_classes classes;
	struct policy_networks allow_relay, allow_client;
	const struct parser_node *first_item;
	size_t items;
};

/* What reading needs. */
struct keys_reader {
	struct memory *memory;
	struct problems *problems;

	/* A table of hosts; NULL where it is none, and that was told. */
	const struct hosts_table *(*hosts)(void *with,
	    const struct parser_value *path);
	/*
	 * The values that a set has for a condition, into *n of them; NULL
	 * where there is no such set, or no such key in it, and that was
	 * told.
	 */
	const struct match_value *(*set)(void *with, enum match_key key,
	    const struct parser_value *name, size_t *n);
	void *with;
};

/*
 * Read the values of a condition into *n of them, those of sets included.
 * NULL: there is none, and that was told.
 */
const struct match_value *keys_values(const struct keys_reader *reader,
    enum match_key key, const struct parser_node *node, size_t *n,
    bool *is_faulty);

/*
 * Read the keys of a section of that kind.  Every problem is told.  Sections
 * in it are left to the caller; see keys_section_title().
 */
void keys_read(const struct keys_reader *reader, enum keys_place place,
    const struct parser_node *node, struct keys_section *out);

/*
 * May this section stand there, and has it a sound title?  If not, that is
 * told.
 */
bool keys_is_section(const struct keys_reader *reader, enum keys_place place,
    const struct parser_node *node);

/* The n-th word that means something, or NULL: to list them. */
const char *keys_word(size_t n);

#endif
