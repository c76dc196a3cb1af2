#include "diagnosis/diagnosis.h"

#include "diagnosis/finding.h"
#include "diagnosis/follow.h"

enum {
	MICROS = 1000000,		/* micros in a second */
	REORDERED = 1,			/* seconds: frames of several rings */
	LONGEST = 7 * 24 * 60 * 60,	/* seconds between two frames */
	SETTLED = 30 * MICROS,		/* it comes no further by itself */
	UNDER_WAY = 60 * MICROS,	/* a boot, with pauses so long */
	STANDS = 5 * MICROS,		/* what is found, before it is told */
	ANEW = 15 * MICROS,		/* by then the next boot came further */
	BOOTS = 2,			/* before it is a loop */
};

void
diagnosis_init(struct diagnosis *d, const struct in_addr *ours, size_t n_ours,
    const struct diagnosis_hooks *hooks)
{
	static const struct diagnosis_hooks none = { NULL, NULL, NULL };

	machine_table_init(&d->table);
	d->hooks = hooks == NULL ? none : *hooks;
	diagnosis_forget_ours(d);
	for (size_t i = 0; i < n_ours; i++)
		diagnosis_add_ours(d, ours[i]);
	d->is_live = d->saw_arp = false;
	d->ours_claimed = DIAGNOSIS_NO_TIME;
	d->now = 0;
	d->told = DIAGNOSIS_NO_TIME;
	d->number = 0;
	d->kind = EVENT_NONE;
}

void
diagnosis_live(struct diagnosis *d)
{
	d->is_live = true;
}

void
diagnosis_forget_ours(struct diagnosis *d)
{
	d->n_ours = d->n_our_macs = 0;
	d->ours_is_told = false;
}

void
diagnosis_add_ours(struct diagnosis *d, struct in_addr address)
{
	d->ours_is_told = true;
	if (d->n_ours < DIAGNOSIS_OURS && !diagnosis_is_ours(d, address))
		d->ours[d->n_ours++] = address;
}

static bool
is_our_mac(const struct diagnosis *d, const uint8_t mac[FRAME_MAC])
{
	for (size_t i = 0; i < d->n_our_macs; i++)
		if (memcmp(d->our_mac[i], mac, FRAME_MAC) == 0)
			return true;
	return false;
}

void
diagnosis_add_mac(struct diagnosis *d, const uint8_t mac[FRAME_MAC])
{
	if (d->n_our_macs < DIAGNOSIS_OURS && !is_our_mac(d, mac))
		memcpy(d->our_mac[d->n_our_macs++], mac, FRAME_MAC);
}

bool
diagnosis_is_claimed(const struct diagnosis *d, struct in_addr address,
    const uint8_t mac[FRAME_MAC])
{
	return d->n_our_macs > 0 && diagnosis_is_ours(d, address) &&
	    !is_our_mac(d, mac);
}

void
diagnosis_lost(struct diagnosis *d)
{
	uint16_t i = d->table.newest;

	while (i != MACHINE_NONE &&
	    d->now - d->table.row[i].seen < UNDER_WAY) {
		d->table.row[i].boot.has_gaps = true;
		i = d->table.row[i].older;
	}
}

bool
diagnosis_is_ours(const struct diagnosis *d, struct in_addr address)
{
	for (size_t i = 0; i < d->n_ours; i++)
		if (d->ours[i].s_addr == address.s_addr)
			return true;
	return false;
}

void
diagnosis_now(struct diagnosis *d, int64_t when)
{
	const int64_t back = (int64_t)REORDERED * MICROS,
	    on = (int64_t)LONGEST * MICROS;

	if (when == DIAGNOSIS_NO_TIME) {
		d->table.breaks++;
		return;
	}
	if (d->told == DIAGNOSIS_NO_TIME) {
		d->now = d->told = when;
		return;
	}
	if (when >= d->told && when - d->told <= on) {
		d->now += when - d->told;
	} else if (when < d->told && d->told - when <= back) {
		return;
	} else {
		d->table.breaks++;
	}
	d->told = when;
}

/* One row for each kind of event: who follows it. */
typedef struct machine *follower(struct diagnosis *d, const struct event *e);

static follower *const followers[] = {
	[EVENT_REQUEST] = follow_request,
	[EVENT_REPLY] = follow_reply,
	[EVENT_ARP] = follow_arp,
	[EVENT_UNREACHABLE] = follow_unreachable,
	[EVENT_TFTP] = follow_tftp,
	[EVENT_TCP] = follow_tcp,
	[EVENT_DNS] = follow_dns,
	[EVENT_DHCPV6] = follow_dhcpv6,
};

