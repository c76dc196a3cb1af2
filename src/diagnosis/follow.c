#include "diagnosis/follow.h"

#include "diagnosis/finding.h"

enum {
	MILLIS = 1000,			/* micros in a millisecond */
	SECOND = 1000,			/* milliseconds in it */
	UBOOT_AGAIN = 30 * SECOND,	/* its second question, at the latest */
	SILENT_BETWEEN = 60 * SECOND,	/* rounds of one boot are closer */
	GIVES_UP_IN = 75 * SECOND,	/* firmware goes on to IPv6 sooner */
	GOES_ON_IN = 180 * SECOND,	/* and to HTTP Boot, or back, with IPv6
					 * between that may not be heard */
	LOOP_STAGE = 60 * SECOND,	/* iPXE: its 16 s, and a transfer */
	OWN_ADDRESS_FOR = 60 * SECOND,	/* a lease that is still the boot's */
	ROUND_WHOLE = 3500,		/* EDK2 collects for 4 s */
	ROUND_WHOLE_IPXE = 900,
	LOOKS = 3,			/* ARP requests that go unanswered, */
	LOOKS_FOR = 900,		/* in so long, */
	LOOKS_PAUSE = 6 * SECOND,	/* with no longer pauses: U-Boot takes
					 * 5 s */
	ARCH_BIOS_X86 = 0,
	ICMP_PROTOCOL = 2,		/* RFC 792: of the server itself, not */
	ICMP_PORT = 3,			/* of the way to it */
};

void
follow_count(uint8_t *counter)
{
	if (*counter < UINT8_MAX)
		++*counter;
}

uint32_t
follow_at(const struct diagnosis *d, const struct machine *m)
{
	int64_t at = (d->now - m->began) / MILLIS;

	if (at < 0)
		return 0;
	return at > UINT32_MAX ? UINT32_MAX : (uint32_t)at;
}

uint32_t
follow_number(const struct diagnosis *d, const struct machine *m)
{
	return d->number != 0 ? d->number : follow_at(d, m) + 1;
}

void
follow_reopen(struct machine_boot *b)
{
	if (b->end == END_GAVE_UP)
		b->end = END_OPEN;
}

void
follow_step(struct diagnosis *d, struct machine *m,
    const struct machine_step *step)
{
	struct machine_step *last = m->n_steps == 0 ? NULL :
	    &m->step[(m->first_step + m->n_steps - 1u) % MACHINE_STEPS];
	bool is_same = last != NULL && last->kind == step->kind &&
	    last->from == step->from && last->to == step->to &&
	    last->name == step->name && last->value == step->value &&
	    same_address(last->address, step->address) &&
	    last->times < UINT16_MAX;

	if (is_same) {
		last->times++;
	} else {
		last = machine_next_step(m);
		*last = *step;
		last->at = follow_at(d, m);
		last->number = d->number;
		last->times = 1;
	}
	if (d->hooks.step != NULL)
		d->hooks.step(d->hooks.context, m, last, is_same);
}

enum machine_lane
follow_lane(const struct diagnosis *d, const struct machine *m,
    struct in_addr address)
{
	const struct machine_boot *b = &m->boot;

	if (diagnosis_is_ours(d, address))
		return LANE_OURS;
	for (size_t i = 0; i < b->n_leases; i++)
		if (same_address(b->lease[i].server, address))
			return LANE_POOL;
	return LANE_OTHERS;
}

/* Keep the findings of a boot that came to nothing. */
static void
keep_findings(struct diagnosis *d, struct machine *m)
{
	struct machine_finding found[MACHINE_FINDINGS];
	size_t n = finding_judge(d, m, found, MACHINE_FINDINGS);

	for (size_t i = 0; i < n; i++) {
		size_t k = machine_kept(m, found[i].id);

		if (k == MACHINE_FINDINGS)
			continue;
		m->kept[k] = found[i];
		m->kept_told[k] = machine_was_told(m, found[i].id);
		if (k == m->n_kept)
			m->n_kept++;
	}
}

static void
end_boot(struct diagnosis *d, struct machine *m, enum machine_end end)
{
	struct machine_boot *b = &m->boot;

	if (b->end == END_OPEN) {
		b->end = (uint8_t)end;
		b->end_at = follow_at(d, m);
		b->end_number = follow_number(d, m);
	}
}

/*
 * Offered the same to fetch as the stage before: a loop, if it goes on, and
 * each stage is short.  After longer ones the machine was started again.
 */
static void
count_loop(const struct diagnosis *d, struct machine *m)
{
	const struct machine_boot *b = &m->boot;
	uint16_t file = 0;
	uint32_t value;

	for (size_t i = 0; i < b->n_proxies; i++)
		if (b->proxy[i].file != 0)
			file = b->proxy[i].file;
	if (b->n_files > 0 && b->file[0].name != 0)
		file = b->file[0].name;
	if (b->client != MACHINE_IPXE || file == 0 ||
	    d->now - m->began > (int64_t)LOOP_STAGE * MILLIS) {
		m->loops = 0;
		return;
	}
	value = machine_name_hash(machine_name(m, file));
	if (m->loops == 0 || m->loop_file != value)
		m->loops = 0;
	m->loop_file = value;
	follow_count(&m->loops);
}

