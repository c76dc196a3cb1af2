#include "report/report.h"

#include "report/json.h"
#include "report/text.h"

#include <string.h>

enum {
	WIRE_MAX = 64,		/* octets of the wire shown of one value */
	NAME_MAX_OCTETS = 64,	/* of a rule's name, in the text */
	JSON_VALUE = REPORT_LINE,
};

/*
 * What a field has to say.
 */

enum value_kind {
	VALUE_WORD,		/* a word of ours, or an address as text */
	VALUE_LABEL,		/* a word; in the text a colon follows it */
	VALUE_TEXT,		/* from the configuration */
	VALUE_WIRE,		/* from the wire */
	VALUE_ADDRESS,
	VALUE_PLACE,		/* an address and a port */
	VALUE_VLANS,
	VALUE_FLAG,		/* the text is there where it is false */
};

struct value {
	enum value_kind kind;
	const char *word;		/* VALUE_WORD, _LABEL, _TEXT */
	char room[TEXT_MAC];		/* for a word that is formed */
	size_t most;			/* VALUE_TEXT: octets in the text */
	struct span octets;		/* VALUE_WIRE */
	struct in_addr address;
	uint16_t port;
	const struct frame_tag *tag;
	unsigned tags;
	bool flag;
};

static void
interface_of(const struct report_request *request, struct value *out)
{
	out->word = request->interface;
}

static void
client_of(const struct report_request *request, struct value *out)
{
	const struct responder_exchange *x = request->exchange;

	out->word = "-";
	if (x->step >= RESPONDER_HEADER)
		out->word = text_mac(x->dhcp.chaddr, x->dhcp.hlen, out->room);
	else if (x->step >= RESPONDER_FRAME)
		out->word = text_mac(x->frame.from, FRAME_MAC, out->room);
}

static void
message_of(const struct report_request *request, struct value *out)
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
	const struct responder_exchange *x = request->exchange;

	out->word = x->step >= RESPONDER_DHCP ? names[x->dhcp.type] : "-";
}

static void
arch_of(const struct report_request *request, struct value *out)
{
	const struct responder_exchange *x = request->exchange;

	out->word = x->step >= RESPONDER_REQUEST && x->request.has_arch ?
	    text_arch(x->request.arch, out->room) : "-";
}

static void
verdict_of(const struct report_request *request, struct value *out)
{
	out->word = verdict_name(request->exchange->verdict);
}

static void
rule_of(const struct report_request *request, struct value *out)
{
	out->word = request->exchange->decision.rule->name;
	out->most = NAME_MAX_OCTETS;
}

static void
form_of(const struct report_request *request, struct value *out)
{
	out->word = form_name(request->exchange->decision.form);
}

static void
file_of(const struct report_request *request, struct value *out)
{
	out->word = request->exchange->decision.file;
	out->most = POLICY_FILE_MAX;
}

static void
next_server_of(const struct report_request *request, struct value *out)
{
	out->address = request->exchange->decision.next_server;
}

static void
source_of(const struct report_request *request, struct value *out)
{
	out->address = request->exchange->frame.source;
	out->port = request->exchange->frame.source_port;
}

static void
destination_of(const struct report_request *request, struct value *out)
{
	out->address = request->exchange->frame.destination;
	out->port = request->exchange->frame.destination_port;
}

static void
giaddr_of(const struct report_request *request, struct value *out)
{
	out->address = request->exchange->dhcp.giaddr;
}

static void
ciaddr_of(const struct report_request *request, struct value *out)
{
	out->address = request->exchange->dhcp.ciaddr;
}

static void
vendor_class_of(const struct report_request *request, struct value *out)
{
	out->octets = request->exchange->request.vendor_class;
}

static void
target_of(const struct report_request *request, struct value *out)
{
	out->address = request->exchange->reply[0].destination;
	out->port = request->exchange->reply[0].destination_port;
}

/* A reply bears the tags of its request. */
static void
vlans_of(const struct report_request *request, struct value *out)
{
	out->tag = request->exchange->frame.tag;
	out->tags = request->exchange->frame.tags;
}

static void
sent_of(const struct report_request *request, struct value *out)
{
	out->flag = request->sent;
}

