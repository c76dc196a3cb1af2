#include "diagnosis/judge.h"

/*
 * Why it has no address, why its requests do not come, and why we are silent
 * on purpose.
 */

enum {
	ROUNDS_FOR = 7 * JUDGE_SECOND,	/* iPXE's fourth DISCOVER, and all but
					 * the first of a ROM */
	ACK_FOR = 4 * JUDGE_SECOND,	/* EDK2 asks again after so long */
	LATE_SECS = 12,			/* of a third DISCOVER, or a later one */
	SETTLED = 5 * JUDGE_SECOND,
	BUSY_BEFORE = 300,		/* seconds; longer ago it may have died */
	MICROS = 1000000,		/* in a second */
};

/*
 * What comes of a rule that is not for this card: silence, or a boot that
 * fails.
 */
static enum finding_sureness
falls_elsewhere(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;

	if (!b->is_decided || b->by_mac || judge_has_fetched(j))
		return FINDING_NOT;
	out->name[0] = b->rule;
	out->name[1] = b->near_rule;
	out->evidence[0] = b->verdict != 0 ? b->verdict_number :
	    b->discover_number;
	for (const enum verdict *v = j->verdicts; *v != 0; v++)
		if (b->verdict == *v)
			return j->rival == NULL || judge_is_over(j, SETTLED) ?
			    FINDING_CERTAIN : FINDING_NOT;
	return judge_gave_up(j) || (judge_is_failing(j->file) &&
	    judge_is_over(j, JUDGE_FOLLOWS)) ? FINDING_LIKELY : FINDING_NOT;
}

enum finding_sureness
judge_sibling_rule(const struct judgement *j, struct machine_finding *out)
{
	enum finding_sureness sure = falls_elsewhere(j, out);
	const struct machine *other = NULL;

	while (sure != FINDING_NOT && (other = machine_sibling(&j->d->table,
	    j->m, other)) != NULL) {
		if (!other->boot.by_mac)
			continue;
		memcpy(out->mac, other->mac, FRAME_MAC);
		return sure;
	}
	return FINDING_NOT;
}

/* The other card was not heard: its address alone tells that it may be one. */
enum finding_sureness
judge_nearby_rule(const struct judgement *j, struct machine_finding *out)
{
	if (j->found > 0 || !j->b->has_near ||
	    falls_elsewhere(j, out) == FINDING_NOT)
		return FINDING_NOT;
	memcpy(out->mac, j->b->near_mac, FRAME_MAC);
	return FINDING_POSSIBLE;
}

enum finding_sureness
judge_verdict(const struct judgement *j, struct machine_finding *out)
{
	for (const enum verdict *v = j->verdicts; *v != 0; v++) {
		if (j->b->verdict != *v)
			continue;
		/* Somebody else serves it. */
		if (judge_has_fetched(j) || (j->rival != NULL &&
		    !judge_is_over(j, SETTLED)))
			return FINDING_NOT;
		out->name[0] = j->b->rule;
		out->value = j->b->has_arch ? j->b->arch : 0;
		out->evidence[0] = j->b->verdict_number;
		return FINDING_CERTAIN;
	}
	return FINDING_NOT;
}

enum finding_sureness
judge_strips_class(const struct judgement *j, struct machine_finding *out)
{
	if (!j->b->lacks_class || judge_has_fetched(j))
		return FINDING_NOT;
	out->address[0] = j->b->relay;
	out->evidence[0] = j->b->discover_number;
	out->evidence[1] = j->b->last_discover_number;
	return FINDING_CERTAIN;
}

/* EDK2 loses the OFFER's end; its REQUEST names no address then. */
enum finding_sureness
judge_option_67(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;
	const struct machine_lease *lease = j->lease;

	if ((b->client != MACHINE_UEFI && b->client != MACHINE_HTTP) ||
	    lease == NULL || (lease->says & SAYS_67_SPOILS) == 0 ||
	    b->acks > 0 || b->requests == 0 ||
	    (b->requests < 2 && !judge_is_over(j, SETTLED)))
		return FINDING_NOT;
	out->address[0] = lease->server;
	out->name[0] = lease->file;
	out->evidence[0] = lease->number;
	out->evidence[1] = b->request_number;
	out->evidence[2] = b->last_request_number;
	return b->lacks_wanted || !b->chosen_in_request ? FINDING_CERTAIN :
	    FINDING_LIKELY;
}

