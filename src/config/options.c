#include "config/options.h"

#include "config/nearest.h"
#include "core/span.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Long options without a letter have these instead. */
enum {
	NO_LETTER = 256,
	OPT_NEXT_SERVER = NO_LETTER,
	OPT_ALL,
	OPT_BYPASS_QUEUE,
	OPT_CLIENT,
	OPT_LEASE,
	OPT_RELAY,
	OPT_SERVER,
	OPT_WAIT,
	OPT_PROMISCUOUS,
	OPT_REQUIRE_ALL,
	OPT_BOOTFILE_NAME,
	OPT_EXPLAIN,
	OPT_INTERFACE,
	OPT_ADDRESS,
	OPT_CONTROL_SOCKET,
	OPT_JSON,
	OPT_MAC,
	OPT_METRICS_FILE,
	OPT_SYSLOG,
	OPT_HOLD_PORT_67,
	OPT_LEAVE_PORT_67,
	OPT_LOG_FORMAT,
	OPT_USER,
	OPT_WATCH,
};

/* What is wrong with the command line: said before there is a log. */
static void __attribute__((format(printf, 1, 2)))
bad_usage(const char *format, ...)
{
	va_list ap;

	(void)fputs(PACKAGE_NAME ": ", stderr);
	va_start(ap, format);
	(void)vfprintf(stderr, format, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

static const struct {
	int letter;		/* or one of the above */
	const char *name;
	const char *argument;	/* its name, or NULL: takes none */
	const char *help;
} table[] = {
	{ 'c', "config", "FILE", "read the configuration from FILE" },
	{ 'd', "debug", NULL, "log more: each request; twice: each frame" },
	{ 'h', "help", NULL, "print this help and exit" },
	{ 'n', "listen-only", NULL, "say what would be answered, send nothing" },
	{ 'p', "no-promiscuous-mode", NULL,
	    "leave promiscuous mode as it is" },
	{ 'q', "quiet", NULL, "no line for each frame or answer" },
	{ 'r', "read", "FILE", "replay the savefile FILE (- is standard input)" },
	{ 't', "test-config", NULL, "print the policy; twice: the built-in rules too" },
	{ 'V', "version", NULL, "print the version and exit" },
	{ 'w', "write", "FILE", "write answers or frames to savefile FILE" },
	{ OPT_ADDRESS, "address", "ADDRESS",
	    "answer as this IPv4 address (replay: 192.0.2.1)" },
	{ OPT_ALL, "all", NULL, "probe as each kind of client in turn" },
	{ OPT_BOOTFILE_NAME, "bootfile-name", "FILE",
	    "give this boot file to every client" },
	{ OPT_BYPASS_QUEUE, "bypass-queue", NULL,
	    "answer past the interfaces' queues and tcpdump" },
	{ OPT_CLIENT, "client", "CLIENT",
	    "probe as CLIENT: name, or words of --explain" },
	{ OPT_CONTROL_SOCKET, "control-socket", "PATH",
	    "where to tell, or ask for, the status" },
	{ OPT_EXPLAIN, "explain", "CLIENT",
	    "say rule by rule why CLIENT gets what it gets" },
	{ OPT_HOLD_PORT_67, "hold-port-67", NULL,
	    "hold port 67 even if no relay is configured" },
	{ OPT_INTERFACE, "interface", "NAME",
	    "replay as if the frames came in on NAME" },
	{ OPT_JSON, "json", NULL, "print the status, diagnosis or probe as JSON" },
	{ OPT_LEASE, "lease", NULL,
	    "probe to the end: take an address, give it back" },
	{ OPT_LEAVE_PORT_67, "leave-port-67", NULL,
	    "never hold port 67: another server needs it" },
	{ OPT_LOG_FORMAT, "log-format", "FORMAT",
	    "log as text, or as json: an object a line" },
	{ OPT_MAC, "mac", "MAC",
	    "answer, or probe, as this MAC address" },
	{ OPT_METRICS_FILE, "metrics-file", "FILE",
	    "keep counters for Prometheus in FILE" },
	{ OPT_NEXT_SERVER, "next-server", "ADDRESS",
	    "the TFTP or HTTP server (default: our address)" },
	{ OPT_PROMISCUOUS, "promiscuous", NULL,
	    "put the interfaces into promiscuous mode" },
	{ OPT_RELAY, "relay", "ADDRESS",
	    "probe as a relay with it, which asks --server" },
	{ OPT_REQUIRE_ALL, "require-all", NULL,
	    "end if no interface is ready at the start" },
	{ OPT_SERVER, "server", "ADDRESS", "whom --relay asks" },
	{ OPT_SYSLOG, "syslog", NULL, "log to syslog instead of stderr" },
	{ OPT_USER, "user", "NAME",
	    "the user to become (default: pxeproxyd)" },
	{ OPT_WAIT, "wait", "SECONDS", "probe for so long" },
	{ OPT_WATCH, "watch", NULL, "print the status every two seconds" },
};

enum { ROWS = sizeof(table) / sizeof(table[0]) };

static const struct {
	const char *name;
	enum options_verb verb;
} verbs[] = {
	{ "reload", OPTIONS_RELOAD },
	{ "status", OPTIONS_STATUS },
	{ "check", OPTIONS_CHECK },
	{ "diagnose", OPTIONS_DIAGNOSE },
	{ "probe", OPTIONS_PROBE },
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

void
options_help(FILE *to)
{
	(void)fputs(
	    "Usage: pxeproxyd [OPTION]... INTERFACE...\n"
	    "       pxeproxyd [OPTION]... -r FILE\n"
	    "       pxeproxyd reload [--control-socket PATH]\n"
	    "       pxeproxyd status [--json] [--watch] [VIEW | MAC]\n"
	    "       pxeproxyd check [-c FILE] CLIENTS\n"
	    "       pxeproxyd diagnose [OPTION]... FILE\n"
	    "       pxeproxyd probe [OPTION]... INTERFACE\n"
	    "ProxyDHCP (PXE boot server) responder.\n\n", to);
	for (size_t i = 0; i < ROWS; i++) {
		char left[40];
		bool has_letter = table[i].letter < NO_LETTER;

		(void)snprintf(left, sizeof(left), "%c%c%c --%s%s%s",
		    has_letter ? '-' : ' ',
		    has_letter ? table[i].letter : ' ',
		    has_letter ? ',' : ' ', table[i].name,
		    table[i].argument != NULL ? " " : "",
		    table[i].argument != NULL ? table[i].argument : "");
		(void)fprintf(to, "  %-29s %s\n", left, table[i].help);
	}
	(void)fputs("\nSee pxeproxyd(8) and pxeproxyd.conf(5).\n", to);
}

static void
build_getopt(char letters[2 * ROWS + 2], struct option longs[ROWS + 1])
{
	size_t n = 0;

	/* A colon first: we say ourselves what is wrong. */
	letters[n++] = ':';
	memset(longs, 0, (ROWS + 1) * sizeof(longs[0]));
	for (size_t i = 0; i < ROWS; i++) {
		longs[i].name = table[i].name;
		longs[i].has_arg = table[i].argument != NULL ?
		    required_argument : no_argument;
		longs[i].val = table[i].letter;
		if (table[i].letter >= NO_LETTER)
			continue;
		letters[n++] = (char)table[i].letter;
		if (table[i].argument != NULL)
			letters[n++] = ':';
	}
	letters[n] = '\0';
}

static bool
read_address(const char *name, const char *text, bool *has,
    struct in_addr *out)
{
	*has = inet_pton(AF_INET, text, out) == 1 &&
	    is_set(*out);
	if (!*has)
		bad_usage("--%s: %s is not an IPv4 address", name, text);
	return *has;
}

static bool
read_mac(const char *text, struct options *out)
{
	struct ether_addr mac;

	out->has_mac = ether_aton_r(text, &mac) != NULL;
	if (out->has_mac)
		memcpy(out->mac, mac.ether_addr_octet, sizeof(out->mac));
	else
		bad_usage("--mac: %s is not a MAC address", text);
	return out->has_mac;
}

static bool
read_format(const char *text, struct options *out)
{
	out->log_json = strcmp(text, "json") == 0;
	if (out->log_json || strcmp(text, "text") == 0)
		return true;
	bad_usage("--log-format: %s is neither text nor json", text);
	return false;
}

enum { WAIT_MAX = 120 };		/* seconds */

static bool
read_wait(const char *text, struct options *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text >= '0' && *text <= '9' && *end == '\0' && n > 0 &&
	    n <= WAIT_MAX) {
		out->wait = (unsigned)n;
		return true;
	}
	bad_usage("--wait: %s is not a number of seconds from 1 to %d", text,
	    WAIT_MAX);
	return false;
}

/* false: said what is wrong. */
static bool
take(int letter, char *argument, struct options *out)
{
	bool has;

	switch (letter) {
	case 'c':
		out->config = argument;
		return true;
	case 'd':
		out->debug++;
		return true;
	case 'n':
		out->listen_only = true;
		return true;
	case 'p':
	case OPT_PROMISCUOUS:
		out->has_promiscuous = true;
		out->promiscuous = letter == OPT_PROMISCUOUS;
		return true;
	case 'q':
		out->quiet = true;
		return true;
	case 'r':
		out->read = argument;
		return true;
	case 't':
		out->test++;
		return true;
	case 'w':
		out->write = argument;
		return true;
	case OPT_ADDRESS:
		return read_address("address", argument, &out->has_address,
		    &out->address);
	case OPT_ALL:
		out->all = true;
		return true;
	case OPT_CLIENT:
		out->client = argument;
		return true;
	case OPT_LEASE:
		out->lease = true;
		return true;
	case OPT_RELAY:
		return read_address("relay", argument, &has, &out->relay);
	case OPT_SERVER:
		return read_address("server", argument, &has, &out->server);
	case OPT_WAIT:
		return read_wait(argument, out);
	case OPT_BOOTFILE_NAME:
		out->file = argument;
		return true;
	case OPT_CONTROL_SOCKET:
		out->control = argument;
		return true;
	case OPT_EXPLAIN:
		out->explain = argument;
		return true;
	case OPT_INTERFACE:
		out->link = argument;
		return true;
	case OPT_JSON:
		out->json = true;
		return true;
	case OPT_HOLD_PORT_67:
		out->port_67 = OPTIONS_PORT_67_HOLD;
		return true;
	case OPT_LEAVE_PORT_67:
		out->port_67 = OPTIONS_PORT_67_LEAVE;
		return true;
	case OPT_LOG_FORMAT:
		return read_format(argument, out);
	case OPT_MAC:
		return read_mac(argument, out);
	case OPT_METRICS_FILE:
		out->metrics = argument;
		return true;
	case OPT_NEXT_SERVER:
		return read_address("next-server", argument,
		    &out->has_next_server, &out->next_server);
	case OPT_BYPASS_QUEUE:
		out->bypass_queue = true;
		return true;
	case OPT_REQUIRE_ALL:
		out->require_all = true;
		return true;
	case OPT_SYSLOG:
		out->to_syslog = true;
		return true;
	case OPT_USER:
		out->user = argument;
		return true;
	case OPT_WATCH:
		out->watch = true;
		return true;
	default:
		return false;
	}
}

static bool
complain(int letter, char *argv[])
{
	if (letter == ':')
		bad_usage("%s needs an argument; see --help",
		    argv[optind - 1]);
	else if (optopt != 0 && optopt < NO_LETTER)
		bad_usage("there is no option -%c; see --help", optopt);
	else
		bad_usage("%s is not understood; see --help",
		    argv[optind - 1]);
	return false;
}

/*
 * The verb that the word is, or almost is; NULL where there is none.  Names of
 * interfaces have digits as a rule: what has anything but letters is no verb.
 */
static const char *
near_verb(const char *word)
{
	struct nearest nearest = { word, NULL, 0 };

	if (strspn(word, "abcdefghijklmnopqrstuvwxyz") != strlen(word))
		return NULL;
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(word, verbs[i].name) == 0)
			return verbs[i].name;
		nearest_try(&nearest, verbs[i].name);
	}
	return nearest.found;
}

