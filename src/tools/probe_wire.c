#include "tools/probe_wire.h"

#include "daemon/signals.h"
#include "net/capture.h"
#include "net/envelope.h"
#include "net/guard.h"
#include "net/inject.h"
#include "net/rtnetlink.h"
#include "report/log.h"
#include "report/micros.h"
#include "report/text.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	ETHERTYPE_IS_ARP = 0x0806,
	ARP_ETHERNET = 1,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	SECOND = 1000,			/* milliseconds */
	RING = 2 * 1024 * 1024,		/* octets */
	FRAME_OCTETS = 1518 + 8,
	FILTER_TEXT = 512,
	LOCAL_BIT = 2,			/* of a MAC address's first octet: given
					 * by hand (IEEE 802) */
	ANOTHER_BIT = 4,
	MESSAGES_AT_ONCE = 256,
};

struct probe_wire {
	char name[IF_NAMESIZE];
	unsigned index;
	uint8_t own_mac[FRAME_MAC];	/* the interface's */
	uint8_t mac[FRAME_MAC];		/* the machine's */
	uint8_t source[FRAME_MAC];	/* of the frames */
	struct in_addr own[DIAGNOSIS_OURS], mask[DIAGNOSIS_OURS];
	size_t n_own;
	struct in_addr address;
	struct frame_tag tag;
	unsigned tags;
	struct capture *capture;
	struct inject_sink *sink, *file;
	struct envelope *envelope;
	struct diagnosis *diagnosis;
	unsigned long frames;
	uint16_t ip_id;
	int signals, guard;
	struct reply reply;
	struct event event;
};

int64_t
probe_wire_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return micros_of(now) / (MICROS / SECOND);
}

/* Tell the diagnosis and the savefile of a frame. */
static void
tell(struct probe_wire *wire, struct span octets, struct timespec when)
{
	wire->frames++;
	if (wire->diagnosis != NULL)
		(void)diagnosis_frame(wire->diagnosis, octets,
		    micros_of(when), (uint32_t)wire->frames);
	if (wire->file != NULL && !wire->file->send(wire->file, octets, when) &&
	    !wire->file->reported) {
		wire->file->reported = true;
		log_error("%s", wire->file->error);
	}
}

static bool
send_frame(struct probe_wire *wire, struct span octets)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (!wire->sink->send(wire->sink, octets, now) ||
	    !wire->sink->flush(wire->sink)) {
		log_error("nothing can be sent %s", wire->sink->error);
		return false;
	}
	tell(wire, octets, now);
	return true;
}

bool
probe_wire_send(struct probe_wire *wire, const struct probe_datagram *datagram)
{
	struct reply *reply = &wire->reply;
	struct span octets = datagram->payload, frame;

	*reply = (struct reply){ .tags = wire->tags, .tag = { wire->tag },
	    .source = datagram->source, .destination = datagram->destination,
	    .source_port = datagram->source_port,
	    .destination_port = datagram->destination_port,
	    .ip_id = wire->ip_id++, .n = octets.n };
	if (octets.n > sizeof(reply->octets))
		return false;
	memset(reply->to, 0xff, FRAME_MAC);
	if (datagram->to != NULL)
		memcpy(reply->to, datagram->to, FRAME_MAC);
	memcpy(reply->from, wire->source, FRAME_MAC);
	memcpy(reply->octets, octets.p, octets.n);
	if (envelope_wrap(wire->envelope, reply, &frame))
		return send_frame(wire, frame);
	log_error("%s", envelope_error(wire->envelope));
	return false;
}

bool
probe_wire_send_raw(struct probe_wire *wire, const uint8_t *to, uint16_t type,
    struct span payload)
{
	uint8_t octets[FRAME_OCTETS];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	write_octets(&w, to != NULL ? (struct span){ to, FRAME_MAC } :
	    SPAN_OF("\xff\xff\xff\xff\xff\xff"));
	write_octets(&w, (struct span){ wire->source, FRAME_MAC });
	if (wire->tags > 0) {
		write_be16(&w, wire->tag.tpid);
		write_be16(&w, wire->tag.tci);
	}
	write_be16(&w, type);
	write_octets(&w, payload);
	return !w.full && send_frame(wire, writer_span(&w));
}

