#include "report/report.h"

#include "report/json.h"
#include "core/template.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>

enum {
	VALUE_MAX = 64,		/* octets of the wire shown of one value */
	DIGITS_MAX = 10,	/* of a number of 32 bits */
};

/* A line that is being written: what does not fit is cut. */
struct line {
	char *p;
	size_t size;
	size_t n;
};

static void __attribute__((format(printf, 2, 3)))
add(struct line *line, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line->p + line->n, line->size - line->n, format, ap);
	va_end(ap);
	if (n < 0)
		return;
	line->n += (size_t)n < line->size - line->n ? (size_t)n :
	    line->size - line->n - 1;
}

/*
 * Every line of a live log comes through these, and printf() would cost as
 * much as the rest of an answer.
 */

static void
add_char(struct line *line, char c)
{
	if (line->n + 1 < line->size) {
		line->p[line->n++] = c;
		line->p[line->n] = '\0';
	}
}

static void
add_octets(struct line *line, const char *text, size_t n)
{
	size_t room = line->size - line->n - 1;

	if (n > room)
		n = room;
	memcpy(line->p + line->n, text, n);
	line->n += n;
	line->p[line->n] = '\0';
}

/* Inline, so that the length of a literal is known. */
static inline void
add_word(struct line *line, const char *text)
{
	add_octets(line, text, strlen(text));
}

static const char hex_digits[] = "0123456789abcdef";

static void
add_hex(struct line *line, uint8_t octet)
{
	add_char(line, hex_digits[octet >> 4]);
	add_char(line, hex_digits[octet & 0xf]);
}

/* Write a number at out, of DIGITS_MAX characters at most; its end. */
static char *
put_number(char *out, unsigned number)
{
	char digits[DIGITS_MAX], *at = digits + sizeof(digits);

	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	while (at < digits + sizeof(digits))
		*out++ = *at++;
	return out;
}

static void
add_number(struct line *line, unsigned number)
{
	char digits[DIGITS_MAX] = "";

	add_octets(line, digits,
	    (size_t)(put_number(digits, number) - digits));
}