/* A first word that is an interface of this host is never a verb. */
static bool
is_misspelt_verb(const char *word)
{
	const char *near = near_verb(word);

	if (near == NULL || if_nametoindex(word) != 0)
		return false;
	if (strcmp(near, word) == 0)
		bad_usage("the verb %s must come before all options; "
		    "see --help", near);
	else
		bad_usage("%s is neither a verb nor an interface of this "
		    "host; is the verb %s meant? See --help", word, near);
	return true;
}

/* One that is named twice would have two answers to each request. */
static bool
names_each_once(const struct options *options)
{
	for (unsigned i = 0; i < options->interfaces; i++)
		for (unsigned k = 0; k < i; k++)
			if (strcmp(options->interface[i],
			    options->interface[k]) == 0) {
				bad_usage("%s is named twice",
				    options->interface[i]);
				return false;
			}
	return true;
}

/* What goes together, and what is missing. */
static bool
is_sound(const struct options *options)
{
	if (options->verb == OPTIONS_SERVE && options->interfaces > 0 &&
	    is_misspelt_verb(options->interface[0]))
		return false;
	if (options->verb == OPTIONS_RELOAD && options->interfaces > 0) {
		bad_usage("reload: %s is one word too many",
		    options->interface[0]);
		return false;
	}
	if (options->verb == OPTIONS_STATUS && options->interfaces > 1) {
		bad_usage("status: %s is one word too many",
		    options->interface[1]);
		return false;
	}
	if (options->test > 0 || options->explain != NULL ||
	    options->verb != OPTIONS_SERVE)
		return true;
	if (!names_each_once(options))
		return false;
	if (options->read == NULL && options->interfaces == 0 &&
	    options->config == NULL) {
		bad_usage("no interface and no savefile is named; "
		    "see --help");
		return false;
	}
	if (options->read != NULL && options->interfaces > 0) {
		bad_usage("a savefile (-r) and an interface (%s) do not go "
		    "together", options->interface[0]);
		return false;
	}
	return true;
}