static bool
fetched_whole(const struct machine_boot *b)
{
	for (size_t i = 0; i < b->n_files; i++)
		if (b->file[i].state == FILE_WHOLE)
			return true;
	return false;
}

/* Does the firmware go on to another way of booting, and not begin anew? */
static bool
goes_on(const struct machine *m, uint8_t was, enum machine_client client,
    int64_t silent)
{
	return (was == MACHINE_HTTP) != (client == MACHINE_HTTP) &&
	    m->seen_breaks == m->began_breaks &&
	    silent < (int64_t)GOES_ON_IN * MILLIS;
}

/*
 * The stage or boot in the row is over; another one begins.  The machine was
 * silent for so many micros before.
 */
static void
begin_boot(struct diagnosis *d, struct machine *m, enum machine_client client,
    int64_t silent)
{
	struct machine_boot *b = &m->boot;
	uint8_t was = b->client;
	bool is_fallback = goes_on(m, was, client, silent);
	bool is_next_stage = client == MACHINE_IPXE &&
	    (was != MACHINE_IPXE || fetched_whole(b));
	/* A Raspberry Pi's ROM starts EDK2. */
	if (was == MACHINE_BIOS && client == MACHINE_UEFI)
		is_next_stage = true;

	if (is_next_stage) {
		m->has_booted = m->has_booted || b->n_files > 0;
		end_boot(d, m, END_NEXT_STAGE);
		m->n_kept = 0;
		follow_count(&m->stages);
	} else {
		end_boot(d, m, is_fallback ? END_GAVE_UP : END_AGAIN);
		keep_findings(d, m);
		m->stages = 0;
		if (m->boots < UINT16_MAX)
			m->boots++;
	}
	/* Not before its findings were judged: it is no stage before itself. */
	count_loop(d, m);
	machine_begin(&d->table, m, d->now);
	b->is_chained = is_next_stage;
	b->is_fallback = is_fallback && !is_next_stage;
}

static enum machine_client
client_of(const struct event_request *r)
{
	if (r->is_uboot)
		return MACHINE_UBOOT;
	if (r->read.client == PXE_CLIENT_HTTP)
		return MACHINE_HTTP;
	if (r->read.is_ipxe)
		return MACHINE_IPXE;
	if (r->read.has_arch && r->read.arch == ARCH_BIOS_X86)
		return MACHINE_BIOS;
	return MACHINE_UEFI;
}

/* Does this DISCOVER begin a boot, or a stage of one? */
static bool
begins_anew(const struct diagnosis *d, const struct machine *m,
    const struct event_request *r, enum machine_client client)
{
	const struct machine_boot *b = &m->boot;
	uint32_t since = follow_at(d, m) - b->last_discover;

	if (b->discovers == 0 && b->requests == 0)
		return b->end != END_OPEN;
	if (client != b->client)
		/* U-Boot asks a second time, as if it were UEFI's PXE. */
		return !(b->client == MACHINE_UBOOT &&
		    client == MACHINE_UEFI && since < UBOOT_AGAIN);
	if (b->end != END_OPEN)
		return true;
	if (b->client == MACHINE_UBOOT)
		return since >= UBOOT_AGAIN;
	if (r->read.dhcp->xid == b->xid)
		return client == MACHINE_IPXE && b->requests > 0;
	/* Some ROMs take another transaction for each round. */
	return b->requests > 0 || since >= SILENT_BETWEEN ||
	    (client == MACHINE_UEFI && pxe_secs(&r->read) == 0);
}

static void
learn_uuid(struct diagnosis *d, struct machine *m,
    const struct event_request *r)
{
	uint8_t octets[PXE_UUID_OCTETS];
	struct span uuid;

	if (pxe_uuid(&r->read, &uuid) &&
	    span_copy(&uuid, sizeof(octets), octets))
		machine_set_uuid(&d->table, m, octets);
}

/* The VLAN of the innermost tag; 0: none. */
static uint16_t
vlan_of(const struct frame *frame)
{
	return frame->tags == 0 ? 0 :
	    frame_vlan(frame->tag[frame->tags - 1]);
}

static void
learn_client(struct diagnosis *d, struct machine *m, const struct event *e)
{
	const struct event_request *r = &e->is.request;
	struct machine_boot *b = &m->boot;
	const struct frame *frame = &e->packet.frame;

	learn_uuid(d, m, r);
	if (r->read.has_arch) {
		b->has_arch = true;
		b->arch = r->read.arch;
	}
	b->is_broadcast = (e->dhcp.flags & DHCP_FLAG_BROADCAST) != 0;
	b->vlan = vlan_of(frame);
	if (!is_set(e->dhcp.giaddr))
		return;
	b->is_relayed = true;
	b->relay = e->dhcp.giaddr;
	if (diagnosis_is_ours(d, frame->destination))
		b->reached_us = true;
	else if (is_set(frame->destination) &&
	    frame->destination.s_addr != htonl(INADDR_BROADCAST))
		b->reached_others = true;
}