static bool
is_plain(uint8_t c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* In quotes; what is not printable ASCII, quotes and backslashes as \xNN. */
static void
add_quoted(struct line *line, struct span text, size_t most)
{
	struct span shown, plain;
	size_t n;
	uint8_t c;

	if (!span_take(&text, most, &shown)) {
		shown = text;
		text.n = 0;
	}
	add_char(line, '"');
	while (shown.n > 0) {
		for (n = 0; n < shown.n && is_plain(shown.p[n]); n++)
			continue;
		if (span_take(&shown, n, &plain))
			add_octets(line, (const char *)plain.p, plain.n);
		if (span_u8(&shown, &c)) {
			add_word(line, "\\x");
			add_hex(line, c);
		}
	}
	add_word(line, text.n > 0 ? "...\"" : "\"");
}

static void
add_text(struct line *line, const char *text)
{
	add_quoted(line, (struct span){ (const uint8_t *)text, strlen(text) },
	    POLICY_FILE_MAX);
}

/* At most DHCP_CHADDR octets: put together first, and added in one piece. */
static void
add_mac(struct line *line, const uint8_t *mac, size_t n)
{
	char text[3 * DHCP_CHADDR], *at = text;

	for (size_t i = 0; i < n; i++) {
		*at++ = hex_digits[mac[i] >> 4];
		*at++ = hex_digits[mac[i] & 0xf];
		*at++ = ':';
	}
	if (n == 0)
		add_char(line, '-');
	else
		add_octets(line, text, 3 * n - 1);
}

static void
add_address(struct line *line, struct in_addr address)
{
	uint8_t text[INET_ADDRSTRLEN];
	struct writer w = { text, sizeof(text), 0, false };

	template_write_dotted(&w, address);
	add_octets(line, (const char *)text, w.n);
}

static void
add_place(struct line *line, const char *key, struct in_addr address,
    uint16_t port)
{
	add_word(line, key);
	add_address(line, address);
	add_char(line, ':');
	add_number(line, port);
}

static void
add_client(struct line *line, const struct exchange *x)
{
	if (x->step >= RESPONDER_HEADER)
		add_mac(line, x->dhcp.chaddr, x->dhcp.hlen);
	else if (x->step >= RESPONDER_FRAME)
		add_mac(line, x->frame.from, FRAME_MAC);
	else
		add_char(line, '-');
}

static const char *
message_name(const struct exchange *x)
{
	static const char *const names[] = {
		[DHCP_DISCOVER] = "DISCOVER",
		[DHCP_OFFER] = "OFFER",
		[DHCP_REQUEST] = "REQUEST",
		[DHCP_DECLINE] = "DECLINE",
		[DHCP_ACK] = "ACK",
		[DHCP_NAK] = "NAK",
		[DHCP_RELEASE] = "RELEASE",
		[DHCP_INFORM] = "INFORM",
	};

	return x->step >= RESPONDER_DHCP ? names[x->dhcp.type] : "-";
}

static void
add_arch(struct line *line, const struct exchange *x)
{
	const struct arch *arch;

	if (x->step < RESPONDER_REQUEST || !x->request.has_arch) {
		add_char(line, '-');
		return;
	}
	arch = arch_by_number(x->request.arch);
	if (arch != NULL) {
		add_word(line, arch->name);
	} else {
		add_word(line, "arch-");
		add_number(line, x->request.arch);
	}
}

static void
add_gift(struct line *line, const struct exchange *x)
{
	add_word(line, " form=");
	add_word(line, policy_form_name(x->decision.form));
	add_word(line, " bootfile-name=");
	add_text(line, x->decision.file);
	add_word(line, " next-server=");
	add_address(line, x->decision.next_server);
}

/* Where the answer goes. */
static void
add_way(struct line *line, const struct exchange *x)
{
	const struct reply *reply = &x->reply[0];

	if (!verdict_answered(x->verdict))
		return;
	add_place(line, " to=", reply->destination, reply->destination_port);
	for (unsigned i = 0; i < reply->tags; i++) {
		add_word(line, " vlan=");
		add_number(line, frame_vlan(reply->tag[i]));
	}
}

/* Who a request came from, where that is what is wrong with it. */
static void
add_origin(struct line *line, const struct exchange *x)
{
	add_place(line, " from=", x->frame.source, x->frame.source_port);
	add_place(line, " at=", x->frame.destination,
	    x->frame.destination_port);
	if (x->dhcp.giaddr.s_addr != 0) {
		add_word(line, " giaddr=");
		add_address(line, x->dhcp.giaddr);
	}
	if (x->dhcp.ciaddr.s_addr != 0) {
		add_word(line, " ciaddr=");
		add_address(line, x->dhcp.ciaddr);
	}
}

static bool
is_about_origin(enum verdict verdict)
{
	return verdict == VERDICT_NOT_FOR_US ||
	    verdict == VERDICT_BAD_GIADDR || verdict == VERDICT_BAD_SOURCE ||
	    verdict == VERDICT_SOURCE_PORT ||
	    verdict == VERDICT_RELAY_NOT_ALLOWED ||
	    verdict == VERDICT_CLIENT_NOT_ALLOWED ||
	    verdict == VERDICT_SOURCE_NOT_CIADDR;
}

/* What stands between the client's address and where the answer goes. */
static void
add_outcome(struct line *line, const struct exchange *x)
{
	add_char(line, ' ');
	add_word(line, message_name(x));
	add_char(line, ' ');
	add_arch(line, x);
	add_char(line, ' ');
	add_word(line, verdict_name(x->verdict));
	if (x->step >= RESPONDER_RULE && x->decision.rule != NULL) {
		add_word(line, " rule=");
		add_quoted(line, (struct span){
		    (const uint8_t *)x->decision.rule->name,
		    strlen(x->decision.rule->name) }, VALUE_MAX);
	}
	if (verdict_answered(x->verdict))
		add_gift(line, x);
	else if (is_about_origin(x->verdict))
		add_origin(line, x);
	if (x->verdict == VERDICT_NO_ARCH) {
		add_word(line, " vendor-class=");
		add_quoted(line, x->request.vendor_class, VALUE_MAX);
	}
}

const char *
report_exchange(const struct exchange *x, char out[REPORT_LINE])
{
	struct line line = { out, REPORT_LINE, 0 };

	out[0] = '\0';
	add_client(&line, x);
	add_outcome(&line, x);
	add_way(&line, x);
	return out;
}

static bool
is_broadcast(const struct reply *reply)
{
	return reply->destination.s_addr == htonl(INADDR_BROADCAST) &&
	    reply->tags == 0;
}

/*
 * What add_outcome() writes is made of this, and what add_way() writes where
 * it is the same for many clients; false where of more.
 */
static bool
outcome_of(const struct exchange *x, struct report_outcome *out)
{
	bool answered = verdict_answered(x->verdict);

	if (is_about_origin(x->verdict) || x->verdict == VERDICT_NO_ARCH)
		return false;
	out->verdict = x->verdict;
	out->message = message_name(x);
	out->arch = x->step >= RESPONDER_REQUEST && x->request.has_arch ?
	    x->request.arch : -1;
	out->rule = x->step >= RESPONDER_RULE ? x->decision.rule : NULL;
	out->form = answered ? x->decision.form : POLICY_DEFAULT;
	out->n_file = answered ? x->decision.n : 0;
	out->next_server = answered ? x->decision.next_server.s_addr : 0;
	out->broadcast = answered && is_broadcast(&x->reply[0]) ?
	    x->reply[0].destination_port : 0;
	return true;
}

static bool
is_same(const struct report_outcome *a, const struct report_outcome *b)
{
	return a->verdict == b->verdict && a->message == b->message &&
	    a->arch == b->arch && a->rule == b->rule && a->form == b->form &&
	    a->n_file == b->n_file && a->next_server == b->next_server &&
	    a->broadcast == b->broadcast;
}

static bool
holds(const struct report_memory *memory, const struct report_outcome *of,
    const char *file)
{
	return is_same(&memory->of, of) &&
	    memcmp(memory->file, file, of->n_file) == 0;
}

/*
 * Is the outcome's text there?  *out is where it is, or may come.  Others may
 * have its first place, and what no place is left for takes that: files with a
 * client's name in them would else drive out all the rest.
 */
static bool
find_memory(struct report_cache *cache, const struct report_outcome *outcome,
    const char *file, struct report_memory **out)
{
	uint64_t hash = ((uintptr_t)outcome->rule ^
	    (uintptr_t)outcome->message << 16 ^
	    (uint64_t)outcome->verdict << 8 ^ (uint64_t)outcome->arch << 24 ^
	    (uint64_t)outcome->form) * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	for (unsigned i = 0; i < REPORT_PLACES; i++) {
		*out = &cache->memory[(hash + i) % REPORT_MEMORIES];
		if ((*out)->n == 0)
			return false;
		if (holds(*out, outcome, file))
			return true;
	}
	*out = &cache->memory[hash % REPORT_MEMORIES];
	return false;
}

/* The text as it was formed before for the same outcome, or formed now. */
static void
add_remembered(struct line *line, struct report_cache *cache,
    const struct exchange *x)
{
	struct report_outcome outcome;
	struct report_memory *memory;
	struct line text;

	if (!outcome_of(x, &outcome)) {
		add_outcome(line, x);
		add_way(line, x);
		return;
	}
	if (!find_memory(cache, &outcome, x->decision.file, &memory)) {
		text = (struct line){ memory->text, REPORT_LINE, 0 };
		add_outcome(&text, x);
		if (outcome.broadcast != 0)
			add_way(&text, x);
		memory->of = outcome;
		memcpy(memory->file, x->decision.file, outcome.n_file);
		memory->n = text.n;
	}
	add_octets(line, memory->text, memory->n);
	if (outcome.broadcast == 0)
		add_way(line, x);
}

size_t
report_quickly(struct report_cache *cache, const struct exchange *x,
    char out[REPORT_LINE])
{
	struct line line = { out, REPORT_LINE, 0 };

	add_client(&line, x);
	add_remembered(&line, cache, x);
	return line.n;
}

/* A field with a text, which may be from the configuration. */
static void
add_field(struct line *line, const char *name, const char *text)
{
	char json[REPORT_LINE];

	add(line, ",\"%s\":%s", name, json_text(text, json, sizeof(json)));
}

static void
add_address_field(struct line *line, const char *name,
    struct in_addr address)
{
	char dotted[INET_ADDRSTRLEN];

	add_field(line, name, inet_ntop(AF_INET, &address, dotted,
	    sizeof(dotted)));
}

static void
add_gift_fields(struct line *line, const struct exchange *x, bool sent)
{
	add_field(line, "form", policy_form_name(x->decision.form));
	add_field(line, "bootfile_name", x->decision.file);
	add_address_field(line, "next_server", x->decision.next_server);
	add_address_field(line, "to", x->reply[0].destination);
	add(line, ",\"to_port\":%u,\"sent\":%s",
	    x->reply[0].destination_port, sent ? "true" : "false");
}

static void
add_origin_fields(struct line *line, const struct exchange *x)
{
	add_address_field(line, "from", x->frame.source);
	add(line, ",\"from_port\":%u", x->frame.source_port);
	add_address_field(line, "at", x->frame.destination);
	add(line, ",\"at_port\":%u", x->frame.destination_port);
	add_address_field(line, "giaddr", x->dhcp.giaddr);
	add_address_field(line, "ciaddr", x->dhcp.ciaddr);
}

const char *
report_fields(const struct exchange *x, const char *interface, bool sent,
    char out[REPORT_FIELDS])
{
	struct line line = { out, REPORT_FIELDS, 0 };
	char text[REPORT_LINE];
	struct line word = { text, sizeof(text), 0 };

	add(&line, "\"event\":\"request\"");
	add_field(&line, "interface", interface);
	add_client(&word, x);
	add_field(&line, "client", text);
	add_field(&line, "message", message_name(x));
	word.n = 0;
	add_arch(&word, x);
	add_field(&line, "architecture", text);
	add_field(&line, "verdict", verdict_name(x->verdict));
	for (unsigned i = 0; x->step >= RESPONDER_FRAME &&
	    i < x->frame.tags; i++)
		add(&line, "%s%u%s", i == 0 ? ",\"vlans\":[" : ",",
		    frame_vlan(x->frame.tag[i]),
		    i + 1 == x->frame.tags ? "]" : "");
	if (x->step >= RESPONDER_RULE && x->decision.rule != NULL)
		add_field(&line, "rule", x->decision.rule->name);
	if (verdict_answered(x->verdict))
		add_gift_fields(&line, x, sent);
	else
		add_field(&line, "reason", verdict_sentence(x->verdict));
	if (is_about_origin(x->verdict))
		add_origin_fields(&line, x);
	return out;
}

enum log_level
report_level(enum verdict verdict)
{
	if (verdict == VERDICT_LEASE_REQUEST ||
	    verdict == VERDICT_OTHER_MESSAGE ||
	    verdict == VERDICT_NOT_FOR_US || verdict == VERDICT_TOO_SOON ||
	    verdict == VERDICT_REDIRECT)
		return LOG_LEVEL_DEBUG;
	if (verdict_answered(verdict) || verdict >= VERDICT_BAD_GIADDR)
		return LOG_LEVEL_INFO;
	return LOG_LEVEL_TRACE;
}

bool
report_is_dhcp(const struct exchange *x)
{
	return x->verdict != VERDICT_NOT_IPV4 &&
	    x->verdict != VERDICT_NOT_UDP &&
	    (x->verdict != VERDICT_OTHER_PORT ||
	    x->step >= RESPONDER_DHCP);
}

/*
 * The policy as a table.
 */

static void
add_match(struct line *line, const struct match *match)
{
	add(line, "%s%s ", match->negated ? "not " : "",
	    match_key_name(match->key));
	for (size_t i = 0; i < match->n; i++) {
		add(line, "%s", i > 0 ? " or " : "");
		add(line, "%s", match->value[i].text);
	}
}

const char *
report_match(const struct match *match, char out[REPORT_LINE])
{
	struct line line = { out, REPORT_LINE, 0 };

	out[0] = '\0';
	add_match(&line, match);
	return out;
}

static void
add_matches(struct line *line, const struct rule *rule)
{
	for (size_t i = 0; i < rule->n_match; i++) {
		add(line, "%s", i > 0 ? ", " : "");
		add_match(line, &rule->match[i]);
	}
	if (rule->n_match == 0)
		add(line, "every client");
}

/* The one architecture that the rule is for, or NULL. */
static const struct arch *
only_arch(const struct rule *rule)
{
	const struct match *match = rule->match;

	if (rule->n_match != 1 || match->key != MATCH_ARCH ||
	    match->negated || match->n != 1 || match->value->is.arch.is_family)
		return NULL;
	return arch_by_number(match->value->is.arch.number);
}

/* The form that the table can tell: that of the only kind it is for. */
static enum policy_form
likely_form(const struct rule *rule)
{
	const struct arch *arch = only_arch(rule);
	const struct match *match = rule->match;

	if (rule->form != POLICY_DEFAULT)
		return rule->form;
	if (arch != NULL)
		return arch->transport == ARCH_HTTP ? POLICY_HTTP :
		    policy_family_form(arch->family);
	if (rule->n_match != 1 || match->key != MATCH_CLIENT)
		return POLICY_DEFAULT;
	if (match->value->is.client == MATCH_CLIENT_IPXE)
		return POLICY_IPXE;
	return match->value->is.client == MATCH_CLIENT_HTTP ? POLICY_HTTP :
	    POLICY_DEFAULT;
}

static void
add_file(struct line *line, const struct policy *policy,
    const struct rule *rule)
{
	const struct arch *arch = only_arch(rule);

	if (rule->menu != NULL)
		add(line, "that of %zu items", rule->menu->n);
	else if (rule->hosts != NULL)
		add(line, "that of the host");
	else if (rule->file != NULL)
		add_text(line, rule->file);
	else if (policy->file != NULL)
		add_text(line, policy->file);
	else if (arch != NULL && arch->file != NULL)
		add_text(line, arch->file);
	else
		add(line, "that of the architecture");
}

static void
add_next_server(struct line *line, const struct policy *policy,
    const struct rule *rule)
{
	if (rule->next_server_text != NULL)
		add_text(line, rule->next_server_text);
	else if (rule->has_next_server)
		add_address(line, rule->next_server);
	else if (policy->has_next_server)
		add_address(line, policy->next_server);
	else
		add(line, "our own");
}

static void
add_answer(struct line *line, const struct policy *policy,
    const struct rule *rule)
{
	if (rule->ignore) {
		add(line, "nothing");
		return;
	}
	add(line, "bootfile-name ");
	add_file(line, policy, rule);
	add(line, ", next-server ");
	add_next_server(line, policy, rule);
	add(line, ", form %s", policy_form_name(likely_form(rule)));
	for (size_t i = 0; i < rule->n_option; i++)
		add(line, ", option %u", rule->option[i].code);
	if (rule->min_secs > 0)
		add(line, ", min-secs %u", rule->min_secs);
	if (rule->delay > 0)
		add(line, ", delay %u ms", rule->delay);
}

static void
print_networks(FILE *to, const char *name,
    const struct policy_networks *networks)
{
	char dotted[INET_ADDRSTRLEN];

	for (size_t i = 0; i < networks->n; i++)
		(void)fprintf(to, "%s %s/%d\n", name, inet_ntop(AF_INET,
		    &networks->network[i].address, dotted, sizeof(dotted)),
		    __builtin_popcount(networks->network[i].mask.s_addr));
}

void
report_policy(FILE *to, const struct policy *policy)
{
	char name[REPORT_LINE], matches[4 * REPORT_LINE],
	    answer[REPORT_LINE];

	for (size_t i = 0; i < policy->n; i++) {
		const struct rule *rule = &policy->rule[i];
		struct line names = { name, sizeof(name), 0 };
		struct line left = { matches, sizeof(matches), 0 };
		struct line right = { answer, sizeof(answer), 0 };

		add_text(&names, rule->name);
		add_matches(&left, rule);
		add_answer(&right, policy, rule);
		(void)fprintf(to, "%3zu  %-28s %-26s -> %s  (%s)\n", i + 1,
		    name, matches, answer, rule->origin);
	}
	print_networks(to, "allow-relay", &policy->allow_relay);
	print_networks(to, "allow-client", &policy->allow_client);
}
