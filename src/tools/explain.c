#include "tools/explain.h"

#include "tools/next_files.h"
#include "tools/origins.h"
#include "report/policy_text.h"
#include "report/report.h"
#include "config/value.h"
#include "tools/client_words.h"

#include <stdlib.h>
#include <string.h>

enum {
	FRAME_OCTETS = 1500,
	EXIT_WORDS = 2,		/* as bad usage */
	IPV4_HEADER = 20,
	UDP_HEADER = 8,
};

/*
 * The frame that the client would send.
 */

static void
write_features(struct span_writer *w, const struct client_words *client)
{
	uint8_t octets[CLIENT_WORDS_LIST];
	struct span_writer inside = { octets, sizeof(octets), 0, false };

	for (size_t i = 0; i < client->features; i++)
		option_append(&inside, client->feature[i],
		    SPAN_OF("\x01"));
	option_append(w, DHCP_OPT_IPXE, writer_span(&inside));
}

static void
write_options(struct span_writer *w, const struct client_words *client,
    bool on_4011)
{
	uint8_t type = on_4011 ? DHCP_REQUEST : DHCP_DISCOVER;
	uint8_t arch[2] = { (uint8_t)(client->arch >> 8),
	    (uint8_t)client->arch };
	uint8_t uuid[1 + MATCH_UUID_OCTETS] = { 0 };

	option_append(w, DHCP_OPT_MESSAGE_TYPE, (struct span){ &type, 1 });
	option_append(w, DHCP_OPT_MAX_SIZE, SPAN_OF("\x05\xc0"));
	if (client->vendor_class[0] != '\0')
		option_append(w, DHCP_OPT_VENDOR_CLASS,
		    span_text(client->vendor_class));
	else
		option_append(w, DHCP_OPT_VENDOR_CLASS, client->is_http ?
		    SPAN_OF("HTTPClient") : SPAN_OF("PXEClient"));
	if (client->user_class[0] != '\0')
		option_append(w, DHCP_OPT_USER_CLASS,
		    span_text(client->user_class));
	if (client->client_id_octets > 0)
		option_append(w, DHCP_OPT_CLIENT_ID, (struct span){
		    client->client_id, client->client_id_octets });
	if (client->host_name[0] != '\0')
		option_append(w, DHCP_OPT_HOST_NAME,
		    span_text(client->host_name));
	if (client->has_features)
		write_features(w, client);
	if (client->has_arch)
		option_append(w, DHCP_OPT_ARCH, (struct span){ arch, 2 });
	if (client->has_uuid) {
		memcpy(uuid + 1, client->uuid, MATCH_UUID_OCTETS);
		option_append(w, DHCP_OPT_UUID,
		    (struct span){ uuid, sizeof(uuid) });
	}
	write_octets(w, (struct span){ client->further,
	    client->further_octets });
	if (client->agent_octets > 0 && !on_4011)
		option_append(w, DHCP_OPT_RELAY,
		    (struct span){ client->agent, client->agent_octets });
	write_u8(w, OPTION_END);
}

static void
write_message(struct span_writer *w, const struct client_words *client,
    bool on_4011)
{
	uint8_t chaddr[DHCP_CHADDR] = { 0 };
	struct dhcp_header header = {
		.op = DHCP_BOOTREQUEST, .htype = 1, .hlen = FRAME_MAC,
		.secs = client->secs, .chaddr = chaddr,
	};

	memcpy(chaddr, client->mac, FRAME_MAC);
	if (on_4011)
		header.ciaddr = client->ip;
	else
		header.giaddr = client->relay;
	dhcp_write_header(w, &header);
	write_options(w, client, on_4011);
}

static void
write_envelope(struct span_writer *w, const struct client_words *client,
    bool on_4011,
    struct in_addr ours, struct span message)
{
	static const struct in_addr nobody = { INADDR_ANY };
	static const struct in_addr everybody = { INADDR_NONE };

	write_octets(w, SPAN_OF("\xff\xff\xff\xff\xff\xff"));
	write_octets(w, (struct span){ client->mac, FRAME_MAC });
	if (client->vlan != 0) {
		write_be16(w, ETHERTYPE_IS_8021Q);
		write_be16(w, client->vlan);
	}
	write_be16(w, ETHERTYPE_IS_IPV4);
	write_be16(w, 0x4500);
	write_be16(w, (uint16_t)(IPV4_HEADER + UDP_HEADER + message.n));
	write_be32(w, 0);
	write_be16(w, 0x4011);			/* TTL 64, UDP */
	write_be16(w, 0);
	write_address(w, on_4011 ? client->ip : nobody);
	write_address(w, on_4011 ? ours : everybody);
	write_be16(w, on_4011 ? DHCP_PORT_PXE : DHCP_PORT_CLIENT);
	write_be16(w, on_4011 ? DHCP_PORT_PXE : DHCP_PORT_SERVER);
	write_be16(w, (uint16_t)(UDP_HEADER + message.n));
	write_be16(w, 0);
	write_octets(w, message);
}