static enum machine_lane
request_lane(const struct diagnosis *d, const struct machine *m,
    const struct event *e)
{
	struct in_addr to = e->packet.frame.destination;

	if (to.s_addr == htonl(INADDR_BROADCAST))
		return LANE_OTHERS;
	return follow_lane(d, m, to);
}

/* Was the round before this DISCOVER whole, and had it all that is needed? */
static void
count_round(struct machine_boot *b, uint32_t at)
{
	uint32_t whole = b->client == MACHINE_IPXE ? ROUND_WHOLE_IPXE :
	    ROUND_WHOLE;

	if (b->discovers > 0 && b->round_lease && b->round_boot &&
	    at - b->last_discover >= whole)
		follow_count(&b->full_rounds);
	b->round_lease = b->round_boot = false;
}

/* Seen again on its way: from the client to its relay, and from there on. */
static bool
is_copy(const struct machine_boot *b, const struct event *e, uint32_t at)
{
	return b->discovers > 0 && b->xid == e->dhcp.xid &&
	    pxe_secs(&e->is.request.read) == b->last_secs &&
	    at - b->last_discover < SECOND / 2 &&
	    is_set(e->dhcp.giaddr);
}

static void
take_discover(struct diagnosis *d, struct machine *m, const struct event *e)
{
	const struct event_request *r = &e->is.request;
	struct machine_boot *b = &m->boot;
	uint32_t at = follow_at(d, m);
	bool copy = is_copy(b, e, at);

	if (!copy)
		count_round(b, at);
	b->xid = e->dhcp.xid;
	b->last_secs = pxe_secs(&r->read);
	if (b->discovers == 0) {
		b->first_secs = b->last_secs;
		b->first_discover = at;
		b->discover_number = follow_number(d, m);
	}
	if (!copy) {
		follow_count(&b->discovers);
		b->last_discover = at;
		b->last_discover_number = follow_number(d, m);
	}
	if (r->read.client == PXE_CLIENT_OTHER && !r->is_uboot &&
	    is_set(e->dhcp.giaddr))
		b->lacks_class = true;
	follow_step(d, m, &(struct machine_step){ .kind = STEP_DISCOVER,
	    .from = LANE_MACHINE, .to = (uint8_t)request_lane(d, m, e),
	    .address = e->dhcp.giaddr, .value = b->last_secs,
	    .more = b->client });
}

static struct machine_proxy *
proxy_row(struct diagnosis *d, struct machine *m, struct in_addr server)
{
	struct machine_boot *b = &m->boot;
	struct machine_proxy *p;

	for (size_t i = 0; i < b->n_proxies; i++)
		if (same_address(b->proxy[i].server, server))
			return &b->proxy[i];
	if (b->n_proxies == MACHINE_PROXIES)
		return NULL;
	p = &b->proxy[b->n_proxies++];
	*p = (struct machine_proxy){ .server = server,
	    .is_ours = diagnosis_is_ours(d, server) };
	return p;
}

static void
take_4011(struct diagnosis *d, struct machine *m, const struct event *e)
{
	struct in_addr to = e->packet.frame.destination;
	struct machine_proxy *p = proxy_row(d, m, to);

	if (is_set(e->dhcp.ciaddr))
		machine_set_address(&d->table, m, e->dhcp.ciaddr);
	follow_step(d, m, &(struct machine_step){ .kind = STEP_ASK_4011,
	    .from = LANE_MACHINE, .to = (uint8_t)follow_lane(d, m, to),
	    .address = to });
	if (p == NULL)
		return;
	if (p->asked == 0) {
		p->asked_at = follow_at(d, m);
		p->asked_number = follow_number(d, m);
	}
	follow_count(&p->asked);
	p->last_number = follow_number(d, m);
}

static void
take_lease_request(struct diagnosis *d, struct machine *m,
    const struct event *e)
{
	const struct event_request *r = &e->is.request;
	struct machine_boot *b = &m->boot;
	uint32_t at = follow_at(d, m);
	bool copy = b->requests > 0 && is_set(e->dhcp.giaddr) &&
	    at - b->last_request_at < SECOND / 2;

	b->lacks_wanted = !is_set(r->wanted) && !is_set(e->dhcp.ciaddr);
	if (is_set(r->wanted))
		machine_set_address(&d->table, m, r->wanted);
	if (is_set(r->server)) {
		b->chosen = r->server;
		b->chosen_in_request = true;
	} else if (!copy) {
		b->chosen_in_request = false;
	}
	if (b->requests == 0) {
		b->request_at = at;
		b->request_number = follow_number(d, m);
	}
	if (!copy) {
		follow_count(&b->requests);
		b->last_request_at = at;
		b->last_request_number = follow_number(d, m);
	}
	follow_step(d, m, &(struct machine_step){ .kind = STEP_REQUEST,
	    .from = LANE_MACHINE, .to = (uint8_t)request_lane(d, m, e),
	    .address = is_set(r->wanted) ? r->wanted : e->dhcp.ciaddr });
}