/* The same behind a relay, where the OFFER is not seen. */
enum finding_sureness
judge_option_67_unseen(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;

	if ((b->client != MACHINE_UEFI && b->client != MACHINE_HTTP) ||
	    j->lease != NULL || !b->is_relayed || b->requests == 0 ||
	    !b->lacks_wanted ||
	    (b->requests < 2 && !judge_is_over(j, SETTLED)))
		return FINDING_NOT;
	out->address[0] = b->relay;
	out->value = b->requests;
	out->evidence[0] = b->request_number;
	out->evidence[1] = b->last_request_number;
	return FINDING_LIKELY;
}

enum finding_sureness
judge_refused(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;

	/* Of a server that was not chosen no notice is taken. */
	if (b->naks == 0 || b->acks > 0 || (b->chosen_in_request &&
	    !same_address(b->nak_server, b->chosen)) ||
	    !judge_is_over(j, SETTLED))
		return FINDING_NOT;
	out->address[0] = b->nak_server;
	out->evidence[0] = b->request_number;
	out->evidence[1] = b->nak_number;
	return FINDING_CERTAIN;
}

/* It asks for others by their addresses: it has one itself. */
static bool
looks_around(const struct machine_boot *b)
{
	for (size_t i = 0; i < b->n_looks; i++)
		if (b->look[i].last_at > b->last_request_at)
			return true;
	return false;
}