/* What is for a probe alone, and what of it goes together. */
static bool
is_sound_probe(const struct options *options)
{
	const char *fault = NULL;
	bool is_relay = is_set(options->relay);

	if (options->verb != OPTIONS_PROBE) {
		if (options->all || options->client != NULL ||
		    options->lease || options->wait > 0 || is_relay ||
		    is_set(options->server))
			fault = "--all, --client, --lease, --relay, --server "
			    "and --wait are for the verb probe alone";
	} else if (is_relay != is_set(options->server)) {
		fault = "probe: --relay and --server go together";
	} else if (is_relay && options->lease) {
		fault = "probe: --relay and --lease do not go together";
	} else if (options->all && options->client != NULL) {
		fault = "probe: --all and --client do not go together";
	} else if (options->has_mac && (options->mac[0] & 1) != 0) {
		fault = "probe: --mac must be the address of one machine";
	}
	if (fault != NULL)
		bad_usage("%s; see --help", fault);
	return fault == NULL;
}

static enum options_verb
verb_of(const char *word)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(word, verbs[i].name) == 0)
			return verbs[i].verb;
	return OPTIONS_SERVE;
}

/* The one file that a verb is for. */
static bool
take_file(const char *what, const char **file, struct options *out)
{
	if (out->interfaces != 1) {
		bad_usage("%s; see --help", what);
		return false;
	}
	*file = out->interface[0];
	out->interfaces = 0;
	return true;
}