/* Without a word of PXE: an operating system, or a stage that says nothing. */
static void
take_system(struct diagnosis *d, struct machine *m, const struct event *e)
{
	if (e->dhcp.type != DHCP_DISCOVER && e->dhcp.type != DHCP_REQUEST)
		return;
	if (m->boot.end == END_OPEN && (m->boot.acks > 0 ||
	    m->boot.n_files > 0)) {
		end_boot(d, m, END_SYSTEM);
		m->n_kept = 0;
	}
	follow_step(d, m, &(struct machine_step){ .kind = STEP_SYSTEM,
	    .from = LANE_MACHINE, .to = LANE_POOL });
}

static void
take_message(struct diagnosis *d, struct machine *m, const struct event *e)
{
	struct machine_boot *b = &m->boot;
	bool on_4011 = e->packet.frame.destination_port == DHCP_PORT_PXE;
	enum machine_step_kind kind;

	switch (e->dhcp.type) {
	case DHCP_DISCOVER:
		take_discover(d, m, e);
		return;
	case DHCP_REQUEST:
		follow_reopen(b);
		if (on_4011 || e->is.request.read.has_item)
			take_4011(d, m, e);
		else
			take_lease_request(d, m, e);
		return;
	case DHCP_DECLINE:
		b->declined = true;
		b->conflict_number = follow_number(d, m);
		kind = STEP_DECLINE;
		break;
	case DHCP_RELEASE:
		kind = STEP_RELEASE;
		break;
	case DHCP_INFORM:
		if (on_4011) {
			take_4011(d, m, e);
			return;
		}
		kind = STEP_INFORM;
		break;
	default:
		return;
	}
	follow_step(d, m, &(struct machine_step){ .kind = (uint8_t)kind,
	    .from = LANE_MACHINE, .to = LANE_POOL,
	    .address = e->is.request.wanted });
}

/* A row for who is not in the table; the oldest one may have to go. */
static struct machine *
add_machine(struct diagnosis *d, const uint8_t mac[FRAME_MAC])
{
	struct machine *oldest = machine_oldest(&d->table);

	if (oldest != NULL && d->hooks.gone != NULL)
		d->hooks.gone(d->hooks.context, d, oldest);
	return machine_add(&d->table, mac, d->now);
}

/*
 * Is it one of a boot?  A REQUEST of a boot repeats its DISCOVER's options;
 * what passed through a relay may have lost some.
 */
static bool
is_of_boot(const struct machine *m, const struct event *e)
{
	const struct machine_boot *b = &m->boot;

	if (e->is.request.is_boot)
		return true;
	if (e->dhcp.type == DHCP_DISCOVER)
		return false;
	return b->discovers > 0 && (e->dhcp.xid == b->xid ||
	    e->dhcp.type == DHCP_DECLINE || e->dhcp.type == DHCP_RELEASE);
}

/* The request before it once more, in another copy of the frame. */
static bool
is_same_frame(const struct diagnosis *d, struct machine *m,
    const struct event *e)
{
	uint32_t now = (uint32_t)(d->now / MILLIS), key = e->dhcp.xid ^
	    (uint32_t)e->dhcp.type << 8 ^
	    (uint32_t)pxe_secs(&e->is.request.read) << 16 ^
	    e->dhcp.giaddr.s_addr ^ e->packet.frame.destination.s_addr ^
	    e->packet.frame.destination_port;
	bool is_same = key == m->request_key &&
	    now - m->requested < FOLLOW_COPY;

	m->request_key = key;
	m->requested = now;
	return is_same;
}

struct machine *
follow_request(struct diagnosis *d, const struct event *e)
{
	const struct event_request *r = &e->is.request;
	struct machine *m = machine_by_mac(&d->table, e->dhcp.chaddr);
	enum machine_client client = client_of(r);
	bool begins = e->dhcp.type == DHCP_DISCOVER ||
	    e->packet.frame.destination_port == DHCP_PORT_PXE;
	int64_t silent;
	bool is_timed;

	if (m == NULL) {
		if (!r->is_boot || e->dhcp.hlen != FRAME_MAC)
			return NULL;
		m = add_machine(d, e->dhcp.chaddr);
		m->boot.client = (uint8_t)client;
	}
	silent = d->now - m->seen;
	is_timed = m->seen_breaks == d->table.breaks;
	machine_touch(&d->table, m, d->now);
	if (is_same_frame(d, m, e) && is_timed)
		return m;
	if (!is_of_boot(m, e)) {
		take_system(d, m, e);
		return m;
	}
	if (e->dhcp.type == DHCP_DISCOVER && begins_anew(d, m, r, client))
		begin_boot(d, m, client, silent);
	if (begins && !(m->boot.client == MACHINE_UBOOT &&
	    client == MACHINE_UEFI && m->boot.discovers > 0))
		m->boot.client = (uint8_t)client;
	learn_client(d, m, e);
	take_message(d, m, e);
	return m;
}

