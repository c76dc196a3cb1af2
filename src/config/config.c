#include "config/config.h"

#include "core/arch.h"
#include "config/hosts_file.h"
#include "report/log.h"
#include "core/template.h"
#include "config/value.h"
#include "core/form.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * libconfuse takes the end of the file for the end of any section, and of a
 * comment.  So the text is given to it with this option set behind: inside a
 * section that was left open there is none of that name, which is an error,
 * and inside a comment it stays unset.
 */
#define END_MARK "end-of-the-configuration"
#define ENDS_INSIDE "the file ends inside a section, list or comment"

enum {
	DELAY_MAX = 3000,	/* milliseconds: clients wait 4 s and less */
	TIMEOUT_MAX = 255,	/* an octet: no time-out at all */
	CONDITIONS = MATCH_KEYS + MATCH_KEYS,	/* each with its not- twin */
	RATE_MAX = 10000000,
	NOT_MAX = 32,		/* octets of "not-" and a key */
	INCLUDE_DEPTH = 10,	/* files in one another */
	BLOCK = 4096,
	BLOCKS_MAX = 4096,	/* of a file, 16 MiB: some have no end */
};

/* What libconfuse needs at most, in octets; measured, and with some to spare. */
enum {
	PARSER_NEEDS = 256 * 1024,
	SECTION_NEEDS = 12 * 1024,
	OCTET_NEEDS = 96,	/* of the text: a list has many values */
};

/* Memory that lives as long as the configuration. */
struct piece {
	struct piece *next;
	max_align_t octets[];
};

/* A table of hosts that rules use, and where it came from. */
struct config_table {
	struct config_table *next;
	const char *path;
	const struct hosts_table *hosts;
};

struct config {
	struct policy policy;
	struct config_rates rates;
	struct piece *pieces;
	struct config_table *tables;
	size_t in_file;		/* how many rules the file has */
	cfg_t *file;		/* owns the strings of the rules; or NULL */
	bool starved;		/* memory was short: it is not whole */
};

static void
starve(struct config *config)
{
	if (!config->starved)
		log_errno("reading the configuration");
	config->starved = true;
}

/* NULL when out of memory, and the configuration will be refused. */
static void *
keep(struct config *config, size_t n, size_t size)
{
	struct piece *piece = calloc(1, sizeof(*piece) + n * size);

	if (piece == NULL) {
		starve(config);
		return NULL;
	}
	piece->next = config->pieces;
	config->pieces = piece;
	return piece->octets;
}

/* Room for the octets that stand in a text; none when out of memory. */
static struct value_room
room_for(struct config *config, const char *text)
{
	size_t n = strlen(text) + sizeof(struct in_addr);
	uint8_t *octets = keep(config, n, 1);

	return (struct value_room){ octets, octets != NULL ? n : 0, 0 };
}

/*
 * Checks: libconfuse calls these as it reads each value, so that its own
 * cfg_error() names the right file and line.
 */

/* The value that was read last. */
static const char *
last_value(cfg_opt_t *opt)
{
	unsigned n = cfg_opt_size(opt);
	const char *text = n > 0 ? cfg_opt_getnstr(opt, n - 1) : NULL;

	return text != NULL ? text : "";
}

static int
judge(cfg_t *cfg, cfg_opt_t *opt, const char *fault)
{
	if (fault == NULL)
		return 0;
	cfg_error(cfg, "%s \"%.100s\" %s", cfg_opt_name(opt),
	    last_value(opt), fault);
	return -1;
}

/* The key of "arch" and "not-arch"; MATCH_KEYS where there is none. */
static enum match_key
key_of(const char *name)
{
	if (strncmp(name, "not-", 4) == 0)
		name += 4;
	for (unsigned key = 0; key < MATCH_KEYS; key++)
		if (strcmp(match_key_name((enum match_key)key), name) == 0)
			return (enum match_key)key;
	return MATCH_KEYS;
}