static void
reason_of(const struct report_request *request, struct value *out)
{
	out->word = verdict_sentence(request->exchange->verdict);
}

/*
 * When a field is there.
 */

static bool
always(const struct report_request *request)
{
	(void)request;
	return true;
}

static bool
is_live(const struct report_request *request)
{
	return request->interface != NULL;
}

static bool
has_rule(const struct report_request *request)
{
	return request->exchange->step >= RESPONDER_RULE &&
	    request->exchange->decision.rule != NULL;
}

static bool
is_answered(const struct report_request *request)
{
	return verdict_answered(request->exchange->verdict);
}

/* What is wrong with the request is where it came from. */
static bool
is_about_origin(const struct report_request *request)
{
	enum verdict verdict = request->exchange->verdict;

	return verdict == VERDICT_NOT_FOR_US ||
	    verdict == VERDICT_BAD_GIADDR || verdict == VERDICT_BAD_SOURCE ||
	    verdict == VERDICT_SOURCE_PORT ||
	    verdict == VERDICT_RELAY_NOT_ALLOWED ||
	    verdict == VERDICT_CLIENT_NOT_ALLOWED ||
	    verdict == VERDICT_SOURCE_NOT_CIADDR;
}

static bool
has_giaddr(const struct report_request *request)
{
	return is_about_origin(request) &&
	    request->exchange->dhcp.giaddr.s_addr != 0;
}

static bool
has_ciaddr(const struct report_request *request)
{
	return is_about_origin(request) &&
	    request->exchange->dhcp.ciaddr.s_addr != 0;
}

static bool
lacks_arch(const struct report_request *request)
{
	return request->exchange->verdict == VERDICT_NO_ARCH;
}

static bool
has_vlans(const struct report_request *request)
{
	return request->exchange->step >= RESPONDER_FRAME &&
	    request->exchange->frame.tags > 0;
}

static bool
is_live_answer(const struct report_request *request)
{
	return is_live(request) && is_answered(request);
}

static bool
is_live_refusal(const struct report_request *request)
{
	return is_live(request) && !is_answered(request);
}

/*
 * The fields, in the order of the text.
 */
