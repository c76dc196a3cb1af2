#include "tools/probe_run.h"

#include "report/log.h"

#include <stdarg.h>
#include <stdio.h>

/*
 * DISCOVERs, and the OFFERs that come.
 */

enum {
	SECOND = 1000,			/* milliseconds */
	GIVES_UP = 16 * SECOND,		/* if nothing can be taken: three
					 * rounds of EDK2 and 4 s more */
	LOOKS = 3,
};

void
probe_run_fault(struct probe_run *run, const char *format, ...)
{
	va_list ap;

	if (run->fault[0] != '\0')
		return;
	va_start(ap, format);
	(void)vsnprintf(run->fault, sizeof(run->fault), format, ap);
	va_end(ap);
}

/* Is it the answer to what this machine sent? */
static bool
is_ours(const struct probe_run *run, const struct event *event)
{
	return event->kind == EVENT_REPLY &&
	    event->dhcp.type == DHCP_OFFER &&
	    event->dhcp.xid == run->machine.xid &&
	    memcmp(event->dhcp.chaddr, run->machine.mac, FRAME_MAC) == 0;
}

/* The same message as before, to another DISCOVER. */
static bool
is_again(const struct probe_offer *offer, const struct event *event)
{
	const struct event *was = &offer->event;

	return was->packet.frame.source.s_addr ==
	    event->packet.frame.source.s_addr &&
	    memcmp(was->packet.frame.from, event->packet.frame.from,
	    FRAME_MAC) == 0 && was->dhcp.secs == event->dhcp.secs &&
	    span_equal(was->packet.frame.payload,
	    event->packet.frame.payload);
}

/* Choose of those that the machine looks at; the numbers are of all. */
static void
choose(struct probe_run *run)
{
	struct choice_offer offer[PROBE_OFFERS] = { 0 };
	int number[PROBE_OFFERS];
	struct choice *choice = &run->choice;
	size_t n = 0;

	for (size_t i = 0; i < run->n; i++) {
		struct probe_offer *o = &run->offer[i];

		if (!probe_wire_is_same_link(run->wire,
		    &o->event.packet.frame)) {
			o->why = "it has another VLAN tag than the DISCOVER";
			continue;
		}
		choice_offer_of(&o->event, &offer[n]);
		(void)choice_type(run->machine.client.kind, &offer[n],
		    &o->why);
		number[n++] = (int)i;
	}
	choice_make(run->machine.client.kind, offer, n, choice);
	if (n == 0 && run->n > 0)
		choice->why = "all OFFERs have another VLAN tag";
	if (choice->lease != CHOICE_NONE)
		choice->lease = number[choice->lease];
	if (choice->boot != CHOICE_NONE)
		choice->boot = number[choice->boot];
}

static void
add_offer(struct probe_run *run, struct span octets)
{
	struct probe_offer *offer = &run->offer[run->n];

	if (run->n == PROBE_OFFERS || octets.n > sizeof(offer->octets))
		return;
	memcpy(offer->octets, octets.p, octets.n);
	offer->n = octets.n;
	(void)event_read((struct span){ offer->octets, offer->n },
	    &offer->event);
	offer->at = (unsigned)(probe_wire_now() - run->began);
	offer->times = 1;
	run->n++;
}

static bool
has_boot_server(const struct probe_run *run)
{
	return run->choice.boot != CHOICE_NONE &&
	    run->choice.boot != run->choice.lease;
}

static bool
take_offer(void *context, struct span octets, const struct event *event)
{
	struct probe_run *run = context;

	if (!is_ours(run, event))
		return false;
	for (size_t i = 0; i < run->n; i++)
		if (is_again(&run->offer[i], event)) {
			run->offer[i].times++;
			return false;
		}
	add_offer(run, octets);
	if (!run->machine.client.leaves_early || run->options->wait > 0)
		return false;
	choose(run);
	return run->choice.name != NULL && has_boot_server(run);
}

static bool
send_discover(struct probe_run *run)
{
	static const struct in_addr everybody = { INADDR_NONE };
	const struct options *options = run->options;
	uint8_t octets[PROBE_CLIENT_OCTETS];
	struct span_writer w = { octets, sizeof(octets), 0, false };
	struct probe_message message = { .kind = PROBE_DISCOVER,
	    .sent = run->sent++, .relay = options->relay,
	    .seconds = (unsigned)((probe_wire_now() - run->began + SECOND / 2)
	    / SECOND) };
	struct probe_datagram datagram = { .destination = everybody,
	    .source_port = DHCP_PORT_CLIENT,
	    .destination_port = DHCP_PORT_SERVER };

	probe_message_write(&run->machine, &message, &w);
	datagram.payload = writer_span(&w);
	if (is_set(options->relay)) {
		datagram.to = run->server_mac;
		datagram.source = options->relay;
		datagram.destination = options->server;
		datagram.source_port = DHCP_PORT_SERVER;
	}
	return probe_wire_send(run->wire, &datagram);
}

/* As a relay: where is the server, or the way to it? */
static bool
find_server(struct probe_run *run)
{
	struct in_addr hop = run->options->server;

	if (!is_set(run->options->relay))
		return true;
	probe_wire_address(run->wire, run->options->relay);
	if (!probe_wire_is_near(run->wire, hop) &&
	    !probe_wire_router(run->wire, &hop)) {
		log_error("probe: --server: this host has no router on the "
		    "interface");
		run->is_stopped = true;
		return false;
	}
	switch (probe_wire_look(run->wire, hop, LOOKS, run->server_mac)) {
	case PROBE_WIRE_TAKEN:
		return true;
	case PROBE_WIRE_TIME:
		probe_run_fault(run, hop.s_addr == run->options->server.s_addr
		    ? "--server does not answer ARP" :
		    "the router to --server does not answer ARP");
		return false;
	default:
		run->is_stopped = true;
		return false;
	}
}

/* Is there all that the firmware goes on with, when a round is over? */
static bool
is_enough(const struct probe_run *run)
{
	return run->choice.name != NULL && (has_boot_server(run) ||
	    probe_wire_now() - run->began >= run->machine.client.patience);
}

/* One DISCOVER after the other, each with its wait. */
static void
ask_in_rounds(struct probe_run *run)
{
	unsigned all = run->options->wait > 0 ? run->options->wait * SECOND :
	    GIVES_UP;
	int64_t end = run->began + all, round = run->began;
	enum probe_wire_end how = PROBE_WIRE_TIME;

	for (unsigned i = 0; round < end; i++) {
		if (!send_discover(run)) {
			how = PROBE_WIRE_STOP;
			break;
		}
		round += i < PROBE_ROUNDS ? run->machine.client.wait[i] :
		    GIVES_UP;
		how = probe_wire_hear(run->wire, round < end ? round : end,
		    take_offer, run);
		choose(run);
		if (how != PROBE_WIRE_TIME || is_enough(run))
			break;
	}
	if (how == PROBE_WIRE_TIME && run->options->wait > 0) {
		how = probe_wire_hear(run->wire, end, take_offer, run);
		choose(run);
	}
	run->is_stopped = run->is_stopped || how == PROBE_WIRE_STOP;
}

void
probe_ask(struct probe_run *run)
{
	if (!find_server(run))
		return;
	run->began = probe_wire_now();
	ask_in_rounds(run);
	if (run->choice.name == NULL)
		probe_run_fault(run, "%s", run->choice.why);
	else if (run->choice.fault != NULL)
		probe_run_fault(run, "%s", run->choice.fault);
}
