#include "tools/probe_run.h"

#include "report/text.h"

#include <stdio.h>

/*
 * REQUEST and ACK, the question on port 4011, and the RELEASE.
 */

enum {
	SECOND = 1000,			/* milliseconds */
	REQUESTS = 3,
	REQUEST_WAIT = 4 * SECOND,	/* of EDK2 */
	LOOKS = 3,
	OPTION_DNS = 6,			/* RFC 2132 section 3.8 */
};

/* What is waited for. */
struct probe_lease_answer {
	struct probe_run *run;
	bool is_question;		/* on port 4011 */
	bool is_refused;		/* a NAK */
};

static bool
send_message(struct probe_run *run, const struct probe_message *message,
    struct probe_datagram *datagram)
{
	uint8_t octets[PROBE_CLIENT_OCTETS];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	run->sent++;
	probe_message_write(&run->machine, message, &w);
	datagram->payload = writer_span(&w);
	return probe_wire_send(run->wire, datagram);
}

/* A reply to this machine, heard by it. */
static bool
is_to_us(const struct probe_run *run, const struct event *event, uint32_t xid)
{
	return event->kind == EVENT_REPLY && event->dhcp.xid == xid &&
	    memcmp(event->dhcp.chaddr, run->machine.mac, FRAME_MAC) == 0 &&
	    probe_wire_is_same_link(run->wire, &event->packet.frame);
}

/* The name of the file, if it is one that can be told and asked for. */
static void
keep_file(struct probe_run *run, struct span file)
{
	size_t n = file.n < sizeof(run->file) ? file.n :
	    sizeof(run->file) - 1;

	memcpy(run->file, file.p, n);
	run->file[n] = '\0';
}

static bool
take_ack(void *context, struct span octets, const struct event *event)
{
	struct probe_lease_answer *answer = context;
	struct probe_run *run = answer->run;
	struct span servers;

	(void)octets;
	if (!is_to_us(run, event, run->machine.xid) ||
	    event->is.reply.server.s_addr != run->server.s_addr)
		return false;
	answer->is_refused = event->dhcp.type == DHCP_NAK;
	if (answer->is_refused)
		return true;
	if (event->dhcp.type != DHCP_ACK || !is_set(event->is.reply.address))
		return false;
	run->address = event->is.reply.address;
	run->mask = event->is.reply.mask;
	run->router = event->is.reply.router;
	run->has_dns = dhcp_option(&event->dhcp, OPTION_DNS, &servers);
	memcpy(run->server_mac, event->packet.frame.from, FRAME_MAC);
	return true;
}

static enum probe_wire_end
request(struct probe_run *run, struct probe_lease_answer *answer)
{
	static const struct in_addr everybody = { INADDR_NONE };
	struct probe_message message = { .kind = PROBE_REQUEST,
	    .own = run->address, .server = run->server };
	struct probe_datagram datagram = { .destination = everybody,
	    .source_port = DHCP_PORT_CLIENT,
	    .destination_port = DHCP_PORT_SERVER };
	enum probe_wire_end end = PROBE_WIRE_TIME;

	for (unsigned i = 0; i < REQUESTS && end == PROBE_WIRE_TIME; i++) {
		message.sent = run->sent;
		if (!send_message(run, &message, &datagram))
			return PROBE_WIRE_STOP;
		end = probe_wire_hear(run->wire, probe_wire_now() +
		    REQUEST_WAIT, take_ack, answer);
	}
	return end;
}

/* Does somebody else have the address?  Asked without one (RFC 5227). */
static bool
is_free(struct probe_run *run)
{
	char address[TEXT_ADDRESS], text[TEXT_MAC];
	uint8_t mac[FRAME_MAC];

	switch (probe_wire_look(run->wire, run->address, 1, mac)) {
	case PROBE_WIRE_TAKEN:
		probe_run_fault(run, "another machine, %s, has the address %s",
		    text_mac(mac, FRAME_MAC, text),
		    text_address(run->address, address));
		return false;
	case PROBE_WIRE_TIME:
		probe_wire_address(run->wire, run->address);
		return true;
	default:
		run->is_stopped = true;
		return false;
	}
}

static bool
take_address(struct probe_run *run)
{
	const struct event *offer = &run->offer[run->choice.lease].event;
	struct probe_lease_answer answer = { .run = run };
	char address[TEXT_ADDRESS];

	run->address = offer->is.reply.address;
	run->server = offer->is.reply.server;
	memcpy(run->server_mac, offer->packet.frame.from, FRAME_MAC);
	/* From the first REQUEST on, whether we hear the ACK or not. */
	run->has_lease = true;
	switch (request(run, &answer)) {
	case PROBE_WIRE_TAKEN:
		run->has_lease = !answer.is_refused;
		if (run->has_lease)
			return is_free(run);
		probe_run_fault(run, "%s refuses the address that it offered",
		    text_address(run->server, address));
		return false;
	case PROBE_WIRE_TIME:
		probe_run_fault(run, "%s does not answer the REQUEST",
		    text_address(run->server, address));
		return false;
	default:
		run->is_stopped = true;
		return false;
	}
}