static uint8_t
says(const struct event_reply *r)
{
	return (uint8_t)((r->says_pxe ? SAYS_PXE : 0) |
	    (r->says_http ? SAYS_HTTP : 0) |
	    (r->has_pxe_options ? SAYS_PXE_OPTIONS : 0) |
	    (r->file.n > 0 ? SAYS_FILE : 0) |
	    (r->has_header_file ? SAYS_HEADER_FILE : 0) |
	    (r->option_67_spoils ? SAYS_67_SPOILS : 0) |
	    (r->skips_discovery ? SAYS_SKIPS : 0) |
	    (r->has_priority ? SAYS_PRIORITY : 0));
}

static void
fill_lease(struct diagnosis *d, struct machine *m, const struct event *e,
    struct machine_lease *out)
{
	const struct event_reply *r = &e->is.reply;

	out->server = r->server;
	out->address = r->address;
	out->next = r->next;
	out->mask = r->mask;
	out->router = r->router;
	out->dns = r->dns;
	out->file = machine_keep(m, r->file);
	out->says = says(r);
	out->at = follow_at(d, m);
	out->number = follow_number(d, m);
}

static void
take_lease_offer(struct diagnosis *d, struct machine *m,
    const struct event *e)
{
	struct machine_boot *b = &m->boot;
	struct machine_lease *lease = NULL;

	for (size_t i = 0; i < b->n_leases; i++)
		if (same_address(b->lease[i].server, e->is.reply.server))
			lease = &b->lease[i];
	if (lease == NULL && b->n_leases < MACHINE_LEASES) {
		lease = &b->lease[b->n_leases++];
		*lease = (struct machine_lease){ .offers = 0 };
	}
	if (lease != NULL) {
		if (lease->offers == 0)
			fill_lease(d, m, e, lease);
		follow_count(&lease->offers);
	}
	b->round_lease = true;
	if (!is_set(m->address))
		machine_set_address(&d->table, m, e->is.reply.address);
	follow_step(d, m, &(struct machine_step){ .kind = STEP_OFFER,
	    .from = LANE_POOL, .to = LANE_MACHINE,
	    .address = e->is.reply.address, .more = says(&e->is.reply),
	    .value = ntohl(e->is.reply.server.s_addr),
	    .name = lease == NULL ? 0 : lease->file });
}

/* Whose OFFERs are ours?  Those of the first boot server, if nobody said. */
static void
learn_ours(struct diagnosis *d, const struct event *e)
{
	const struct frame *frame = &e->packet.frame;

	if (d->n_ours == 0 && !d->ours_is_told) {
		d->ours[0] = e->is.reply.server;
		d->n_ours = 1;
	}
	if (diagnosis_is_ours(d, frame->source) &&
	    frame_is_group(frame->to) && d->n_our_macs == 0)
		diagnosis_add_mac(d, frame->from);
}

static void
take_boot_offer(struct diagnosis *d, struct machine *m, const struct event *e)
{
	struct machine_boot *b = &m->boot;
	struct machine_proxy *p;
	uint32_t at = follow_at(d, m), after = at - b->last_discover;

	learn_ours(d, e);
	p = proxy_row(d, m, e->is.reply.server);
	if (p != NULL) {
		if (p->offers == 0) {
			p->at = at;
			p->number = follow_number(d, m);
			p->next = e->is.reply.next;
			p->file = machine_keep(m, e->is.reply.file);
			p->after_discover = after;
			if (b->requests > 0 && p->is_ours)
				b->late_offer = true;
		}
		if (after < p->after_discover)
			p->after_discover = after;
		p->says |= says(&e->is.reply);
		p->has_menu = e->is.reply.has_menu;
		follow_count(&p->offers);
	}
	b->round_boot = true;
	follow_step(d, m, &(struct machine_step){ .kind = STEP_BOOT_OFFER,
	    .from = (uint8_t)follow_lane(d, m, e->is.reply.server),
	    .to = LANE_MACHINE, .address = e->is.reply.next,
	    .more = says(&e->is.reply),
	    .value = ntohl(e->is.reply.server.s_addr),
	    .name = machine_keep(m, e->is.reply.file) });
}