/* RFC 826. */
static bool
send_arp(struct probe_wire *wire, uint16_t operation, const uint8_t *to,
    struct in_addr target)
{
	uint8_t octets[64];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	write_be16(&w, ARP_ETHERNET);
	write_be16(&w, ETHERTYPE_IS_IPV4);
	write_u8(&w, FRAME_MAC);
	write_u8(&w, sizeof(target.s_addr));
	write_be16(&w, operation);
	write_octets(&w, (struct span){ wire->source, FRAME_MAC });
	write_address(&w, wire->address);
	if (to != NULL)
		write_octets(&w, (struct span){ to, FRAME_MAC });
	else
		write_zeros(&w, FRAME_MAC);
	write_address(&w, target);
	return probe_wire_send_raw(wire, to, ETHERTYPE_IS_ARP,
	    writer_span(&w));
}

static bool
has_address(const struct probe_wire *wire)
{
	return is_set(wire->address);
}

bool
probe_wire_is_own(const struct probe_wire *wire, struct in_addr address)
{
	for (size_t i = 0; i < wire->n_own; i++)
		if (wire->own[i].s_addr == address.s_addr)
			return true;
	return false;
}

bool
probe_wire_is_near(const struct probe_wire *wire, struct in_addr address)
{
	for (size_t i = 0; i < wire->n_own; i++)
		if (((wire->own[i].s_addr ^ address.s_addr) &
		    wire->mask[i].s_addr) == 0)
			return true;
	return false;
}

/* Of one line; false where it is another interface's, or no default route. */
static bool
read_route(const char *line, const char *interface, struct in_addr *out)
{
	size_t n = strlen(interface);
	unsigned long destination, gateway;
	char *end;

	if (strncmp(line, interface, n) != 0 || line[n] != '\t')
		return false;
	destination = strtoul(line + n, &end, 16);
	gateway = strtoul(end, NULL, 16);
	if (destination != 0 || gateway == 0)
		return false;
	out->s_addr = (in_addr_t)gateway;
	return true;
}

/*
 * In proc(5)'s net/route: INTERFACE DESTINATION GATEWAY FLAGS and more,
 * numbers in hexadecimal, addresses as they stand in memory.
 */
bool
probe_wire_router(const struct probe_wire *wire, struct in_addr *out)
{
	FILE *file = fopen("/proc/net/route", "re");
	char line[256];
	bool is_found = false;

	while (file != NULL && !is_found &&
	    fgets(line, sizeof(line), file) != NULL)
		is_found = read_route(line, wire->name, out);
	if (file != NULL)
		(void)fclose(file);
	return is_found;
}

/* Where is the machine?  Here; unless the kernel itself says so. */
static void
answer_arp(struct probe_wire *wire)
{
	const struct event_arp *arp = &wire->event.is.arp;

	if (!arp->is_reply && has_address(wire) &&
	    arp->target_address.s_addr == wire->address.s_addr &&
	    arp->sender_address.s_addr != wire->address.s_addr &&
	    !probe_wire_is_own(wire, wire->address))
		(void)send_arp(wire, ARP_REPLY, arp->sender,
		    arp->sender_address);
}

bool
probe_wire_is_same_link(const struct probe_wire *wire,
    const struct frame *frame)
{

	return frame->tags == wire->tags && (wire->tags == 0 ||
	    frame_vlan(frame->tag[0]) == frame_vlan(wire->tag));
}

static enum probe_wire_end
take_frames(struct probe_wire *wire, probe_wire_take *take, void *context)
{
	struct capture_frame frame;
	enum capture_step step;

	for (unsigned n = 0; n < MESSAGES_AT_ONCE && (step =
	    capture_next(wire->capture, &frame)) != CAPTURE_NONE; n++) {
		if (step == CAPTURE_ERROR) {
			log_error("%s: %s", wire->name,
			    capture_error(wire->capture));
			return PROBE_WIRE_STOP;
		}
		if (event_read(frame.octets, &wire->event) == EVENT_NONE)
			continue;
		tell(wire, frame.octets, frame.when);
		if (wire->event.kind == EVENT_ARP && probe_wire_is_same_link(wire,
		    &wire->event.packet.frame))
			answer_arp(wire);
		if (take(context, frame.octets, &wire->event))
			return PROBE_WIRE_TAKEN;
	}
	return PROBE_WIRE_TIME;
}