struct machine *
diagnosis_frame(struct diagnosis *d, struct span octets, int64_t when,
    uint32_t number)
{
	struct event event;

	diagnosis_now(d, when);
	d->number = number;
	d->kind = event_read(octets, &event);
	if (d->kind == EVENT_NONE)
		return NULL;
	return followers[event.kind](d, &event);
}

/* What our silence means is for the findings to say. */
static bool
is_of_interest(const struct responder_exchange *x)
{
	return x->step >= RESPONDER_REQUEST && !verdict_answered(x->verdict) &&
	    x->verdict != VERDICT_LEASE_REQUEST &&
	    x->verdict != VERDICT_OTHER_MESSAGE &&
	    x->verdict != VERDICT_NOT_FOR_US &&
	    x->verdict != VERDICT_NOT_PXE;
}

static uint16_t
keep_rule(struct machine *m, const struct policy_rule *rule)
{
	return machine_keep(m, (struct span){ (const uint8_t *)rule->name,
	    strlen(rule->name) });
}

/*
 * There is a rule for the address beside it: that of another card, unless
 * another machine has that address.
 */
static void
look_nearby(struct diagnosis *d, struct machine *m, const struct policy *policy)
{
	struct machine_boot *b = &m->boot;
	const struct policy_rule *rule = policy_nearby(policy, m->mac,
	    b->near_mac);
	const struct machine *other;

	if (rule == NULL)
		return;
	other = machine_by_mac(&d->table, b->near_mac);
	if (other != NULL && !(other->has_uuid && m->has_uuid &&
	    memcmp(other->uuid, m->uuid, PXE_UUID_OCTETS) == 0))
		return;
	b->has_near = true;
	b->near_rule = keep_rule(m, rule);
}

/* Which rule decided on this boot, and was it for this card? */
static void
take_rule(struct diagnosis *d, struct machine *m,
    const struct responder_exchange *x)
{
	struct machine_boot *b = &m->boot;
	bool is_first = !b->is_decided;

	b->is_decided = true;
	b->by_mac = policy_is_by_mac(&x->decision);
	b->rule = keep_rule(m, x->decision.rule);
	if (is_first && !b->by_mac && x->decision.policy != NULL)
		look_nearby(d, m, x->decision.policy);
}

void
diagnosis_verdict(struct diagnosis *d, const struct responder_exchange *x)
{
	struct machine *m;

	if (x->step < RESPONDER_REQUEST || (m = machine_by_mac(&d->table,
	    x->dhcp.chaddr)) == NULL)
		return;
	if (x->step >= RESPONDER_RULE && x->decision.rule != NULL)
		take_rule(d, m, x);
	if (verdict_answered(x->verdict)) {
		m->boot.verdict = 0;
		return;
	}
	if (!is_of_interest(x))
		return;
	m->boot.verdict = (uint8_t)x->verdict;
	m->boot.verdict_number = follow_number(d, m);
	follow_step(d, m, &(struct machine_step){ .kind = STEP_SILENT,
	    .from = LANE_OURS, .to = LANE_MACHINE,
	    .value = (uint32_t)x->verdict, .name = m->boot.rule });
}

/* Its other card came further, later: it is the machine that has to boot. */
static bool
boots_otherwise(const struct diagnosis *d, const struct machine *m)
{
	const struct machine *other = NULL;

	while ((other = machine_sibling(&d->table, m, other)) != NULL)
		if (other->seen > m->seen && finding_has_come_far(d, other))
			return true;
	return false;
}

/* Those of the boot in the row, then those that earlier boots left. */
static size_t
judge(const struct diagnosis *d, const struct machine *m,
    struct machine_finding *out, size_t size, size_t *of_this_boot)
{
	size_t n = finding_judge(d, m, out, size);

	*of_this_boot = n;
	if (n + m->n_kept > 0 && boots_otherwise(d, m))
		return 0;
	if (finding_has_come_far(d, m))
		return n;
	for (size_t i = 0; i < m->n_kept && n < size; i++) {
		size_t k = 0;

		while (k < n && out[k].id != m->kept[i].id)
			k++;
		if (k == n)
			out[n++] = m->kept[i];
	}
	return n;
}