enum finding_sureness
judge_no_ack(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;

	if (j->found > 0 || b->acks > 0 || b->requests < JUDGE_ROUNDS ||
	    b->n_files > 0 || looks_around(b) ||
	    !judge_lasts(j, b->request_at, b->last_request_at, ACK_FOR))
		return FINDING_NOT;
	for (size_t i = 0; i < b->n_proxies; i++)
		if (b->proxy[i].asked > 0)
			return FINDING_NOT;
	out->address[0] = b->chosen;
	out->value = b->requests;
	out->evidence[0] = b->request_number;
	out->evidence[1] = b->last_request_number;
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_declined(const struct judgement *j, struct machine_finding *out)
{
	if (!j->b->declined || judge_has_fetched(j))
		return FINDING_NOT;
	out->address[0] = j->m->address;
	out->address[1] = j->b->chosen;
	out->evidence[0] = j->b->conflict_number;
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_in_use(const struct judgement *j, struct machine_finding *out)
{
	if (!j->b->address_taken || j->b->declined ||
	    (j->file != NULL && j->file->state == FILE_WHOLE &&
	    !judge_gave_up(j)))
		return FINDING_NOT;
	out->address[0] = j->m->address;
	out->evidence[0] = j->b->conflict_number;
	return FINDING_CERTAIN;
}

/* Two servers that give addresses of two networks: one is astray. */
enum finding_sureness
judge_two_servers(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;

	/* It was told its file: it has reached us with the one that it took. */
	if (b->n_leases < 2 || judge_has_fetched(j) ||
	    (j->told != NULL && j->told->answered > 0 && !judge_gave_up(j)) ||
	    (judge_is_near(&b->lease[0], b->lease[1].address) &&
	    judge_is_near(&b->lease[1], b->lease[0].address)) ||
	    !judge_is_over(j, 2 * SETTLED))
		return FINDING_NOT;
	out->address[0] = b->lease[0].server;
	out->address[1] = b->lease[1].server;
	out->address[2] = b->chosen;
	out->evidence[0] = b->lease[0].number;
	out->evidence[1] = b->lease[1].number;
	return FINDING_LIKELY;
}

static bool
has_no_lease(const struct judgement *j)
{
	const struct machine_boot *b = j->b;

	if (b->n_leases > 0 || b->requests > 0 || b->acks > 0 ||
	    b->n_files > 0)
		return false;
	/* Rounds that were not heard count by the client's own clock. */
	return (b->discovers >= JUDGE_ROUNDS && judge_lasts(j,
	    b->first_discover, b->last_discover, ROUNDS_FOR)) ||
	    (judge_gave_up(j) && b->discovers >= 2);
}

/*
 * An address server that gives others in this VLAN an address, since this boot
 * began or shortly before; NULL: none was seen.
 */
static const struct machine_server *
busy_server(const struct judgement *j)
{
	for (size_t i = 0; i < MACHINE_SERVERS; i++) {
		const struct machine_server *server = &j->d->table.server[i];

		if (server->is_used && server->vlan == j->b->vlan &&
		    server->seen >= j->m->began -
		    (int64_t)BUSY_BEFORE * MICROS)
			return server;
	}
	return NULL;
}

static enum finding_sureness
no_lease(const struct judgement *j, struct machine_finding *out)
{
	out->value = j->b->discovers;
	out->evidence[0] = j->b->discover_number;
	out->evidence[1] = j->b->last_discover_number;
	if (!j->b->is_relayed || j->b->saw_unicast)
		return FINDING_CERTAIN;
	/* Behind a relay the OFFERs go to it, where we may not see them: but
	 * iPXE with one goes on, whether ours comes or not. */
	return j->b->client == MACHINE_IPXE ? FINDING_LIKELY :
	    FINDING_POSSIBLE;
}

enum finding_sureness
judge_pool_silent(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_server *server = busy_server(j);

	if (!has_no_lease(j) || server == NULL || j->b->is_relayed)
		return FINDING_NOT;
	out->address[0] = server->server;
	return no_lease(j, out) == FINDING_CERTAIN ? FINDING_LIKELY :
	    FINDING_POSSIBLE;
}

enum finding_sureness
judge_no_server(const struct judgement *j, struct machine_finding *out)
{
	/* Behind a relay it is a guess. */
	if (!has_no_lease(j) || j->b->relay_lost ||
	    (j->b->is_relayed && j->found > 0) ||
	    (busy_server(j) != NULL && !j->b->is_relayed) ||
	    (j->b->is_relayed && j->ours != NULL &&
	    j->b->client != MACHINE_IPXE))
		return FINDING_NOT;
	return no_lease(j, out);
}

/*
 * EDK2 and ROMs ask for an address when they have both OFFERs.  Behind a relay
 * only our own is seen here, and so only that nothing comes of it.
 */
enum finding_sureness
judge_relay_lost(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;

	if (!b->is_relayed || j->ours == NULL || j->ours->offers == 0 ||
	    b->requests > 0)
		return FINDING_NOT;
	out->address[0] = b->relay;
	out->address[1] = j->ours->server;
	out->evidence[0] = j->ours->number;
	out->evidence[1] = b->last_discover_number;
	if (b->relay_lost)
		return FINDING_CERTAIN;
	if (b->n_leases > 0)
		return b->full_rounds >= 2 ? FINDING_LIKELY : FINDING_NOT;
	return has_no_lease(j) && b->client != MACHINE_IPXE ?
	    FINDING_LIKELY : FINDING_NOT;
}

enum finding_sureness
judge_relay_passes_over(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;

	if (!j->d->ours_is_told || !b->is_relayed || !b->reached_others ||
	    b->reached_us || j->ours != NULL || judge_has_fetched(j) ||
	    (b->discovers < 2 && b->requests == 0 &&
	    !judge_is_over(j, SETTLED)))
		return FINDING_NOT;
	out->address[0] = b->relay;
	out->address[1] = j->d->ours[0];
	out->evidence[0] = b->discover_number;
	return FINDING_CERTAIN;
}

/* What a port that forwards only after half a minute leaves of a boot. */
enum finding_sureness
judge_late_rounds(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;
	bool v6_first = b->client == MACHINE_HTTP && b->heard_v6_first &&
	    b->discovers > 0;

	/* iPXE's secs is no clock. */
	if (judge_has_fetched(j) || b->client == MACHINE_IPXE ||
	    (b->first_secs < LATE_SECS && !v6_first))
		return FINDING_NOT;
	if (!v6_first && !(b->requests == 0 &&
	    judge_is_over(j, 4 * SETTLED)))
		return FINDING_NOT;
	/* IPv6 may be the first in its order, and HTTP Boot come to a file. */
	if (v6_first && !judge_gave_up(j) && ((b->requests > 0 &&
	    j->told != NULL) || !judge_is_over(j, SETTLED)))
		return FINDING_NOT;
	out->value = b->first_secs;
	out->evidence[0] = b->discover_number;
	return FINDING_LIKELY;
}

/* The card that booted before, if this one does not. */
enum finding_sureness
judge_other_card(const struct judgement *j, struct machine_finding *out)
{
	const struct machine *other = NULL;

	if (!j->m->has_uuid || judge_has_fetched(j) ||
	    !judge_is_over(j, SETTLED))
		return FINDING_NOT;
	while ((other = machine_sibling(&j->d->table, j->m, other)) != NULL) {
		if (other->seen >= j->m->seen ||
		    (other->boot.n_files == 0 && !other->has_booted))
			continue;
		if (!has_no_lease(j) && j->b->verdict == 0 && !judge_gave_up(j))
			continue;
		out->address[0] = other->address;
		out->value = other->mac[5];
		out->evidence[0] = j->b->discover_number;
		return FINDING_LIKELY;
	}
	return FINDING_NOT;
}

enum finding_sureness
judge_ipv6_only(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;

	if (b->discovers > 0 || b->requests > 0 || b->v6_boot_file ||
	    b->solicits < JUDGE_ROUNDS)
		return FINDING_NOT;
	out->value = b->solicits;
	out->evidence[0] = b->discover_number;
	out->evidence[1] = b->last_discover_number;
	return FINDING_LIKELY;
}