bool
probe_next_hop(struct probe_run *run, struct in_addr address,
    const char *whom, uint8_t out[FRAME_MAC])
{
	bool is_near = ((run->address.s_addr ^ address.s_addr) &
	    run->mask.s_addr) == 0;
	struct in_addr hop = is_near ? address : run->router;
	char text[TEXT_ADDRESS];

	if (!is_set(hop)) {
		probe_run_fault(run, "%s %s is in another network, and the "
		    "address server names no router", whom,
		    text_address(address, text));
		return false;
	}
	switch (probe_wire_look(run->wire, hop, LOOKS, out)) {
	case PROBE_WIRE_TAKEN:
		return true;
	case PROBE_WIRE_TIME:
		probe_run_fault(run, "%s %s does not answer ARP", is_near ?
		    whom : "the router", text_address(hop, text));
		return false;
	default:
		run->is_stopped = true;
		return false;
	}
}

/* The file of a boot server's answer: its type is not looked at by EDK2. */
static bool
take_answer(void *context, struct span octets, const struct event *event)
{
	struct probe_lease_answer *answer = context;
	struct probe_run *run = answer->run;
	const struct event_reply *reply = &event->is.reply;
	uint32_t xid = run->machine.client.kind == MACHINE_UEFI ?
	    run->machine.xid_4011 : run->machine.xid;

	(void)octets;
	if (!is_to_us(run, event, xid) || event->packet.frame.source_port !=
	    DHCP_PORT_PXE || event->packet.frame.source.s_addr !=
	    run->choice.asks.s_addr || reply->file.n == 0)
		return false;
	run->next = is_set(reply->next) ? reply->next : reply->server;
	keep_file(run, reply->file);
	run->is_asked = true;
	return true;
}

static enum probe_wire_end
question(struct probe_run *run, const uint8_t to[FRAME_MAC])
{
	const struct probe_client *client = &run->machine.client;
	struct probe_message message = { .kind = PROBE_QUESTION,
	    .own = run->address, .server = run->choice.asks,
	    .has_item = run->choice.has_item, .item = run->choice.item };
	struct probe_datagram datagram = { .to = to, .source = run->address,
	    .destination = run->choice.asks,
	    .source_port = client->source_4011,
	    .destination_port = DHCP_PORT_PXE };
	struct probe_lease_answer answer = { .run = run, .is_question = true };
	enum probe_wire_end end = PROBE_WIRE_TIME;

	for (unsigned i = 0; i < PROBE_ROUNDS && end == PROBE_WIRE_TIME; i++) {
		message.sent = run->sent;
		message.seconds = i;
		if (!send_message(run, &message, &datagram))
			return PROBE_WIRE_STOP;
		end = probe_wire_hear(run->wire, probe_wire_now() +
		    client->wait_4011[i], take_answer, &answer);
	}
	return end;
}

/* Ask on port 4011.  iPXE boots without an answer too, if there is a file. */
static bool
ask_boot_server(struct probe_run *run)
{
	char address[TEXT_ADDRESS];
	uint8_t mac[FRAME_MAC];

	if (!probe_next_hop(run, run->choice.asks, "the boot server", mac))
		return false;
	switch (question(run, mac)) {
	case PROBE_WIRE_TAKEN:
		return true;
	case PROBE_WIRE_TIME:
		probe_run_fault(run, "%s does not answer on port 4011, or names "
		    "no file", text_address(run->choice.asks, address));
		return false;
	default:
		run->is_stopped = true;
		return false;
	}
}

static void
release(struct probe_run *run)
{
	struct probe_message message = { .kind = PROBE_RELEASE,
	    .own = run->address, .server = run->server, .sent = run->sent };
	struct probe_datagram datagram = { .to = run->server_mac,
	    .source = run->address, .destination = run->server,
	    .source_port = DHCP_PORT_CLIENT,
	    .destination_port = DHCP_PORT_SERVER };

	if (run->has_lease)
		(void)send_message(run, &message, &datagram);
	run->has_lease = false;
}

void
probe_lease(struct probe_run *run)
{
	if (!take_address(run)) {
		release(run);
		return;
	}
	if (!is_set(run->choice.asks) || ask_boot_server(run))
		probe_fetch(run);
	release(run);
	probe_wire_address(run->wire, (struct in_addr){ INADDR_ANY });
}
