#include "config/config.h"

#include "config/checks.h"
#include "config/hosts_file.h"
#include "config/include.h"
#include "config/keys.h"
#include "config/nearest.h"
#include "config/titles.h"
#include "config/value.h"
#include "core/arch.h"
#include "core/template.h"
#include "core/form.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORIGIN_OCTETS = 512 };

/* A table of hosts that rules use, and where it came from. */
struct config_table {
	struct config_table *next;
	const char *path;
	const struct hosts_table *hosts;
};

struct config {
	struct memory memory;
	struct problems problems;	/* only while it is read */
	struct policy policy;
	struct config_rates rates;
	struct config_capture capture;
	struct parser_node root;	/* all that the file says */
	struct keys_reader reader;	/* only while it is read */
	struct titles titles;		/* of the sections outside of others */
	struct config_set *sets;	/* those that were used */
	struct config_table *tables;
	const struct parser_node **node;	/* of each rule of the file */
	size_t in_file;			/* how many rules the file has */
	const struct parser_node *file_node;	/* of the bootfile-name outside
						 * of sections, or NULL */
};

/*
 * Tables of hosts.
 */

/* NULL: it was told what is wrong with it. */
static const struct hosts_table *
take_hosts(void *with, const struct parser_value *named)
{
	struct config *config = with;
	struct config_table *table;
	const char *path = source_path(&config->memory, named->place.source,
	    named->text);

	if (path == NULL)
		return NULL;
	for (table = config->tables; table != NULL; table = table->next)
		if (strcmp(table->path, path) == 0)
			return table->hosts;
	table = memory_take(&config->memory, 1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->path = path;
	table->hosts = hosts_file_read(path, &named->place,
	    &config->problems);
	table->next = config->tables;
	config->tables = table;
	return table->hosts;
}

/*
 * Sets.
 */

/* The values that a set has for one condition. */
struct config_set {
	struct config_set *next;
	const struct parser_node *node;		/* the key in the set */
	enum match_key key;
	const struct match_value *value;
	size_t n;
	bool is_open;				/* they are being read */
};

/* The node of a key in a set, all of its lines joined; or NULL. */
static const struct parser_node *
key_in_set(const struct parser_node *set, enum match_key key)
{
	for (const struct parser_node *node = set->child; node != NULL;
	    node = node->next)
		if (!node->is_section &&
		    strcmp(node->name, match_key_name(key)) == 0)
			return node;
	return NULL;
}

static const struct config_set *
read_set(struct config *config, enum match_key key,
    const struct parser_node *node)
{
	struct config_set *set = memory_take(&config->memory, 1, sizeof(*set));
	bool is_faulty;

	if (set == NULL)
		return NULL;
	*set = (struct config_set){ config->sets, node, key, NULL, 0, true };
	config->sets = set;
	set->value = keys_values(&config->reader, key, node, &set->n,
	    &is_faulty);
	set->is_open = false;
	return set;
}

static const struct config_set *
find_set(const struct config *config, const struct parser_node *node)
{
	for (const struct config_set *set = config->sets; set != NULL;
	    set = set->next)
		if (set->node == node)
			return set;
	return NULL;
}

/* There is no such set: which one is near? */
static void
fail_set(struct config *config, const struct parser_value *name)
{
	struct nearest nearest = { name->text + 1, NULL, 0 };

	for (const struct parser_node *node = config->root.child;
	    node != NULL; node = node->next)
		if (node->is_section && node->title != NULL &&
		    strcmp(node->name, "set") == 0)
			nearest_try(&nearest, node->title);
	problem_error(&config->problems, &name->place,
	    "there is no set \"%.100s\"%s%s%s", name->text + 1,
	    nearest.found != NULL ? ": did you mean \"" : "",
	    nearest.found != NULL ? nearest.found : "",
	    nearest.found != NULL ? "\"?" : "");
}

/*
 * Read a set for itself, so that every mistake in it is told, once: what is
 * faulty is passed over where it is used.
 */
static void
check_set(struct config *config, struct parser_node *node)
{
	struct keys_section section;

	if (node->is_read)
		return;
	node->is_read = true;
	keys_read(&config->reader, KEYS_SET, node, &section);
	if (!section.is_faulty && section.n_match == 0)
		problem_error(&config->problems, &node->title_place,
		    "the set \"%.100s\" is empty", node->title);
	for (struct parser_node *key = node->child; key != NULL &&
	    section.is_faulty; key = key->next)
		for (struct parser_value *value = key->value; value != NULL;
		    value = value->next)
			value->is_faulty = true;
}

static const struct match_value *
take_set(void *with, enum match_key key, const struct parser_value *name,
    size_t *n)
{
	struct config *config = with;
	struct parser_node *node = titles_find(&config->titles, "set",
	    name->text + 1);
	const struct parser_node *values;
	const struct config_set *set;

	if (node == NULL) {
		fail_set(config, name);
		return NULL;
	}
	check_set(config, node);
	if ((values = key_in_set(node, key)) == NULL) {
		problem_error(&config->problems, &name->place, "the set "
		    "\"%.100s\" has no %s", name->text + 1,
		    match_key_name(key));
		return NULL;
	}
	if ((set = find_set(config, values)) == NULL)
		set = read_set(config, key, values);
	if (set == NULL)
		return NULL;
	if (set->is_open) {
		problem_error(&config->problems, &name->place,
		    "the set \"%.100s\" is a part of itself",
		    name->text + 1);
		return NULL;
	}
	*n = set->n;
	return set->value;
}

/*
 * What does not go together in a rule.
 */

/* What is wrong with a rule's answer, or NULL. */
static const char *
answer_fault(const struct keys_section *rule)
{
	bool is_menu = rule->form.form == FORM_MENU;

	if (rule->ignore.value && (rule->file != NULL ||
	    rule->next_server.given || rule->form.given ||
	    rule->http_root != NULL || rule->options.n > 0 ||
	    rule->items > 0))
		return "ignores the client and yet has an answer for it";
	if (is_menu && rule->items == 0)
		return "has the form menu, but no item";
	if (!is_menu && (rule->items > 0 || rule->prompt != NULL ||
	    rule->timeout.given))
		return "has parts of a menu, but not the form menu";
	if (rule->items > FORM_ITEMS_MAX)
		return "has more than 24 items";
	for (size_t i = 0; i < rule->n_match; i++)
		if (rule->match[i].key == MATCH_HOSTS &&
		    !rule->match[i].negated && rule->match[i].n > 1)
			return "has more than one hosts-file";
	return NULL;
}

static void
fail_rule(struct config *config, const struct parser_node *node,
    const char *fault)
{
	problem_error(&config->problems, &node->title_place,
	    "rule \"%.100s\" %s", node->title, fault);
}

/*
 * From what the sections say to the policy.
 */

static void *
keep(struct config *config, size_t n, size_t size)
{
	return memory_take(&config->memory, n, size);
}

/* Such as "pxeproxyd.conf:12". */
static const char *
origin_of(struct config *config, const struct place *place)
{
	char text[ORIGIN_OCTETS];
	int n = snprintf(text, sizeof(text), "%.480s:%u",
	    place->source->path, place->line);

	return n < 0 ? "" : memory_copy(&config->memory, text, strlen(text));
}

/* One item; false where it is no item at all. */
static bool
take_item(struct config *config, const struct parser_node *node,
    struct form_item *out)
{
	struct keys_section item;

	keys_read(&config->reader, KEYS_ITEM, node, &item);
	*out = (struct form_item){ .text = node->title, .file = item.file,
	    .has_next_server = item.next_server.given,
	    .next_server = item.next_server.address };
	return !item.is_faulty;
}

/* Of two items with the same text the client sees only that. */
static bool
is_new_item(const struct form_menu *menu, const char *text)
{
	for (size_t i = 0; i < menu->n; i++)
		if (strcmp(menu->item[i].text, text) == 0)
			return false;
	return true;
}

static bool
add_item(struct config *config, const struct parser_node *node,
    struct form_menu *menu, struct form_item *item)
{
	if (!is_new_item(menu, node->title)) {
		problem_error(&config->problems, &node->title_place,
		    "the menu has an item \"%s\" already", node->title);
		return false;
	}
	if (!take_item(config, node, &item[menu->n]))
		return false;
	menu->n++;
	return true;
}

/* The items of a rule; their number may be too large, in *section alone. */
static struct form_menu *
take_items(struct config *config, struct keys_section *section)
{
	struct form_menu *menu = keep(config, 1, sizeof(*menu));
	struct form_item *item = NULL;

	for (const struct parser_node *node = section->node->child;
	    node != NULL && menu != NULL; node = node->next) {
		if (!node->is_section)
			continue;
		if (!keys_is_section(&config->reader, KEYS_RULE, node)) {
			section->is_faulty = true;
			continue;
		}
		if (section->items++ >= FORM_ITEMS_MAX)
			continue;
		if (item == NULL && (menu->item = item = keep(config,
		    FORM_ITEMS_MAX, sizeof(*item))) == NULL)
			return NULL;
		if (!add_item(config, node, menu, item))
			section->is_faulty = true;
	}
	return menu;
}

static void
take_menu(struct config *config, const struct keys_section *section,
    struct form_menu *menu, struct policy_rule *rule)
{
	uint8_t octets[OPTION_VALUE_MAX];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	menu->prompt = section->prompt != NULL ? section->prompt :
	    "Press F8 for the boot menu";
	menu->timeout = (uint8_t)section->timeout.value;
	rule->menu = menu;
	form_row(FORM_MENU)->write_offer(&w,
	    &(struct form_vendor){ .menu = menu });
	if (w.full)
		fail_rule(config, section->node, "has a menu longer than the "
		    "255 octets of option 43");
}

static void
take_rule(struct config *config, const struct parser_node *node,
    struct policy_rule *rule)
{
	struct keys_section section;
	struct form_menu *menu;
	const char *fault;

	keys_read(&config->reader, KEYS_RULE, node, &section);
	menu = take_items(config, &section);
	if (menu == NULL || section.is_faulty)
		return;
	if ((fault = answer_fault(&section)) != NULL) {
		fail_rule(config, node, fault);
		return;
	}
	*rule = (struct policy_rule){ .name = node->title, .is_own = true,
	    .origin = origin_of(config, &node->place),
	    .match = section.match, .n_match = section.n_match,
	    .ignore = section.ignore.value,
	    .has_next_server = section.next_server.given &&
	    section.next_server.text == NULL,
	    .next_server = section.next_server.address,
	    .next_server_text = section.next_server.text,
	    .http_root = section.http_root, .file = section.file,
	    .hosts = section.hosts,
	    .form = section.form.form, .option = section.options.option,
	    .n_option = section.options.n,
	    .min_secs = (uint16_t)section.min_secs.value,
	    .delay = (uint16_t)section.delay.value };
	if (rule->form == FORM_MENU)
		take_menu(config, &section, menu, rule);
}

static void
take_site(struct config *config, const struct parser_node *node,
    struct policy_site *site)
{
	struct keys_section section;

	keys_read(&config->reader, KEYS_SITE, node, &section);
	*site = (struct policy_site){ .name = node->title,
	    .origin = origin_of(config, &node->place),
	    .match = section.match, .n_match = section.n_match,
	    .has_next_server = section.next_server.given &&
	    section.next_server.text == NULL,
	    .next_server = section.next_server.address,
	    .next_server_text = section.next_server.text,
	    .http_root = section.http_root, .option = section.options.option,
	    .n_option = section.options.n };
}

static void
take_interface(struct config *config, const struct parser_node *node,
    struct config_interface *out)
{
	const char *fault = value_interface(node->title);
	struct keys_section section;

	if (fault != NULL)
		problem_error(&config->problems, &node->title_place,
		    "interface \"%.130s\" %s", node->title, fault);
	keys_read(&config->reader, KEYS_INTERFACE, node, &section);
	*out = (struct config_interface){ .name = node->title,
	    .has_address = section.address.given,
	    .address = section.address.address,
	    .promiscuous = section.promiscuous.given ?
	    section.promiscuous.value : config->capture.promiscuous };
}

/* The node of a key outside of all sections, or NULL. */
static const struct parser_node *
key_node(const struct config *config, const char *name)
{
	for (const struct parser_node *node = config->root.child;
	    node != NULL; node = node->next)
		if (!node->is_section && strcmp(node->name, name) == 0)
			return node;
	return NULL;
}

static const char *
key_origin(struct config *config, const char *name)
{
	const struct parser_node *node = key_node(config, name);

	return node != NULL ? origin_of(config, &node->place) : NULL;
}

static void
take_top(struct config *config, const struct keys_section *top)
{
	struct policy *policy = &config->policy;

	policy->has_next_server = top->next_server.given;
	policy->next_server = top->next_server.address;
	policy->file = top->file;
	config->file_node = key_node(config, "bootfile-name");
	policy->file_origin = key_origin(config, "bootfile-name");
	policy->next_server_origin = key_origin(config, "next-server");
	policy->http_root_origin = key_origin(config, "http-root");
	policy->option_origin = key_origin(config, "option");
	policy->http_root = top->http_root;
	policy->option = top->options.option;
	policy->n_option = top->options.n;
	policy->has_default_arch = top->default_arch.given;
	policy->default_arch = top->default_arch.number;
	policy->classes = top->classes;
	policy->allow_relay = top->allow_relay;
	policy->allow_client = top->allow_client;
	if (top->client_rate.given)
		config->rates.client = (unsigned)top->client_rate.value;
	if (top->total_rate.given)
		config->rates.total = (unsigned)top->total_rate.value;
	if (top->ring_octets.given)
		config->capture.ring_octets = top->ring_octets.value;
	config->capture.promiscuous = top->promiscuous.value;
	config->capture.observe = !top->observe.given || top->observe.value;
}

/* What the command line says wins. */
static void
take_options(struct config *config, const struct options *options)
{
	struct policy *policy = &config->policy;

	if (options->has_next_server) {
		policy->has_next_server = true;
		policy->next_server = options->next_server;
		policy->next_server_origin = "--next-server";
	}
	if (options->file != NULL) {
		policy->file = options->file;
		policy->file_origin = "--bootfile-name";
		config->file_node = NULL;
	}
}

/* A built-in rule with one condition of one value. */
static struct policy_rule
built_in(struct config *config, const char *name, enum match_key key,
    struct match_value is)
{
	struct match_value *value = keep(config, 1, sizeof(*value));
	struct match *match = keep(config, 1, sizeof(*match));

	if (value == NULL || match == NULL)
		return (struct policy_rule){ .name = name };
	*value = is;
	*match = (struct match){ .key = key, .value = value, .n = 1 };
	return (struct policy_rule){ .name = name, .origin = "built-in",
	    .match = match, .n_match = 1 };
}

static struct policy_rule
built_in_client(struct config *config, const char *name,
    enum match_client client)
{
	return built_in(config, name, MATCH_CLIENT, (struct match_value){
	    .text = match_client_name(client), .is.client = client });
}

/* The rules for everyone whom the file says nothing of. */
static size_t
take_built_in(struct config *config, struct policy_rule *rule)
{
	size_t archs, n = 0;
	const struct arch *arch = arch_table(&archs);

	rule[n++] = built_in_client(config, "iPXE", MATCH_CLIENT_IPXE);
	rule[n++] = built_in_client(config, "HTTP Boot", MATCH_CLIENT_HTTP);
	for (size_t i = 0; i < archs; i++) {
		if (arch[i].file == NULL || arch[i].transport == ARCH_HTTP)
			continue;
		rule[n++] = built_in(config, arch[i].name, MATCH_ARCH,
		    (struct match_value){ .text = arch[i].name,
		    .is.arch.number = arch[i].number });
	}
	rule[n++] = (struct policy_rule){ .name = "any other",
	    .origin = "built-in" };
	return n;
}

/* The hosts-file outside of all rules is a rule, and the first one. */
static void
take_top_hosts(struct config *config, const struct keys_section *top,
    struct policy_rule *rule)
{
	struct match_value value = { .text = top->hosts_path };

	value.is.hosts = take_hosts(config, top->hosts_node->value);
	*rule = built_in(config, "hosts-file", MATCH_HOSTS, value);
	rule->origin = origin_of(config, &top->hosts_node->place);
	rule->is_own = true;
	rule->hosts = value.is.hosts;
}

/* How many sections of that name there are outside of others. */
static size_t
count(const struct config *config, const char *name)
{
	size_t n = 0;

	for (const struct parser_node *node = config->root.child;
	    node != NULL; node = node->next)
		n += node->is_section && strcmp(node->name, name) == 0;
	return n;
}

/*
 * Put every sound section under its title; what is no such section, or has
 * the title of another one, is told and becomes no section at all.
 */
static void
sort_sections(struct config *config)
{
	for (struct parser_node *node = config->root.child; node != NULL;
	    node = node->next) {
		const struct parser_node *other = NULL;

		if (!node->is_section)
			continue;
		if (keys_is_section(&config->reader, KEYS_TOP, node)) {
			other = titles_add(&config->titles, node);
			if (other == NULL)
				continue;
			problem_error(&config->problems, &node->title_place,
			    "there is %s %s \"%.100s\" already, in %.200s:%u",
			    strchr("aeiou", node->name[0]) != NULL ? "an" :
			    "a", node->name, node->title,
			    other->place.source->path, other->place.line);
		}
		node->is_section = false;
		node->is_faulty = true;
		node->name = "";
	}
}

/* What sections become, while they are read. */
struct sections {
	struct policy_rule *rule;
	struct policy_site *site;
	struct config_interface *interface;
};

/* Room for all of them; false: no memory. */
static bool
make_room(struct config *config, struct sections *out)
{
	size_t archs, rules = count(config, "rule");

	(void)arch_table(&archs);
	out->rule = keep(config, rules + archs + 4, sizeof(*out->rule));
	out->site = keep(config, count(config, "site"), sizeof(*out->site));
	out->interface = keep(config, count(config, "interface"),
	    sizeof(*out->interface));
	config->node = keep(config, rules + 1, sizeof(struct parser_node *));
	return out->rule != NULL && out->site != NULL &&
	    out->interface != NULL && config->node != NULL;
}

static void
take_sections(struct config *config, const struct sections *out)
{
	for (struct parser_node *node = config->root.child;
	    node != NULL && !config->memory.starved; node = node->next) {
		if (!node->is_section)
			continue;
		if (strcmp(node->name, "interface") == 0) {
			take_interface(config, node,
			    &out->interface[config->capture.n++]);
		} else if (strcmp(node->name, "site") == 0) {
			take_site(config, node,
			    &out->site[config->policy.n_site++]);
		} else if (strcmp(node->name, "set") == 0) {
			check_set(config, node);
		} else {
			config->node[config->in_file] = node;
			take_rule(config, node,
			    &out->rule[config->in_file++]);
		}
	}
}

/* The rules of the file, and the built-in ones behind. */
static void
take_rules(struct config *config, const struct keys_section *top)
{
	struct policy *policy = &config->policy;
	struct sections out;
	struct policy_rule *rule;
	struct policy_glance *glance;

	if (!make_room(config, &out))
		return;
	rule = out.rule;
	if (top->hosts_path != NULL) {
		config->node[0] = top->hosts_node;
		take_top_hosts(config, top, &rule[config->in_file++]);
	}
	take_sections(config, &out);
	config->capture.interface = out.interface;
	policy->site = out.site;
	policy->rule = rule;
	policy->n = config->in_file +
	    take_built_in(config, rule + config->in_file);
	for (size_t i = 0; i < config->in_file; i++)
		if (form_row(rule[i].form)->takes_others &&
		    rule[i].n_match > 0)
			policy->classes.others = true;
	policy->glance = glance = keep(config, policy->n, sizeof(*glance));
	for (size_t i = 0; glance != NULL && i < policy->n; i++)
		glance[i] = policy_glance_at(&rule[i]);
}

/*
 * What is hardly meant so.
 */

static void
tell_check(void *with, enum problem_severity severity, size_t rule,
    const char *sentence)
{
	struct config *config = with;
	const char *name = config->policy.rule[rule].name;

	if (rule >= config->in_file && config->file_node == NULL)
		problem_plain(&config->problems, severity,
		    "--bootfile-name %s", sentence);
	else if (rule >= config->in_file)
		problem_at(&config->problems, severity,
		    &config->file_node->place, "bootfile-name %s",
		    sentence);
	else
		problem_at(&config->problems, severity,
		    &config->node[rule]->title_place, "rule \"%.100s\" %s",
		    name, sentence);
}

static void
check(struct config *config)
{
	const struct checks_teller teller = { tell_check, config };
	struct memory memory = { 0 };

	if (!checks_run(&config->policy, config->in_file, &memory, &teller) &&
	    !memory.starved)
		problem_plain(&config->problems, PROBLEM_WARNING,
		    "there are so many rules that not each was compared with "
		    "all before it: some may never match without a word; a "
		    "hosts-file holds a line for each machine");
	config->memory.starved |= memory.starved;
	memory_release(&memory);
}

static void
read_file(struct config *config, const struct options *options)
{
	struct keys_section top = { .node = NULL };

	if (options->config != NULL)
		include_read(options->config, &config->memory,
		    &config->problems, &config->root);
	if (!config->memory.starved) {
		if (titles_make(&config->memory, config->root.children,
		    &config->titles))
			sort_sections(config);
		keys_read(&config->reader, KEYS_TOP, &config->root, &top);
		take_top(config, &top);
		take_options(config, options);
		take_rules(config, &top);
	}
	if (!config->memory.starved && config->problems.errors == 0)
		check(config);
	if (config->memory.starved)
		problem_plain(&config->problems, PROBLEM_ERROR,
		    "reading the configuration: %s", strerror(ENOMEM));
}

struct config *
config_load(const struct options *options,
    const struct problem_teller *teller)
{
	struct problems problems = { .teller = *teller };
	struct config *config;
	const char *fault;

	fault = options->file != NULL ? value_file(options->file) : NULL;
	if (fault != NULL) {
		problem_plain(&problems, PROBLEM_ERROR, "--bootfile-name \"%.100s\" %s",
		    options->file, fault);
		return NULL;
	}
	if ((config = calloc(1, sizeof(*config))) == NULL) {
		problem_plain(&problems, PROBLEM_ERROR, "reading the configuration: %s",
		    strerror(errno));
		return NULL;
	}
	config->problems = problems;
	config->reader = (struct keys_reader){ &config->memory,
	    &config->problems, take_hosts, take_set, config };
	config->rates = (struct config_rates){ CONFIG_CLIENT_RATE,
	    CONFIG_TOTAL_RATE };
	config->capture.ring_octets = CONFIG_RING_OCTETS;
	problem_keep(&config->problems);
	read_file(config, options);
	problem_tell_kept(&config->problems);
	if (config->problems.errors == 0)
		return config;
	config_free(config);
	return NULL;
}

const struct policy *
config_policy(const struct config *config)
{
	return &config->policy;
}

const struct config_rates *
config_rates(const struct config *config)
{
	return &config->rates;
}

const struct config_capture *
config_capture(const struct config *config)
{
	return &config->capture;
}

const struct config_interface *
config_interface(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->capture.n; i++)
		if (strcmp(config->capture.interface[i].name, name) == 0)
			return &config->capture.interface[i];
	return NULL;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (struct config_table *t = config->tables; t != NULL; t = t->next)
		if (t->hosts != NULL)
			hosts_file_free(t->hosts);
	memory_release(&config->memory);
	free(config);
}
