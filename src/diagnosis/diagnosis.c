#include "diagnosis/diagnosis.h"

#include "diagnosis/finding.h"
#include "diagnosis/follow.h"

enum {
	MICROS = 1000000,
	REORDERED = 1,			/* seconds: frames of several rings */
	LONGEST = 7 * 24 * 60 * 60,	/* seconds between two frames */
};

void
diagnosis_init(struct diagnosis *d, const struct in_addr *ours, size_t n_ours,
    const struct diagnosis_hooks *hooks)
{
	static const struct diagnosis_hooks none = { NULL, NULL, NULL };

	machine_table_init(&d->table);
	d->hooks = hooks == NULL ? none : *hooks;
	d->n_ours = n_ours < DIAGNOSIS_OURS ? n_ours : DIAGNOSIS_OURS;
	d->ours_is_told = n_ours > 0;
	for (size_t i = 0; i < d->n_ours; i++)
		d->ours[i] = ours[i];
	d->has_our_mac = d->saw_arp = d->ours_claimed = false;
	d->now = 0;
	d->told = DIAGNOSIS_NO_TIME;
	d->number = 0;
	d->kind = EVENT_NONE;
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

void
diagnosis_verdict(struct diagnosis *d, const struct responder_exchange *x)
{
	struct machine *m;

	if (x->step < RESPONDER_REQUEST || (m = machine_by_mac(&d->table,
	    x->dhcp.chaddr)) == NULL)
		return;
	if (verdict_answered(x->verdict)) {
		m->boot.verdict = 0;
		return;
	}
	if (!is_of_interest(x))
		return;
	m->boot.verdict = (uint8_t)x->verdict;
	m->boot.verdict_number = follow_number(d, m);
	if (x->step >= RESPONDER_RULE && x->decision.rule != NULL)
		m->boot.rule = machine_keep(m, (struct span){
		    (const uint8_t *)x->decision.rule->name,
		    strlen(x->decision.rule->name) });
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

size_t
diagnosis_findings(struct diagnosis *d, struct machine *m,
    struct machine_finding *out, size_t size)
{
	size_t n = finding_judge(d, m, out, size);

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
