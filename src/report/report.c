#include "report/report.h"

#include "report/field.h"

enum { NAME_OCTETS = 64 };		/* of a rule's name, in the text */

/*
 * The values.
 */

static void
interface_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->word = request->interface;
}

static void
client_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;
	const struct responder_exchange *x = request->exchange;

	out->word = "-";
	if (x->step >= RESPONDER_HEADER)
		out->word = text_mac(x->dhcp.chaddr, x->dhcp.hlen, out->room);
	else if (x->step >= RESPONDER_FRAME)
		out->word = text_mac(x->frame.from, FRAME_MAC, out->room);
}

static void
message_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;
	const struct responder_exchange *x = request->exchange;

	out->word = x->step >= RESPONDER_DHCP ?
	    dhcp_type_name(x->dhcp.type) : "-";
}

static void
arch_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;
	const struct responder_exchange *x = request->exchange;

	out->word = x->step >= RESPONDER_REQUEST && x->request.has_arch ?
	    text_arch(x->request.arch, out->room) : "-";
}

static void
verdict_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->word = verdict_name(request->exchange->verdict);
}

static void
rule_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->word = request->exchange->decision.rule->name;
	out->most = NAME_OCTETS;
}

static void
form_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->word = form_name(request->exchange->decision.form);
}

static void
file_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->word = request->exchange->decision.file;
	out->most = POLICY_FILE_MAX;
}

static void
next_server_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->address = request->exchange->decision.next_server;
}

static void
file_from_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->word = policy_source_name(request->exchange->decision.file_from);
}

static void
next_server_from_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->word = policy_source_name(
	    request->exchange->decision.next_server_from);
}

static void
site_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->word = request->exchange->decision.site->name;
	out->most = NAME_OCTETS;
}

static void
source_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->address = request->exchange->frame.source;
	out->port = request->exchange->frame.source_port;
}

static void
destination_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->address = request->exchange->frame.destination;
	out->port = request->exchange->frame.destination_port;
}

static void
giaddr_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->address = request->exchange->dhcp.giaddr;
}

static void
ciaddr_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->address = request->exchange->dhcp.ciaddr;
}

static void
vendor_class_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->octets = request->exchange->request.vendor_class;
}

static void
target_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->address = request->exchange->reply[0].destination;
	out->port = request->exchange->reply[0].destination_port;
}

/* A reply bears the tags of its request. */
static void
vlans_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->tag = request->exchange->frame.tag;
	out->tags = request->exchange->frame.tags;
}

static void
sent_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->flag = request->sent;
}

static void
reason_of(const void *of, struct field_value *out)
{
	const struct report_request *request = of;

	out->word = verdict_sentence(request->exchange->verdict);
}

/*
 * When a field is there.
 */

static bool
is_live(const void *of)
{
	const struct report_request *request = of;

	return request->interface != NULL;
}

static bool
has_rule(const void *of)
{
	const struct report_request *request = of;

	return request->exchange->step >= RESPONDER_RULE &&
	    request->exchange->decision.rule != NULL;
}

static bool
is_answered(const void *of)
{
	const struct report_request *request = of;

	return verdict_answered(request->exchange->verdict);
}

static bool
has_file(const void *of)
{
	const struct report_request *request = of;

	return is_answered(request) && request->exchange->decision.n > 0;
}

static bool
has_site(const void *of)
{
	const struct report_request *request = of;

	return is_answered(request) &&
	    request->exchange->decision.site != NULL;
}

/* What is wrong with the request is where it came from. */
static bool
is_about_origin(const void *of)
{
	const struct report_request *request = of;
	enum verdict verdict = request->exchange->verdict;

	return verdict == VERDICT_NOT_FOR_US ||
	    verdict == VERDICT_BAD_GIADDR || verdict == VERDICT_BAD_SOURCE ||
	    verdict == VERDICT_SOURCE_PORT ||
	    verdict == VERDICT_RELAY_NOT_ALLOWED ||
	    verdict == VERDICT_CLIENT_NOT_ALLOWED ||
	    verdict == VERDICT_SOURCE_NOT_CIADDR;
}

static bool
has_giaddr(const void *of)
{
	const struct report_request *request = of;

	return is_about_origin(request) &&
	    request->exchange->dhcp.giaddr.s_addr != 0;
}

static bool
has_ciaddr(const void *of)
{
	const struct report_request *request = of;

	return is_about_origin(request) &&
	    request->exchange->dhcp.ciaddr.s_addr != 0;
}