static bool
was_stopped(struct probe_wire *wire)
{
	int number;

	return signals_next(wire->signals, &number);
}

enum probe_wire_end
probe_wire_hear(struct probe_wire *wire, int64_t until, probe_wire_take *take,
    void *context)
{
	struct pollfd polled[] = {
		{ capture_descriptor(wire->capture), POLLIN, 0 },
		{ wire->signals, POLLIN, 0 },
	};
	enum probe_wire_end end = PROBE_WIRE_TIME;
	int64_t left;

	while (end == PROBE_WIRE_TIME &&
	    (left = until - probe_wire_now()) > 0) {
		if (poll(polled, 2, left > INT_MAX ? INT_MAX : (int)left) <
		    0 && errno != EINTR) {
			log_errno("poll");
			return PROBE_WIRE_STOP;
		}
		if ((polled[1].revents & POLLIN) != 0 && was_stopped(wire))
			return PROBE_WIRE_STOP;
		end = take_frames(wire, take, context);
	}
	if (wire->diagnosis != NULL && end == PROBE_WIRE_TIME) {
		struct timespec now;

		(void)clock_gettime(CLOCK_REALTIME, &now);
		diagnosis_now(wire->diagnosis, micros_of(now));
	}
	return end;
}

/* Somebody who is looked for. */
struct probe_wire_looked {
	struct probe_wire *wire;
	struct in_addr address;
	uint8_t *out;
};

static bool
take_arp(void *context, struct span octets, const struct event *event)
{
	struct probe_wire_looked *looked = context;

	(void)octets;
	if (event->kind != EVENT_ARP || !event->is.arp.is_reply ||
	    event->is.arp.sender_address.s_addr != looked->address.s_addr ||
	    !probe_wire_is_same_link(looked->wire, &event->packet.frame))
		return false;
	memcpy(looked->out, event->is.arp.sender, FRAME_MAC);
	return true;
}

enum probe_wire_end
probe_wire_look(struct probe_wire *wire, struct in_addr address,
    unsigned tries, uint8_t out[FRAME_MAC])
{
	struct probe_wire_looked looked = { wire, address, out };
	enum probe_wire_end end = PROBE_WIRE_TIME;

	for (unsigned i = 0; i < tries && end == PROBE_WIRE_TIME; i++)
		end = send_arp(wire, ARP_REQUEST, NULL, address) ?
		    probe_wire_hear(wire, probe_wire_now() + SECOND, take_arp,
		    &looked) : PROBE_WIRE_STOP;
	return end;
}

const uint8_t *
probe_wire_mac(const struct probe_wire *wire)
{
	return wire->mac;
}

const uint8_t *
probe_wire_own_mac(const struct probe_wire *wire)
{
	return wire->own_mac;
}

void
probe_wire_tell(struct probe_wire *wire, struct diagnosis *diagnosis)
{
	wire->diagnosis = diagnosis;
}

void
probe_wire_address(struct probe_wire *wire, struct in_addr address)
{
	wire->address = address;
}

unsigned long
probe_wire_frames(const struct probe_wire *wire)
{
	return wire->frames;
}

/* Is the interface fit?  A line of the log says what it is not. */
static bool
take_link(struct probe_wire *wire, const struct link *link, const char *name)
{
	if (link == NULL || link->loopback || !link->has_mac) {
		log_error("probe: %s: %s", name, link == NULL ?
		    "no such interface" : "it is no Ethernet interface");
		return false;
	}
	if (!link->up) {
		log_error("probe: %s: the interface is down", name);
		return false;
	}
	wire->index = link->index;
	(void)snprintf(wire->name, sizeof(wire->name), "%s", link->name);
	memcpy(wire->own_mac, link->mac, FRAME_MAC);
	for (unsigned i = 0; i < link->addresses &&
	    wire->n_own < DIAGNOSIS_OURS; i++, wire->n_own++) {
		wire->own[i] = link->address[i].address;
		wire->mask[i].s_addr = link->address[i].prefix == 0 ? 0 :
		    htonl(UINT32_MAX << (32 - link->address[i].prefix));
	}
	return true;
}

static void
changed(void *context, const struct link *link, unsigned news)
{
	(void)context;
	(void)link;
	(void)news;
}