static const struct {
	const char *json;		/* its name in JSON */
	const char *before;		/* what stands before it in the text */
	bool (*when)(const struct report_request *request);
	enum value_kind kind;
	void (*value)(const struct report_request *request,
	    struct value *out);
} fields[] = {
	{ "interface", "", is_live, VALUE_LABEL, interface_of },
	{ "client", "", always, VALUE_WORD, client_of },
	{ "message", " ", always, VALUE_WORD, message_of },
	{ "architecture", " ", always, VALUE_WORD, arch_of },
	{ "verdict", " ", always, VALUE_WORD, verdict_of },
	{ "rule", " rule=", has_rule, VALUE_TEXT, rule_of },
	{ "form", " form=", is_answered, VALUE_WORD, form_of },
	{ "bootfile_name", " bootfile-name=", is_answered, VALUE_TEXT,
	    file_of },
	{ "next_server", " next-server=", is_answered, VALUE_ADDRESS,
	    next_server_of },
	{ "from", " from=", is_about_origin, VALUE_PLACE, source_of },
	{ "at", " at=", is_about_origin, VALUE_PLACE, destination_of },
	{ "giaddr", " giaddr=", has_giaddr, VALUE_ADDRESS, giaddr_of },
	{ "ciaddr", " ciaddr=", has_ciaddr, VALUE_ADDRESS, ciaddr_of },
	{ "vendor_class", " vendor-class=", lacks_arch, VALUE_WIRE,
	    vendor_class_of },
	{ "to", " to=", is_answered, VALUE_PLACE, target_of },
	{ "vlans", " vlan=", has_vlans, VALUE_VLANS, vlans_of },
	{ "sent", " (not sent)", is_live_answer, VALUE_FLAG, sent_of },
	{ "reason", ": ", is_live_refusal, VALUE_WORD, reason_of },
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/*
 * As text.
 */

static struct span
span_of(const char *text)
{
	return (struct span){ (const uint8_t *)text, strlen(text) };
}

static void
add_place(struct text_line *line, const struct value *value)
{
	char address[TEXT_ADDRESS];

	text_add_word(line, text_address(value->address, address));
	text_add(line, ":%u", value->port);
}

/* Each tag, with what stands before the first one too. */
static void
add_vlans(struct text_line *line, const struct value *value,
    const char *before)
{
	for (unsigned i = 0; i < value->tags; i++)
		text_add(line, "%s%u", i > 0 ? before : "",
		    frame_vlan(value->tag[i]));
}

static void
add_value(struct text_line *line, const struct value *value,
    const char *before)
{
	char address[TEXT_ADDRESS];

	switch (value->kind) {
	case VALUE_WORD:
		text_add_word(line, value->word);
		break;
	case VALUE_LABEL:
		text_add_word(line, value->word);
		text_add_word(line, ": ");
		break;
	case VALUE_TEXT:
		text_add_quoted(line, span_of(value->word), value->most);
		break;
	case VALUE_WIRE:
		text_add_quoted(line, value->octets, WIRE_MAX);
		break;
	case VALUE_ADDRESS:
		text_add_word(line, text_address(value->address, address));
		break;
	case VALUE_PLACE:
		add_place(line, value);
		break;
	case VALUE_VLANS:
		add_vlans(line, value, before);
		break;
	case VALUE_FLAG:
		break;
	}
}

const char *
report_text(const struct report_request *request, char out[REPORT_LINE])
{
	struct text_line line = text_begin(out, REPORT_LINE);
	struct value value;

	for (size_t i = 0; i < FIELDS; i++) {
		if (!fields[i].when(request))
			continue;
		value.kind = fields[i].kind;
		fields[i].value(request, &value);
		if (value.kind == VALUE_FLAG && value.flag)
			continue;
		text_add_word(&line, fields[i].before);
		add_value(&line, &value, fields[i].before);
	}
	return out;
}

/*
 * As JSON.
 */

static void
json_vlans(struct text_line *line, const struct value *value)
{
	text_add(line, "[");
	for (unsigned i = 0; i < value->tags; i++)
		text_add(line, "%s%u", i > 0 ? "," : "",
		    frame_vlan(value->tag[i]));
	text_add(line, "]");
}

/* A place is two members: the address, and then the port by itself. */
static void
json_place(struct text_line *line, const char *name,
    const struct value *value)
{
	char address[TEXT_ADDRESS];

	text_add(line, "\"%s\",\"%s_port\":%u",
	    text_address(value->address, address), name, value->port);
}

static void
json_value(struct text_line *line, const char *name,
    const struct value *value)
{
	char text[JSON_VALUE], address[TEXT_ADDRESS];

	text_add(line, ",\"%s\":", name);
	switch (value->kind) {
	case VALUE_WORD:
	case VALUE_LABEL:
	case VALUE_TEXT:
		text_add_word(line, json_text(value->word, text,
		    sizeof(text)));
		break;
	case VALUE_WIRE:
		text_add_word(line, json_wire(value->octets, WIRE_MAX, text,
		    sizeof(text)));
		break;
	case VALUE_ADDRESS:
		text_add(line, "\"%s\"", text_address(value->address,
		    address));
		break;
	case VALUE_PLACE:
		json_place(line, name, value);
		break;
	case VALUE_VLANS:
		json_vlans(line, value);
		break;
	case VALUE_FLAG:
		text_add_word(line, value->flag ? "true" : "false");
		break;
	}
}

const char *
report_json(const struct report_request *request, char out[REPORT_JSON])
{
	struct text_line line = text_begin(out, REPORT_JSON);
	struct value value;

	text_add(&line, "\"event\":\"request\"");
	for (size_t i = 0; i < FIELDS; i++) {
		if (!fields[i].when(request))
			continue;
		value.kind = fields[i].kind;
		fields[i].value(request, &value);
		json_value(&line, fields[i].json, &value);
	}
	return out;
}

/*
 * Which verdicts are shown.
 */

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
report_is_dhcp(const struct responder_exchange *x)
{
	return x->verdict != VERDICT_NOT_IPV4 &&
	    x->verdict != VERDICT_NOT_UDP &&
	    (x->verdict != VERDICT_OTHER_PORT ||
	    x->step >= RESPONDER_DHCP);
}