static int
check_match(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = last_value(opt);
	uint8_t octets[512];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct match_value value;
	enum match_key key = key_of(cfg_opt_name(opt));

	if (key == MATCH_HOSTS)		/* read at the end of the rule */
		return judge(cfg, opt, *text != '\0' ? NULL : "is empty");
	return judge(cfg, opt, value_match(key, text, &room, &value));
}

static int
check_next_server(cfg_t *cfg, cfg_opt_t *opt)
{
	struct in_addr address;

	return judge(cfg, opt, value_address(last_value(opt), &address));
}

static int
check_next_server_text(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = last_value(opt);

	if (!template_has_variables(text))
		return check_next_server(cfg, opt);
	return judge(cfg, opt, template_fault(text) == NULL ? NULL :
	    "has a variable that does not exist");
}

static int
check_file(cfg_t *cfg, cfg_opt_t *opt)
{
	return judge(cfg, opt, value_file(last_value(opt)));
}

static int
check_arch(cfg_t *cfg, cfg_opt_t *opt)
{
	uint16_t number;

	return judge(cfg, opt, value_arch(last_value(opt), &number));
}

static int
check_form(cfg_t *cfg, cfg_opt_t *opt)
{
	return judge(cfg, opt,
	    form_by_name(last_value(opt)) != FORM_COUNT ? NULL :
	    "is none of default, binl, direct, ipxe, paired, http, plain, "
	    "rpi, menu, redirect, auto");
}

static int
check_option(cfg_t *cfg, cfg_opt_t *opt)
{
	uint8_t octets[1024];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct policy_option option;

	return judge(cfg, opt, value_option(last_value(opt), &room,
	    &option));
}

static int
check_class(cfg_t *cfg, cfg_opt_t *opt)
{
	size_t n = strlen(last_value(opt));

	return judge(cfg, opt, n > 0 && n <= OPTION_VALUE_MAX ? NULL :
	    "does not have 1 to 255 octets");
}

static int
check_menu_text(cfg_t *cfg, cfg_opt_t *opt)
{
	size_t n = strlen(last_value(opt));

	return judge(cfg, opt, n > 0 && n <= FORM_TEXT_MAX ? NULL :
	    "does not have 1 to 70 octets");
}

static int
check_range(cfg_t *cfg, cfg_opt_t *opt, long most)
{
	long value = cfg_opt_getnint(opt, 0);

	if (value >= 0 && value <= most)
		return 0;
	cfg_error(cfg, "%s %ld is not in the range from 0 to %ld",
	    cfg_opt_name(opt), value, most);
	return -1;
}

static int
check_delay(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, DELAY_MAX);
}

static int
check_secs(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, UINT16_MAX);
}

static int
check_rate(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, RATE_MAX);
}

static int
check_networks(cfg_t *cfg, cfg_opt_t *opt)
{
	uint8_t octets[64];
	struct value_room room = { octets, sizeof(octets), 0 };
	struct match_value value;

	return judge(cfg, opt, value_match(MATCH_RELAY, last_value(opt),
	    &room, &value));
}

static int
check_timeout(cfg_t *cfg, cfg_opt_t *opt)
{
	return check_range(cfg, opt, TIMEOUT_MAX);
}

/* Is the option set in the file? */
static bool
is_set(cfg_t *section, const char *name)
{
	return cfg_size(section, name) > 0;
}

/* The form that the rule asks for. */
static enum form
form_of(cfg_t *rule)
{
	return is_set(rule, "form") ?
	    form_by_name(cfg_getstr(rule, "form")) : FORM_DEFAULT;
}

/* What is wrong with a rule's answer, or NULL. */
static const char *
answer_fault(cfg_t *rule)
{
	bool is_menu = form_of(rule) == FORM_MENU;

	if (cfg_getbool(rule, "ignore") && (is_set(rule, "bootfile-name") ||
	    is_set(rule, "next-server") || is_set(rule, "form") ||
	    is_set(rule, "option") || is_set(rule, "item")))
		return "ignores the client and yet has an answer for it";
	if (is_menu && !is_set(rule, "item"))
		return "has the form menu, but no item";
	if (!is_menu && (is_set(rule, "item") || is_set(rule, "prompt") ||
	    is_set(rule, "timeout")))
		return "has parts of a menu, but not the form menu";
	if (cfg_size(rule, "item") > FORM_ITEMS_MAX)
		return "has more than 24 items";
	if (is_set(rule, "hosts-file") && is_set(rule, "bootfile-name"))
		return "has a boot file name beside those of its hosts-file";
	if (cfg_size(rule, "hosts-file") > 1)
		return "has more than one hosts-file";
	return NULL;
}