static bool
lacks_arch(const void *of)
{
	const struct report_request *request = of;

	return request->exchange->verdict == VERDICT_NO_ARCH;
}

static bool
has_vlans(const void *of)
{
	const struct report_request *request = of;

	return request->exchange->step >= RESPONDER_FRAME &&
	    request->exchange->frame.tags > 0;
}

static bool
is_live_answer(const void *of)
{
	const struct report_request *request = of;

	return is_live(request) && is_answered(request);
}

static bool
is_not_sent(const void *of)
{
	const struct report_request *request = of;

	return is_live_answer(request) && !request->sent;
}

static bool
is_live_refusal(const void *of)
{
	return is_live(of) && !is_answered(of);
}

/* In the order of the text. */
static const struct field fields[] = {
	{ "interface", "", FIELD_LABEL, is_live, interface_of,
	    "the interface that the request came in on" },
	{ "client", "", FIELD_WORD, NULL, client_of,
	    "the client's hardware address" },
	{ "message", " ", FIELD_WORD, NULL, message_of,
	    "the DHCP message type" },
	{ "architecture", " ", FIELD_WORD, NULL, arch_of,
	    "the client's architecture" },
	{ "verdict", " ", FIELD_WORD, NULL, verdict_of,
	    "what came of the request" },
	{ "rule", " rule=", FIELD_TEXT, has_rule, rule_of,
	    "the rule that matched" },
	{ "form", " form=", FIELD_WORD, is_answered, form_of,
	    "the form of the answer" },
	{ "bootfile_name", " bootfile-name=", FIELD_TEXT, is_answered,
	    file_of, "the file that the client gets" },
	{ "next_server", " next-server=", FIELD_ADDRESS, is_answered,
	    next_server_of, "the server that has the file" },
	{ "bootfile_name_from", NULL, FIELD_WORD, has_file, file_from_of,
	    "where the name of the file comes from" },
	{ "next_server_from", NULL, FIELD_WORD, is_answered,
	    next_server_from_of, "where the server's address comes from" },
	{ "site", NULL, FIELD_TEXT, has_site, site_of,
	    "the site that matched" },
	{ "from", " from=", FIELD_PLACE, is_about_origin, source_of,
	    "where the request came from" },
	{ "at", " at=", FIELD_PLACE, is_about_origin, destination_of,
	    "where the request was sent to" },
	{ "giaddr", " giaddr=", FIELD_ADDRESS, has_giaddr, giaddr_of,
	    "the relay's address" },
	{ "ciaddr", " ciaddr=", FIELD_ADDRESS, has_ciaddr, ciaddr_of,
	    "the client's address" },
	{ "vendor_class", " vendor-class=", FIELD_WIRE, lacks_arch,
	    vendor_class_of, "the beginning of option 60" },
	{ "to", " to=", FIELD_PLACE, is_answered, target_of,
	    "where the answer was sent to" },
	{ "vlans", " vlan=", FIELD_VLANS, has_vlans, vlans_of,
	    "the VLAN identifiers, the outer one first" },
	{ "sent", NULL, FIELD_FLAG, is_live_answer, sent_of,
	    "whether the answer was sent" },
	{ NULL, " (not sent)", FIELD_NOTHING, is_not_sent, NULL, NULL },
	{ "reason", ": ", FIELD_WORD, is_live_refusal, reason_of,
	    "why there is no answer" },
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

const char *
report_text(const struct report_request *request, char out[REPORT_LINE])
{
	struct text_line line = text_begin(out, REPORT_LINE);

	field_add_line(&line, fields, FIELDS, request);
	return out;
}

const char *
report_json(const struct report_request *request, char out[REPORT_JSON])
{
	struct text_line line = text_begin(out, REPORT_JSON);

	text_add_word(&line, "\"event\":\"request\",");
	field_add_json(&line, fields, FIELDS, request);
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
report_is_wished(enum verdict verdict)
{
	return verdict == VERDICT_IGNORED || verdict == VERDICT_LOCAL;
}

bool
report_is_problem(enum verdict verdict)
{
	return report_level(verdict) == LOG_LEVEL_INFO &&
	    !verdict_answered(verdict) && !report_is_wished(verdict);
}

bool
report_is_dhcp(const struct responder_exchange *x)
{
	return x->verdict != VERDICT_NOT_IPV4 &&
	    x->verdict != VERDICT_NOT_UDP &&
	    (x->verdict != VERDICT_OTHER_PORT ||
	    x->step >= RESPONDER_DHCP);
}