static bool
find_link(struct probe_wire *wire, const char *name)
{
	const struct links_user nobody = { .changed = changed };
	struct rtnetlink *rtnetlink = rtnetlink_open();
	bool is_fit;

	if (rtnetlink == NULL || !rtnetlink_fill(rtnetlink, &nobody)) {
		log_errno("probe: the links of this host");
		rtnetlink_close(rtnetlink);
		return false;
	}
	is_fit = take_link(wire, links_by_name(rtnetlink_links(rtnetlink),
	    name), name);
	rtnetlink_close(rtnetlink);
	return is_fit;
}

/* Never the interface's own: a server would take both for one machine. */
static void
choose_mac(struct probe_wire *wire, const struct probe_wire_place *place)
{
	if (place->mac != NULL) {
		memcpy(wire->mac, place->mac, FRAME_MAC);
	} else {
		memcpy(wire->mac, wire->own_mac, FRAME_MAC);
		wire->mac[0] ^= (wire->mac[0] & LOCAL_BIT) == 0 ? LOCAL_BIT :
		    ANOTHER_BIT;
	}
	memcpy(wire->source, place->as_host ? wire->own_mac : wire->mac,
	    FRAME_MAC);
}

/* What concerns the machine, with a tag or without. */
#define WANTED "(arp or udp dst port 67 or udp dst port 68 or ether dst %s)"

static bool
open_capture(struct probe_wire *wire)
{
	char filter[FILTER_TEXT], mac[TEXT_MAC], error[CAPTURE_ERROR_SIZE];
	struct capture_link link = { .index = wire->index,
	    .promiscuous = true, .ring = RING, .filter = filter };

	(void)text_mac(wire->mac, FRAME_MAC, mac);
	(void)snprintf(filter, sizeof(filter), WANTED " or (vlan and " WANTED
	    ")", mac, mac);
	wire->capture = capture_open_live(&link, error);
	if (wire->capture == NULL)
		log_error("probe: %s: %s", wire->name, error);
	return wire->capture != NULL;
}

static bool
open_ways_out(struct probe_wire *wire, const char *savefile)
{
	struct inject_interface way = { .index = wire->index,
	    .name = wire->name };
	char error[INJECT_ERROR_SIZE];

	if ((wire->envelope = envelope_open(error)) == NULL ||
	    (wire->sink = inject_open_link(&way, error)) == NULL) {
		log_error("probe: %s: %s", wire->name, error);
		return false;
	}
	if (savefile != NULL &&
	    (wire->file = inject_open_file(savefile, error)) == NULL) {
		log_error("probe: %s", error);
		return false;
	}
	return true;
}

struct probe_wire *
probe_wire_open(const struct probe_wire_place *place)
{
	struct probe_wire *wire = calloc(1, sizeof(*wire));

	if (wire == NULL) {
		log_errno("memory");
		return NULL;
	}
	wire->signals = wire->guard = -1;
	if (place->vlan != 0) {
		wire->tags = 1;
		wire->tag = (struct frame_tag){ ETHERTYPE_IS_8021Q,
		    place->vlan };
	}
	signals_block();
	if (!find_link(wire, place->interface))
		goto fail;
	choose_mac(wire, place);
	if (!open_capture(wire) || !open_ways_out(wire, place->savefile))
		goto fail;
	if ((wire->signals = signals_open()) < 0) {
		log_errno("probe: signals");
		goto fail;
	}
	/* The answers to a relay come to its port. */
	if (place->as_host)
		wire->guard = guard_open(DHCP_PORT_SERVER);
	return wire;
fail:
	probe_wire_close(wire);
	return NULL;
}

void
probe_wire_close(struct probe_wire *wire)
{
	if (wire == NULL)
		return;
	if (wire->signals >= 0)
		(void)close(wire->signals);
	if (wire->guard >= 0)
		(void)close(wire->guard);
	capture_close(wire->capture);
	if (wire->sink != NULL)
		wire->sink->close(wire->sink);
	if (wire->file != NULL) {
		if (!wire->file->flush(wire->file))
			log_error("%s", wire->file->error);
		wire->file->close(wire->file);
	}
	if (wire->envelope != NULL)
		envelope_close(wire->envelope);
	free(wire);
}