/*
 * The explanation.
 */

void
explain_exchange(FILE *to, const struct policy *policy,
    const struct responder_exchange *x, struct in_addr address)
{
	char text[POLICY_TEXT_LINE];

	if (x->step < RESPONDER_RULE) {
		(void)fprintf(to, "  no rule is asked: %s\n",
		    verdict_sentence(x->verdict));
		return;
	}
	for (size_t i = 0; i < policy->n; i++) {
		const struct policy_rule *rule = &policy->rule[i];
		const struct match *match = policy_obstacle(rule,
		    &x->request);

		if (rule == x->decision.rule) {
			(void)fprintf(to, "  %3zu \"%s\": yes\n", i + 1,
			    rule->name);
			break;
		}
		(void)fprintf(to, "  %3zu \"%s\": no, %s\n", i + 1,
		    rule->name, match != NULL ?
		    policy_text_match(match, text) :
		    "it is not meant for such clients");
	}
	if (x->decision.rule == NULL)
		(void)fprintf(to, "  no rule matches\n");
	if (!verdict_answered(x->verdict))
		(void)fprintf(to, "  no answer: %s\n",
		    verdict_sentence(x->verdict));
	else
		origins_print(to, x);
	if (verdict_answered(x->verdict) && x->decision.n > 0)
		next_files_print(to, x, address);
}

/* Make the client's DISCOVER or its request on port 4011, and explain it. */
/* The frame of a client, and what is answered to it. */
struct explain_question {
	uint8_t octets[FRAME_OCTETS];
	struct responder_exchange exchange;
};

static void
ask(const struct policy *policy, const struct client_words *client,
    struct in_addr ours, bool on_4011, struct explain_question *out)
{
	uint8_t message[FRAME_OCTETS];
	struct span_writer w = { message, sizeof(message), 0, false };
	struct span_writer frame = { out->octets, sizeof(out->octets), 0,
	    false };
	const struct reply_identity identity = {
		.mac = { 0x02, 0, 0, 0, 0, 0x01 },
		.interface = client->interface[0] != '\0' ?
		    client->interface : NULL,
		.address = ours,
	};

	write_message(&w, client, on_4011);
	write_envelope(&frame, client, on_4011, ours, writer_span(&w));
	(void)responder_answer(policy, &identity, writer_span(&frame),
	    &out->exchange);
}

/* Ours; 192.0.2.1 if --address says nothing. */
static struct in_addr
address_of(const struct options *options)
{
	return options->has_address ? options->address :
	    (struct in_addr){ htonl(0xc0000201) };
}

static void
explain_step(const struct options *options, const struct policy *policy,
    const struct client_words *client, bool on_4011)
{
	struct explain_question question;
	char line[REPORT_LINE];

	ask(policy, client, address_of(options), on_4011, &question);
	(void)printf("%s\n", report_text(&(struct report_request){
	    .exchange = &question.exchange }, line));
	explain_exchange(stdout, policy, &question.exchange, client->ip);
}

bool
explain_decide(const char *place, const char *words,
    const struct options *options, const struct policy *policy,
    struct explain_outcome *out)
{
	struct explain_question question;
	struct client_words client;

	if (!client_words_read(place, words, &client))
		return false;
	ask(policy, &client, address_of(options),
	    is_set(client.ip), &question);
	out->verdict = question.exchange.verdict;
	out->is_decided = question.exchange.step >= RESPONDER_RULE;
	out->decision = question.exchange.decision;
	return true;
}

int
explain_run(const struct options *options, const struct policy *policy)
{
	struct client_words client;

	if (!client_words_read("--explain", options->explain, &client))
		return EXIT_WORDS;
	explain_step(options, policy, &client, false);
	if (is_set(client.ip))
		explain_step(options, policy, &client, true);
	return EXIT_SUCCESS;
}

const char *
explain_wants(const char *text, const struct responder_exchange *x,
    bool *wanted)
{
	struct match_mac mac;
	const char *fault;

	*wanted = true;
	if (strcmp(text, "all") == 0)
		return NULL;
	if (strncmp(text, "mac=", 4) != 0)
		return "with a savefile it is all, or mac=MAC";
	if ((fault = value_mac(text + 4, &mac)) != NULL)
		return fault;
	*wanted = x->step >= RESPONDER_HEADER &&
	    match_is_mac(&mac, &x->dhcp);
	return NULL;
}