/* At the end of a rule: what does not go together. */
static int
check_rule(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *rule = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	const char *fault = answer_fault(rule);

	if (fault == NULL)
		return 0;
	cfg_error(cfg, "rule \"%s\" %s", cfg_title(rule), fault);
	return -1;
}

static int
check_item(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_t *item = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	size_t n = strlen(cfg_title(item));

	if (n > 0 && n <= FORM_TEXT_MAX)
		return 0;
	cfg_error(cfg, "item \"%.100s\" does not have 1 to 70 octets",
	    cfg_title(item));
	return -1;
}

static void __attribute__((format(printf, 2, 0)))
complain(cfg_t *cfg, const char *format, va_list ap)
{
	char text[512];

	(void)vsnprintf(text, sizeof(text), format, ap);
	if (strstr(text, END_MARK) != NULL)
		log_error("%s:%d: " ENDS_INSIDE, cfg->filename,
		    cfg->line - 1);	/* the mark has a line of its own */
	else
		log_error("%s:%d: %s", cfg->filename, cfg->line, text);
}

/*
 * The grammar.
 */

/* The options of a rule; the conditions first. */
struct grammar {
	char name[CONDITIONS][NOT_MAX];
	cfg_opt_t rule[CONDITIONS + 16];
	cfg_opt_t item[3];
};