/* Those that an earlier boot left come before the others, in their order. */
static void
put_first(const struct machine *m, struct machine_finding *finding, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i < m->n_kept; i++) {
		struct machine_finding moved;
		size_t k = done;

		while (k < n && finding[k].id != m->kept[i].id)
			k++;
		if (k == n)
			continue;
		moved = finding[k];
		memmove(&finding[done + 1], &finding[done],
		    (k - done) * sizeof(finding[0]));
		finding[done++] = moved;
	}
}

size_t
diagnosis_findings(struct diagnosis *d, struct machine *m,
    struct machine_finding *out, size_t size)
{
	size_t of_this_boot, n = judge(d, m, out, size, &of_this_boot);

	/* Of two ways that failed one after the other, the first counts. */
	if (m->boot.is_fallback)
		put_first(m, out, n);
	return n;
}

static bool
is_at_rest(const struct diagnosis *d, const struct machine *m)
{
	return m->boot.end != END_OPEN || d->now - m->seen >= SETTLED;
}

static bool
is_among(uint8_t id, const struct machine_finding *finding, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (finding[i].id == id)
			return true;
	return false;
}

/* What was found the last time and is not now, was a moment's appearance. */
static void
forget_waiting(struct machine *m, const struct machine_finding *finding,
    size_t n)
{
	for (size_t i = 0; i < MACHINE_WAITING; i++)
		if (!is_among(m->waiting[i].id, finding, n))
			m->waiting[i].since = 0;
}

/* Has it been found for so long that its cause is not still to come? */
static bool
has_stood(const struct diagnosis *d, struct machine *m, uint8_t id)
{
	struct machine_wait *vacant = NULL;

	for (size_t i = 0; i < MACHINE_WAITING; i++) {
		struct machine_wait *wait = &m->waiting[i];

		if (wait->since == 0)
			vacant = wait;
		else if (wait->id == id)
			return d->now - wait->since >= STANDS;
	}
	if (vacant != NULL)
		*vacant = (struct machine_wait){ d->now, id };
	return false;
}

/* Is one of this boot to be told now, for the first time? */
static bool
is_news(const struct diagnosis *d, struct machine *m,
    const struct machine_finding *finding)
{
	if (finding->sureness == FINDING_NOTE ||
	    (finding->sureness == FINDING_POSSIBLE && !is_at_rest(d, m)) ||
	    machine_was_told(m, finding->id) ||
	    !has_stood(d, m, finding->id))
		return false;
	machine_tell(m, finding->id);
	return true;
}

/*
 * And one of an earlier boot?  If the boot after it comes further, it was no
 * more than a bad round.
 */
static bool
is_old_news(const struct diagnosis *d, struct machine *m,
    const struct machine_finding *finding)
{
	size_t i = machine_kept(m, finding->id);

	if (finding->sureness == FINDING_NOTE || i == m->n_kept ||
	    m->kept_told[i] || !(m->boots > BOOTS || is_at_rest(d, m) ||
	    d->now - m->began >= ANEW))
		return false;
	m->kept_told[i] = true;
	return true;
}

size_t
diagnosis_news(struct diagnosis *d, struct machine *m,
    struct machine_finding *out, size_t size)
{
	size_t of_this_boot, n, news = 0;

	n = judge(d, m, out, size, &of_this_boot);
	forget_waiting(m, out, of_this_boot);
	for (size_t i = 0; i < n; i++)
		if (i < of_this_boot ? is_news(d, m, &out[i]) :
		    is_old_news(d, m, &out[i]))
			out[news++] = out[i];
	return news;
}

static bool
was_told(const struct machine *m, const struct machine_finding *finding,
    bool of_this_boot)
{
	size_t i = machine_kept(m, finding->id);

	if (finding->sureness == FINDING_NOTE)
		return true;
	if (of_this_boot)
		return machine_was_told(m, finding->id);
	return i < m->n_kept && m->kept_told[i];
}

size_t
diagnosis_told(const struct diagnosis *d, const struct machine *m,
    struct machine_finding *out, size_t size, size_t *of_this_boot)
{
	size_t now, n = judge(d, m, out, size, &now), told = 0;

	*of_this_boot = 0;
	for (size_t i = 0; i < n; i++) {
		if (!was_told(m, &out[i], i < now))
			continue;
		*of_this_boot += i < now;
		out[told++] = out[i];
	}
	return told;
}