enum options_outcome
options_read(int argc, char *argv[], struct options *out)
{
	char letters[2 * ROWS + 2];
	struct option longs[ROWS + 1];
	int letter;

	*out = (struct options){ 0 };
	out->verb = argc > 1 ? verb_of(argv[1]) : OPTIONS_SERVE;
	if (out->verb != OPTIONS_SERVE) {
		argc--;
		argv++;
	}
	build_getopt(letters, longs);
	optind = 1;
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) !=
	    -1) {
		switch (letter) {
		case 'h':
			options_help(stdout);
			return OPTIONS_EXIT;
		case 'V':
			(void)printf("%s %s\n", PACKAGE_NAME,
			    PACKAGE_VERSION);
			return OPTIONS_EXIT;
		case ':':
		case '?':
			(void)complain(letter, argv);
			return OPTIONS_BAD;
		default:
			if (!take(letter, optarg, out))
				return OPTIONS_BAD;
		}
	}
	out->interface = argv + optind;
	out->interfaces = (unsigned)(argc - optind);
	if (out->verb == OPTIONS_DIAGNOSE && !take_file("diagnose takes one "
	    "savefile", &out->diagnose, out))
		return OPTIONS_BAD;
	if (out->verb == OPTIONS_CHECK && !take_file("check takes one file of "
	    "clients", &out->check, out))
		return OPTIONS_BAD;
	if (out->verb == OPTIONS_PROBE && !take_file("probe takes one "
	    "interface", &out->probe, out))
		return OPTIONS_BAD;
	return is_sound(out) && is_sound_probe(out) ? OPTIONS_RUN : OPTIONS_BAD;
}