static void
make_grammar(struct grammar *grammar)
{
	const cfg_opt_t item[] = {
		CFG_STR("bootfile-name", NULL, CFGF_NODEFAULT),
		CFG_STR("next-server", NULL, CFGF_NODEFAULT),
		CFG_END()
	};
	const cfg_opt_t answer[] = {
		CFG_STR("next-server", NULL, CFGF_NODEFAULT),
		CFG_STR("bootfile-name", NULL, CFGF_NODEFAULT),
		CFG_STR("form", NULL, CFGF_NODEFAULT),
		CFG_BOOL("ignore", cfg_false, CFGF_NONE),
		CFG_STR_LIST("option", NULL, CFGF_NODEFAULT),
		CFG_INT("delay", 0, CFGF_NONE),
		CFG_INT("min-secs", 0, CFGF_NONE),
		CFG_STR("prompt", NULL, CFGF_NODEFAULT),
		CFG_INT("timeout", 0, CFGF_NODEFAULT),
		CFG_SEC("item", grammar->item,
		    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_END()
	};
	size_t n = 0;

	for (unsigned key = 0; key < MATCH_KEYS; key++) {
		const char *name = match_key_name((enum match_key)key);

		for (unsigned negated = 0; negated < 2; negated++, n++) {
			cfg_opt_t opt = CFG_STR_LIST(grammar->name[n], NULL,
			    CFGF_NODEFAULT);

			(void)snprintf(grammar->name[n],
			    sizeof(grammar->name[n]), "%s%s",
			    negated ? "not-" : "", name);
			grammar->rule[n] = opt;
		}
	}
	_Static_assert(sizeof(grammar->rule) - sizeof(answer) >=
	    CONDITIONS * sizeof(answer[0]), "room for the answers too");
	memcpy(grammar->item, item, sizeof(item));
	memcpy(&grammar->rule[n], answer, sizeof(answer));
}

static void
set_checks(cfg_t *cfg, const struct grammar *grammar)
{
	static const struct {
		const char *name;
		cfg_validate_callback_t check;
	} checks[] = {
		{ "next-server", check_next_server },
		{ "bootfile-name", check_file },
		{ "default-arch", check_arch },
		{ "accept-vendor-class", check_class },
		{ "allow-relay", check_networks },
		{ "allow-client", check_networks },
		{ "client-rate", check_rate },
		{ "total-rate", check_rate },
		{ "rule", check_rule },
		{ "rule|next-server", check_next_server_text },
		{ "rule|bootfile-name", check_file },
		{ "rule|form", check_form },
		{ "rule|option", check_option },
		{ "rule|delay", check_delay },
		{ "rule|min-secs", check_secs },
		{ "rule|prompt", check_menu_text },
		{ "rule|timeout", check_timeout },
		{ "rule|item", check_item },
		{ "rule|item|bootfile-name", check_file },
		{ "rule|item|next-server", check_next_server },
	};
	char name[NOT_MAX + 8];

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		(void)cfg_set_validate_func(cfg, checks[i].name,
		    checks[i].check);
	for (size_t i = 0; i < CONDITIONS; i++) {
		(void)snprintf(name, sizeof(name), "rule|%s",
		    grammar->name[i]);
		(void)cfg_set_validate_func(cfg, name, check_match);
	}
}

/*
 * Our variables are written as libconfuse writes the environment's: for as
 * long as it reads, the environment gives each of ours for itself.
 */
static void
hide_variables(bool hidden)
{
	char value[NOT_MAX];
	const char *name;

	for (size_t i = 0; (name = template_variable(i)) != NULL; i++) {
		(void)snprintf(value, sizeof(value), "${%s}", name);
		if (hidden)
			(void)setenv(name, value, 1);
		else
			(void)unsetenv(name);
	}
}

/* false, and errno: a file that cannot be read, or is too large. */
static bool
copy_text(FILE *in, FILE *out)
{
	char block[BLOCK], last = '\n';
	unsigned blocks = 0;
	bool has_nul = false;
	size_t got;

	/* What is behind a NUL does not matter: the file is refused. */
	while (!has_nul && blocks < BLOCKS_MAX &&
	    (got = fread(block, 1, sizeof(block), in)) > 0) {
		if (fwrite(block, 1, got, out) != got)
			return false;
		has_nul = memchr(block, '\0', got) != NULL;
		last = block[got - 1];
		blocks++;
	}
	(void)fprintf(out, "%s" END_MARK " = true", last == '\n' ? "" : "\n");
	if (blocks == BLOCKS_MAX)
		errno = EFBIG;
	return ferror(in) == 0 && blocks < BLOCKS_MAX;
}

/* The text of a file with the mark behind, to be freed; NULL and errno. */
static char *
read_text(const char *path, size_t *n)
{
	FILE *in = fopen(path, "re"), *out;
	char *text = NULL;
	bool copied;
	int error;

	if (in == NULL)
		return NULL;
	out = open_memstream(&text, n);
	if (out == NULL) {
		(void)fclose(in);
		return NULL;
	}
	copied = copy_text(in, out);	/* not of a directory, for instance */
	error = errno;
	(void)fclose(in);
	if (fclose(out) != 0 && copied) {
		copied = false;
		error = errno;
	}
	if (copied)
		return text;
	free(text);
	errno = error;
	return NULL;
}

/*
 * Where libconfuse gets no memory, the program crashes, or it is ended.  So as
 * much as it may need for such a text is asked for beforehand.
 */
static bool
can_parse(const char *text, size_t n)
{
	size_t most = PARSER_NEEDS + n * OCTET_NEEDS;
	void *volatile room;	/* or the compiler knows better */

	for (size_t i = 0; i < n; i++)
		if (text[i] == '{')
			most += SECTION_NEEDS;
	room = malloc(most);
	free(room);
	return room != NULL;
}

/* The line that the first NUL of a text is in. */
static unsigned
line_of_nul(const char *text)
{
	unsigned line = 1;

	for (; *text != '\0'; text++)
		line += *text == '\n';
	return line;
}

/*
 * Parse a text into cfg; false after an error, which was logged.
 *
 * Each file must be whole by itself: the mark is looked for in each.
 */
static bool
parse_text(cfg_t *cfg, const char *path, char *text, size_t n)
{
	unsigned long errors = log_errors();
	FILE *from = NULL;
	bool sound;

	if (memchr(text, '\0', n) != NULL) {
		log_error("%s:%u: a NUL octet, which no text has", path,
		    line_of_nul(text));
		return false;
	}
	if ((cfg->filename = strdup(path)) == NULL ||
	    (from = fmemopen(text, n, "r")) == NULL) {
		log_errno("%s", path);
		return false;
	}
	cfg_setbool(cfg, END_MARK, cfg_false);
	sound = cfg_parse_fp(cfg, from) == CFG_SUCCESS;
	(void)fclose(from);
	if (!sound && log_errors() == errors)
		log_error("%s:%d: this is no option", path, cfg->line);
	if (sound && !cfg_getbool(cfg, END_MARK)) {
		log_error("%s:%d: " ENDS_INSIDE, path, cfg->line - 1);
		sound = false;
	}
	return sound;
}

/*
 * Parse another file in the place of these words.
 *
 * Not cfg_include(): after an error that leaves its file open and on a stack
 * of the scanner's, which is full after ten; and where it cannot read, the
 * scanner ends the program.
 */
static int
include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	static unsigned depth;		/* 0 again at the end */
	char *filename = cfg->filename, *text;
	int line = cfg->line;
	bool sound;
	size_t n;

	(void)opt;
	if (argc != 1) {
		cfg_error(cfg, "include takes the name of one file");
		return -1;
	}
	if (depth == INCLUDE_DEPTH) {
		cfg_error(cfg, "includes nested too deeply");
		return -1;
	}
	text = read_text(argv[0], &n);
	if (text == NULL || !can_parse(text, n)) {
		cfg_error(cfg, "%s: %s", argv[0], strerror(errno));
		free(text);
		return -1;
	}
	depth++;
	sound = parse_text(cfg, argv[0], text, n);
	depth--;
	free(text);
	if (cfg->filename != filename)
		free(cfg->filename);
	cfg->filename = filename;
	cfg->line = line;
	cfg_setbool(cfg, END_MARK, cfg_false);
	return sound ? 0 : -1;
}