static void
take_boot_ack(struct diagnosis *d, struct machine *m, const struct event *e)
{
	struct machine_proxy *p = proxy_row(d, m, e->packet.frame.source);
	uint16_t file = machine_keep(m, e->is.reply.file);

	if (p != NULL) {
		if (p->answered == 0)
			p->answered_number = follow_number(d, m);
		follow_count(&p->answered);
		p->next = is_set(e->is.reply.next) ? e->is.reply.next :
		    e->is.reply.server;
		if (file != 0)
			p->file = file;
		p->says |= says(&e->is.reply) & SAYS_FILE;
	}
	follow_step(d, m, &(struct machine_step){ .kind = STEP_BOOT_ACK,
	    .from = (uint8_t)follow_lane(d, m, e->packet.frame.source),
	    .to = LANE_MACHINE, .address = e->is.reply.next, .name = file,
	    .value = ntohl(e->is.reply.server.s_addr) });
}

static void
take_ack(struct diagnosis *d, struct machine *m, const struct event *e)
{
	struct machine_boot *b = &m->boot;

	follow_count(&b->acks);
	b->ack_at = follow_at(d, m);
	b->ack_number = follow_number(d, m);
	fill_lease(d, m, e, &b->ack);
	if (!is_set(b->chosen))
		b->chosen = e->is.reply.server;
	if (is_set(e->is.reply.address))
		machine_set_address(&d->table, m, e->is.reply.address);
	follow_step(d, m, &(struct machine_step){ .kind = STEP_ACK,
	    .from = LANE_POOL, .to = LANE_MACHINE,
	    .address = e->is.reply.address, .more = b->ack.says,
	    .value = ntohl(e->is.reply.server.s_addr),
	    .name = b->ack.file });
}

static void
take_nak(struct diagnosis *d, struct machine *m, const struct event *e)
{
	struct machine_boot *b = &m->boot;

	follow_count(&b->naks);
	/* The one that counts is of the server that was chosen. */
	if (b->naks == 1 || same_address(e->is.reply.server, b->chosen)) {
		b->nak_server = e->is.reply.server;
		b->nak_number = follow_number(d, m);
	}
	follow_step(d, m, &(struct machine_step){ .kind = STEP_NAK,
	    .from = LANE_POOL, .to = LANE_MACHINE,
	    .address = e->is.reply.server });
}

/* What is said of the lease is remembered for all of that server. */
static void
learn_server(struct diagnosis *d, const struct event *e)
{
	const struct event_reply *r = &e->is.reply;
	struct machine_server *server;

	if (!is_set(r->address) || (e->dhcp.type != DHCP_OFFER &&
	    e->dhcp.type != DHCP_ACK))
		return;
	server = machine_server_row(&d->table, r->server, d->now);
	server->next = r->next;
	server->vlan = vlan_of(&e->packet.frame);
	server->says = says(r);
	if (e->dhcp.type == DHCP_OFFER)
		server->offers++;
	else
		server->acks++;
}

static void
learn_unicast(const struct diagnosis *d, struct machine *m,
    const struct event *e)
{
	const struct frame *frame = &e->packet.frame;

	if (!frame_is_group(frame->to) &&
	    !diagnosis_is_ours(d, frame->source) &&
	    !diagnosis_is_ours(d, frame->destination) &&
	    (memcmp(frame->to, m->mac, FRAME_MAC) == 0 ||
	    memcmp(frame->from, m->mac, FRAME_MAC) == 0))
		m->boot.saw_unicast = true;
}

struct machine *
follow_reply(struct diagnosis *d, const struct event *e)
{
	struct machine *m = machine_by_mac(&d->table, e->dhcp.chaddr);
	const struct frame *frame = &e->packet.frame;
	bool is_lease = is_set(e->is.reply.address);

	learn_server(d, e);
	if (m == NULL || m->boot.end == END_SYSTEM)
		return NULL;
	machine_touch(&d->table, m, d->now);
	learn_unicast(d, m, e);
	/* A relay leaves its address in what it passes on to the machine. */
	if (is_set(e->dhcp.giaddr) &&
	    frame->destination_port == DHCP_PORT_CLIENT)
		m->boot.reply_relay = e->dhcp.giaddr;
	switch (e->dhcp.type) {
	case DHCP_OFFER:
		if (is_lease)
			take_lease_offer(d, m, e);
		else
			take_boot_offer(d, m, e);
		break;
	case DHCP_ACK:
		if (frame->source_port == DHCP_PORT_PXE || !is_lease)
			take_boot_ack(d, m, e);
		else
			take_ack(d, m, e);
		break;
	case DHCP_NAK:
		take_nak(d, m, e);
		break;
	default:
		break;
	}
	return m;
}

static struct machine_look *
look_row(struct machine_boot *b, struct in_addr address)
{
	for (size_t i = 0; i < b->n_looks; i++)
		if (same_address(b->look[i].address, address))
			return &b->look[i];
	return NULL;
}