/* libconfuse copies the options; the result owns all that is read. */
static cfg_t *
make_parser(void)
{
	struct grammar grammar;
	cfg_t *cfg;

	make_grammar(&grammar);
	{
		cfg_opt_t top[] = {
			CFG_STR("next-server", NULL, CFGF_NODEFAULT),
			CFG_STR("bootfile-name", NULL, CFGF_NODEFAULT),
			CFG_STR("hosts-file", NULL, CFGF_NODEFAULT),
			CFG_STR("default-arch", NULL, CFGF_NODEFAULT),
			CFG_STR_LIST("accept-vendor-class", NULL,
			    CFGF_NODEFAULT),
			CFG_STR_LIST("allow-relay", NULL, CFGF_NODEFAULT),
			CFG_STR_LIST("allow-client", NULL, CFGF_NODEFAULT),
			CFG_INT("client-rate", CONFIG_CLIENT_RATE,
			    CFGF_NONE),
			CFG_INT("total-rate", CONFIG_TOTAL_RATE, CFGF_NONE),
			/* Without NO_TITLE_DUPES a second would replace it. */
			CFG_SEC("rule", grammar.rule,
			    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
			CFG_FUNC("include", include),
			CFG_BOOL(END_MARK, cfg_false, CFGF_NONE),
			CFG_END()
		};

		cfg = cfg_init(top, CFGF_NONE);
	}
	if (cfg == NULL)
		return NULL;
	(void)cfg_set_error_function(cfg, complain);
	set_checks(cfg, &grammar);
	return cfg;
}

/* Parse the file, and what it includes; NULL after an error. */
static cfg_t *
parse(const char *path)
{
	size_t n;
	char *text = read_text(path, &n);
	cfg_t *cfg = NULL;
	bool sound = false;

	if (text == NULL || !can_parse(text, n) ||
	    (cfg = make_parser()) == NULL) {
		log_errno("%s", path);
	} else {
		hide_variables(true);
		sound = parse_text(cfg, path, text, n);
		hide_variables(false);
	}
	free(text);
	if (sound)
		return cfg;
	if (cfg != NULL)
		(void)cfg_free(cfg);
	return NULL;
}

/*
 * From the parsed file to the policy.  All values were checked, but for what
 * other files say.
 */

static const struct hosts_table *
take_hosts(struct config *config, const char *path)
{
	struct config_table *table;

	for (table = config->tables; table != NULL; table = table->next)
		if (strcmp(table->path, path) == 0)
			return table->hosts;
	table = keep(config, 1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->path = path;
	table->hosts = hosts_file_read(path);
	if (table->hosts == NULL)
		return NULL;
	table->next = config->tables;
	config->tables = table;
	return table->hosts;
}

static bool
take_value(struct config *config, enum match_key key, const char *text,
    struct match_value *out)
{
	struct value_room room;

	if (key == MATCH_HOSTS) {
		out->text = text;
		out->is.hosts = take_hosts(config, text);
		return out->is.hosts != NULL;
	}
	room = room_for(config, text);
	return value_match(key, text, &room, out) == NULL;
}

static bool
take_match(struct config *config, cfg_t *section, const char *name,
    struct match *out)
{
	struct match_value *value;
	unsigned n = cfg_size(section, name);

	value = keep(config, n, sizeof(*value));
	if (value == NULL)
		return false;
	out->key = key_of(name);
	out->negated = strncmp(name, "not-", 4) == 0;
	out->value = value;
	out->n = n;
	for (unsigned i = 0; i < n; i++)
		if (!take_value(config, out->key,
		    cfg_getnstr(section, name, i), &value[i]))
			return false;
	return true;
}

static bool
take_matches(struct config *config, cfg_t *section, struct policy_rule *rule)
{
	struct match *match = keep(config, CONDITIONS, sizeof(*match));

	if (match == NULL)
		return false;
	rule->match = match;
	for (unsigned i = 0; i < CONDITIONS; i++) {
		char name[NOT_MAX];

		(void)snprintf(name, sizeof(name), "%s%s",
		    i % 2 == 1 ? "not-" : "",
		    match_key_name((enum match_key)(i / 2)));
		if (!is_set(section, name))
			continue;
		if (!take_match(config, section, name,
		    &match[rule->n_match]))
			return false;
		if (i == 2 * MATCH_HOSTS)
			rule->hosts = match[rule->n_match].value[0].is.hosts;
		rule->n_match++;
	}
	return true;
}

static bool
take_options(struct config *config, cfg_t *section, struct policy_rule *rule)
{
	unsigned n = cfg_size(section, "option");
	struct policy_option *option = keep(config, n, sizeof(*option));

	if (option == NULL)
		return false;
	for (unsigned i = 0; i < n; i++) {
		const char *text = cfg_getnstr(section, "option", i);
		struct value_room room = room_for(config, text);

		if (value_option(text, &room, &option[i]) != NULL)
			return false;
	}
	rule->option = option;
	rule->n_option = n;
	return true;
}

static bool
take_menu(struct config *config, cfg_t *section, struct policy_rule *rule)
{
	struct form_menu *menu = keep(config, 1, sizeof(*menu));
	struct form_item *item;
	uint8_t octets[OPTION_VALUE_MAX];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	if (menu == NULL)
		return false;
	menu->prompt = is_set(section, "prompt") ?
	    cfg_getstr(section, "prompt") : "Press F8 for the boot menu";
	menu->timeout = is_set(section, "timeout") ?
	    (uint8_t)cfg_getint(section, "timeout") : 0;
	menu->n = cfg_size(section, "item");
	menu->item = item = keep(config, menu->n, sizeof(*item));
	if (item == NULL)
		return false;
	for (unsigned i = 0; i < menu->n; i++) {
		cfg_t *from = cfg_getnsec(section, "item", i);

		item[i].text = cfg_title(from);
		item[i].file = cfg_getstr(from, "bootfile-name");
		if (is_set(from, "next-server"))
			item[i].has_next_server = value_address(
			    cfg_getstr(from, "next-server"),
			    &item[i].next_server) == NULL;
	}
	rule->menu = menu;
	form_row(FORM_MENU)->write_offer(&w,
	    &(struct form_vendor){ .menu = menu });
	if (w.full)
		log_error("%s: rule \"%s\": the menu is longer than the 255 "
		    "octets of option 43", rule->origin, rule->name);
	return !w.full;
}

static bool
take_answer(struct config *config, cfg_t *section, struct policy_rule *rule)
{
	const char *next_server = cfg_getstr(section, "next-server");

	rule->ignore = cfg_getbool(section, "ignore");
	rule->file = cfg_getstr(section, "bootfile-name");
	rule->form = form_of(section);
	rule->delay = (uint16_t)cfg_getint(section, "delay");
	rule->min_secs = (uint16_t)cfg_getint(section, "min-secs");
	if (next_server != NULL && template_has_variables(next_server))
		rule->next_server_text = next_server;
	else if (next_server != NULL)
		rule->has_next_server = value_address(next_server,
		    &rule->next_server) == NULL;
	return take_options(config, section, rule) &&
	    (rule->form != FORM_MENU || take_menu(config, section, rule));
}

static struct policy_networks
take_networks(struct config *config, const char *name)
{
	size_t n = cfg_size(config->file, name);
	struct match_network *network = keep(config, n, sizeof(*network));

	for (unsigned i = 0; network != NULL && i < n; i++) {
		const char *text = cfg_getnstr(config->file, name, i);
		struct value_room room = room_for(config, text);
		struct match_value value;

		if (value_match(MATCH_RELAY, text, &room, &value) == NULL)
			network[i] = value.is.network;
	}
	return (struct policy_networks){ network, n };
}

static void
take_limits(struct config *config)
{
	cfg_t *file = config->file;

	config->rates = (struct config_rates){ CONFIG_CLIENT_RATE,
	    CONFIG_TOTAL_RATE };
	if (file == NULL)
		return;
	config->rates.client = (unsigned)cfg_getint(file, "client-rate");
	config->rates.total = (unsigned)cfg_getint(file, "total-rate");
	config->policy.allow_relay = take_networks(config, "allow-relay");
	config->policy.allow_client = take_networks(config, "allow-client");
}

static void
take_top(struct config *config, const struct options *options)
{
	struct policy *policy = &config->policy;
	cfg_t *file = config->file;
	struct span *prefix;

	if (file != NULL && is_set(file, "next-server"))
		policy->has_next_server = value_address(
		    cfg_getstr(file, "next-server"),
		    &policy->next_server) == NULL;
	if (file != NULL && is_set(file, "bootfile-name"))
		policy->file = cfg_getstr(file, "bootfile-name");
	if (file != NULL && is_set(file, "default-arch"))
		policy->has_default_arch = value_arch(
		    cfg_getstr(file, "default-arch"),
		    &policy->default_arch) == NULL;
	if (file != NULL) {
		policy->classes.n = cfg_size(file, "accept-vendor-class");
		policy->classes.prefix = prefix = keep(config,
		    policy->classes.n, sizeof(*prefix));
		for (unsigned i = 0; prefix != NULL &&
		    i < policy->classes.n; i++) {
			const char *text = cfg_getnstr(file,
			    "accept-vendor-class", i);

			prefix[i] = (struct span){ (const uint8_t *)text,
			    strlen(text) };
		}
	}
	if (options->has_next_server) {
		policy->has_next_server = true;
		policy->next_server = options->next_server;
	}
	if (options->file != NULL)
		policy->file = options->file;
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
static bool
take_top_hosts(struct config *config, struct policy_rule *rule)
{
	struct match_value value = {
		.text = cfg_getstr(config->file, "hosts-file"),
	};

	value.is.hosts = take_hosts(config, value.text);
	*rule = built_in(config, "hosts-file", MATCH_HOSTS, value);
	rule->origin = config->file->filename;
	rule->hosts = value.is.hosts;
	return rule->hosts != NULL;
}

static bool
take_section(struct config *config, cfg_t *section, struct policy_rule *rule)
{
	rule->name = cfg_title(section);
	rule->origin = section->filename != NULL ? section->filename :
	    config->file->filename;
	return take_matches(config, section, rule) &&
	    take_answer(config, section, rule);
}

static bool
take_rules(struct config *config)
{
	cfg_t *file = config->file;
	size_t archs, sections, n = 0;
	struct policy_rule *rule;
	struct policy_glance *glance;

	(void)arch_table(&archs);
	sections = file != NULL ? cfg_size(file, "rule") : 0;
	rule = keep(config, sections + archs + 4, sizeof(*rule));
	if (rule == NULL)
		return false;
	if (file != NULL && is_set(file, "hosts-file") &&
	    !take_top_hosts(config, &rule[n++]))
		return false;
	for (unsigned i = 0; i < sections; i++, n++) {
		if (!take_section(config, cfg_getnsec(file, "rule", i),
		    &rule[n]))
			return false;
		if (form_row(rule[n].form)->takes_others &&
		    rule[n].n_match > 0)
			config->policy.classes.others = true;
	}
	config->in_file = n;
	n += take_built_in(config, rule + n);
	config->policy.rule = rule;
	config->policy.n = n;
	config->policy.glance = glance = keep(config, n, sizeof(*glance));
	for (size_t i = 0; glance != NULL && i < n; i++)
		glance[i] = policy_glance_at(&rule[i]);
	return true;
}

struct config *
config_load(const struct options *options)
{
	struct config *config;
	const char *fault;

	fault = options->file != NULL ? value_file(options->file) : NULL;
	if (fault != NULL) {
		log_error("--bootfile-name \"%.100s\" %s", options->file,
		    fault);
		return NULL;
	}
	if ((config = calloc(1, sizeof(*config))) == NULL) {
		log_errno("reading the configuration");
		return NULL;
	}
	if (options->config != NULL &&
	    (config->file = parse(options->config)) == NULL)
		goto fail;
	take_top(config, options);
	take_limits(config);
	if (take_rules(config) && !config->starved)
		return config;
fail:
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

/* Only a relay's own messages have option 82; port 4011 sees none. */
static bool
needs_option_82(const struct policy_rule *rule)
{
	for (size_t i = 0; i < rule->n_match; i++)
		if (!rule->match[i].negated &&
		    (rule->match[i].key == MATCH_CIRCUIT_ID ||
		    rule->match[i].key == MATCH_REMOTE_ID))
			return true;
	return false;
}

static bool
leads_to_4011(const struct policy_rule *rule)
{
	return !rule->ignore && form_row(rule->form)->asks_4011;
}

static void
warn_covered(const struct policy_rule *rule, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (!policy_covers(&rule[j], &rule[i]))
			continue;
		log_warning("%s: rule \"%s\" can never match: \"%s\" stands "
		    "before it and takes all that it would", rule[i].origin,
		    rule[i].name, rule[j].name);
		break;
	}
}

void
config_warn(const struct config *config)
{
	const struct policy_rule *rule = config->policy.rule;

	for (size_t i = 0; i < config->in_file; i++) {
		warn_covered(rule, i);
		if (needs_option_82(&rule[i]) && leads_to_4011(&rule[i]))
			log_warning("%s: rule \"%s\" matches option 82, which "
			    "requests on port 4011 do not have: it needs a "
			    "form without them, such as direct, or a twin "
			    "with client-network", rule[i].origin,
			    rule[i].name);
	}
}

void
config_free(struct config *config)
{
	struct piece *piece, *next;

	if (config == NULL)
		return;
	for (struct config_table *t = config->tables; t != NULL; t = t->next)
		hosts_file_free(t->hosts);
	for (piece = config->pieces; piece != NULL; piece = next) {
		next = piece->next;
		free(piece);
	}
	if (config->file != NULL)
		(void)cfg_free(config->file);
	free(config);
}