/* After a pause it asks anew: another program, or one that has forgotten. */
static void
count_in_a_row(struct machine_look *look, uint32_t at)
{
	uint32_t pause = at - look->last_at;

	if (look->count == 0 || pause > LOOKS_PAUSE) {
		look->in_a_row = 0;
		look->row_lasts = 0;
	} else if (look->row_lasts < LOOKS_FOR) {
		look->row_lasts = (uint16_t)(look->row_lasts + pause);
	}
	follow_count(&look->in_a_row);
	if (look->in_a_row >= LOOKS && look->row_lasts >= LOOKS_FOR)
		look->is_repeated = true;
}

static void
take_look(struct diagnosis *d, struct machine *m, struct in_addr address)
{
	struct machine_boot *b = &m->boot;
	struct machine_look *look = look_row(b, address);

	if (look == NULL) {
		/* The oldest one makes room. */
		if (b->n_looks == MACHINE_LOOKS)
			memmove(&b->look[0], &b->look[1],
			    sizeof(b->look[0]) * (MACHINE_LOOKS - 1));
		else
			b->n_looks++;
		look = &b->look[b->n_looks - 1];
		*look = (struct machine_look){ .address = address,
		    .at = follow_at(d, m), .number = follow_number(d, m) };
	}
	if (look->count > 0 && follow_at(d, m) - look->last_at < FOLLOW_COPY)
		return;
	count_in_a_row(look, follow_at(d, m));
	follow_count(&look->count);
	look->last_at = follow_at(d, m);
	if (look->count == 3)
		look->third = (uint16_t)(look->last_at - look->at >
		    UINT16_MAX ? UINT16_MAX : look->last_at - look->at);
	look->last_number = follow_number(d, m);
	b->saw_arp = true;
	follow_step(d, m, &(struct machine_step){ .kind = STEP_LOOK,
	    .from = LANE_MACHINE, .to = (uint8_t)follow_lane(d, m, address),
	    .address = address });
}

static void
take_look_answer(struct diagnosis *d, struct machine *m, const struct event *e)
{
	struct in_addr address = e->is.arp.sender_address;
	struct machine_look *look = look_row(&m->boot, address);

	if (look == NULL)
		return;
	look->is_answered = true;
	if (!diagnosis_is_ours(d, address))
		m->boot.saw_unicast = true;
	follow_step(d, m, &(struct machine_step){ .kind = STEP_LOOK_ANSWER,
	    .from = (uint8_t)follow_lane(d, m, address), .to = LANE_MACHINE,
	    .address = address });
}

static void
take_conflict(struct diagnosis *d, struct machine *m, struct in_addr address)
{
	if (m->boot.conflict_number == 0)
		m->boot.conflict_number = follow_number(d, m);
	follow_step(d, m, &(struct machine_step){ .kind = STEP_CONFLICT,
	    .from = LANE_OTHERS, .to = LANE_MACHINE, .address = address });
}

/* Somebody says that he has an address: is it one of ours, or the machine's? */
static void
check_sender(struct diagnosis *d, const struct event *e, struct machine *asker)
{
	const struct event_arp *arp = &e->is.arp;
	struct machine *owner = machine_by_address(&d->table,
	    arp->sender_address);

	if (owner != NULL && owner->boot.end != END_SYSTEM &&
	    memcmp(owner->mac, arp->sender, FRAME_MAC) != 0 &&
	    d->now - owner->seen < (int64_t)OWN_ADDRESS_FOR * MILLIS &&
	    owner->boot.requests > 0) {
		if (!owner->boot.address_taken)
			take_conflict(d, owner, arp->sender_address);
		owner->boot.address_taken = true;
	}
	if (asker != NULL && arp->is_reply &&
	    diagnosis_is_claimed(d, arp->sender_address, arp->sender)) {
		if (!asker->boot.ours_taken)
			take_conflict(d, asker, arp->sender_address);
		asker->boot.ours_taken = true;
	}
}

struct machine *
follow_arp(struct diagnosis *d, const struct event *e)
{
	const struct event_arp *arp = &e->is.arp;
	struct machine *m;

	d->saw_arp = true;
	if (arp->is_reply) {
		m = machine_by_address(&d->table, arp->target_address);
		if (m != NULL && memcmp(m->mac, arp->sender, FRAME_MAC) == 0)
			m = NULL;
		check_sender(d, e, m);
		if (m != NULL && m->boot.end == END_OPEN)
			take_look_answer(d, m, e);
		return m;
	}
	check_sender(d, e, NULL);
	if (diagnosis_is_claimed(d, arp->sender_address, arp->sender))
		d->ours_claimed = d->now;
	m = machine_by_mac(&d->table, arp->sender);
	if (m == NULL || m->boot.end == END_SYSTEM)
		return NULL;
	machine_touch(&d->table, m, d->now);
	if (is_set(arp->sender_address) &&
	    !same_address(arp->sender_address, arp->target_address)) {
		if (!is_set(m->address))
			machine_set_address(&d->table, m,
			    arp->sender_address);
		take_look(d, m, arp->target_address);
	}
	return m;
}

/* It is about a packet that the machine sent: which one? */
static void
take_refusal(struct diagnosis *d, struct machine *m, const struct event *e)
{
	const struct event_unreachable *u = &e->is.unreachable;
	bool is_port = u->code == ICMP_PORT || u->code == ICMP_PROTOCOL;
	struct machine_boot *b = &m->boot;

	for (size_t i = 0; i < b->n_proxies; i++) {
		struct machine_proxy *p = &b->proxy[i];

		if (u->quoted.destination_port != DHCP_PORT_PXE ||
		    !same_address(p->server, u->quoted.destination))
			continue;
		follow_count(is_port ? &p->refused : &p->unreachable);
		p->teller = u->teller;
	}
	for (size_t i = b->n_files; i > 0; i--) {
		struct machine_file *f = &b->file[i - 1];

		if (!same_address(f->server, u->quoted.destination) ||
		    f->port != u->quoted.source_port)
			continue;
		if (is_port && (f->state == FILE_OPEN ||
		    f->state == FILE_ASKED))
			f->is_broken_off = true;
		if (f->state == FILE_ASKED && is_port)
			f->state = FILE_REFUSED;
		if (f->state == FILE_ASKED) {
			f->state = FILE_UNREACHABLE;
			f->code = u->code;
			f->other = u->teller;
		}
		f->last_number = follow_number(d, m);
		f->last_at = follow_at(d, m);
		break;
	}
	if (!diagnosis_is_ours(d, u->quoted.destination))
		b->saw_unicast = true;
	follow_step(d, m, &(struct machine_step){ .kind = STEP_UNREACHABLE,
	    .from = (uint8_t)follow_lane(d, m, u->teller),
	    .to = LANE_MACHINE, .address = u->quoted.destination,
	    .value = u->quoted.destination_port, .more = u->code });
}

/* Our OFFER cannot reach the relay: it concerns all behind that relay. */
static void
take_lost_relay(struct diagnosis *d, struct in_addr relay)
{
	for (size_t i = 0; i < d->table.n; i++) {
		struct machine_boot *b = &d->table.row[i].boot;

		if (b->is_relayed && same_address(b->relay, relay))
			b->relay_lost = true;
	}
}

struct machine *
follow_unreachable(struct diagnosis *d, const struct event *e)
{
	const struct event_unreachable *u = &e->is.unreachable;
	struct machine *m = machine_by_address(&d->table, u->quoted.source);

	if (m != NULL && m->boot.end != END_SYSTEM) {
		machine_touch(&d->table, m, d->now);
		take_refusal(d, m, e);
		return m;
	}
	if (u->quoted.destination_port == DHCP_PORT_SERVER &&
	    diagnosis_is_ours(d, u->quoted.source))
		take_lost_relay(d, u->quoted.destination);
	m = machine_by_address(&d->table, u->quoted.destination);
	if (m == NULL || m->boot.end != END_OPEN)
		return NULL;
	for (size_t i = 0; i < m->boot.n_proxies; i++)
		if (u->quoted.source_port == DHCP_PORT_PXE &&
		    same_address(m->boot.proxy[i].server, u->quoted.source))
			follow_count(&m->boot.proxy[i].acks_refused);
	return m;
}

struct machine *
follow_dhcpv6(struct diagnosis *d, const struct event *e)
{
	const struct event_dhcpv6 *v6 = &e->is.dhcpv6;
	bool is_reply = v6->type == DHCPV6_ADVERTISE ||
	    v6->type == DHCPV6_REPLY;
	int64_t silent;
	struct machine *m = machine_by_mac(&d->table,
	    is_reply ? e->packet.frame.to : e->packet.frame.from);

	if (is_reply) {
		if (m != NULL && v6->has_boot_file)
			m->boot.v6_boot_file = true;
		return m;
	}
	/* iPXE asks both ways at once; an operating system is no PXE client. */
	if (v6->has_user_class || (!v6->is_pxe && !v6->is_http) ||
	    v6->type != DHCPV6_SOLICIT)
		return NULL;
	if (m == NULL) {
		m = add_machine(d, e->packet.frame.from);
		m->boot.client = v6->is_http ? MACHINE_HTTP : MACHINE_UEFI;
	}
	silent = d->now - m->seen;
	machine_touch(&d->table, m, d->now);
	if (m->boot.discovers == 0) {
		m->boot.heard_v6_first = true;
		m->boot.last_discover_number = follow_number(d, m);
		if (m->boot.solicits == 0)
			m->boot.discover_number = follow_number(d, m);
	}
	follow_count(&m->boot.solicits);
	follow_step(d, m, &(struct machine_step){ .kind = STEP_SOLICIT,
	    .from = LANE_MACHINE, .to = LANE_OTHERS,
	    .more = v6->is_http ? SAYS_HTTP : SAYS_PXE });
	if (m->boot.discovers > 0)
		end_boot(d, m, silent < (int64_t)GIVES_UP_IN * MILLIS ?
		    END_GAVE_UP : END_AGAIN);
	return m;
}
