#include "diagnosis/judge.h"

/*
 * Why our answers do not arrive, or do not win.
 */

enum {
	EDK2_WAITS = 4 * JUDGE_SECOND,	/* for OFFERs */
	IPXE_WAITS = 2 * JUDGE_SECOND,	/* for a boot server's */
	IPXE_WAITED = 2500,		/* a REQUEST this late had none */
	ROM_WAITED = 7 * JUDGE_SECOND,	/* as much of a ROM of a BIOS */
	IPXE_QUIET = 20 * JUDGE_SECOND,	/* after its lease: it waits 16 s for
					 * router advertisements */
	ASKS_4011 = 4,			/* EDK2 tries, at 0, 1, 3 and 6 s */
	QUESTION_FOR = 8 * JUDGE_SECOND,
	SETTLED = 5 * JUDGE_SECOND,
	LOOP = 3,			/* stages alike before this one */
	CLAIMED_BEFORE = 600000000,	/* micros: neighbours know an address
					 * for so long, about */
	LOOP_OF_IPXE = 2,		/* the same, of iPXE itself: a ROM that
					 * says iPXE makes one */
	LONG = 30 * JUDGE_SECOND,
};

static bool
wants_pxe(const struct judgement *j)
{
	return j->b->client == MACHINE_UEFI || j->b->client == MACHINE_BIOS ||
	    j->b->client == MACHINE_IPXE;
}

/* Must it ask us on port 4011, by the OFFER that we sent? */
static bool
must_ask(const struct judgement *j)
{
	return j->ours != NULL && j->ours->offers > 0 &&
	    j->b->client == MACHINE_UEFI &&
	    (j->ours->says & (SAYS_SKIPS | SAYS_PXE_OPTIONS)) == 0;
}

static unsigned
asked_anyone(const struct judgement *j)
{
	unsigned asked = 0;

	for (size_t i = 0; i < j->b->n_proxies; i++)
		asked += j->b->proxy[i].asked;
	return asked;
}

static const struct machine_proxy *
proxy_of(const struct judgement *j, struct in_addr server)
{
	for (size_t i = 0; i < j->b->n_proxies; i++)
		if (same_address(j->b->proxy[i].server, server))
			return &j->b->proxy[i];
	return NULL;
}

/* Where a lease that says PXEClient sends the client: PXE 2.1, EDK2, iPXE. */
static struct in_addr
pxe_target(const struct judgement *j)
{
	return is_set(j->lease->next) && j->b->client != MACHINE_IPXE ?
	    j->lease->next : j->lease->server;
}

/* Nothing good comes of the boot server that the pool names. */
static enum finding_sureness
pool_fails(const struct judgement *j, struct in_addr target,
    struct machine_finding *out)
{
	const struct machine_proxy *p = proxy_of(j, target);
	const struct machine_look *look = judge_look(j, target);

	if (p != NULL && p->asked > 0) {
		out->evidence[1] = p->asked_number;
		out->evidence[2] = p->last_number;
	}
	if (p != NULL && p->answered > 0)
		return judge_gave_up(j) && !judge_has_fetched(j) ?
		    FINDING_LIKELY : FINDING_NOT;
	if (judge_has_fetched(j))
		return FINDING_NOT;
	if (p != NULL && (p->asked >= JUDGE_ROUNDS || (p->refused > 0 &&
	    judge_is_over(j, SETTLED))))
		return FINDING_CERTAIN;
	if (look != NULL && judge_is_missed(j, look)) {
		out->evidence[1] = look->number;
		return FINDING_CERTAIN;
	}
	if (judge_gave_up(j))
		return FINDING_CERTAIN;
	/*
	 * It may well answer, and serve the file, where we do not hear it: but
	 * an address server alone seldom does, and a BIOS gives up silently.
	 */
	return j->b->client != MACHINE_UEFI && j->b->acks > 0 &&
	    (j->lease->says & SAYS_PXE_OPTIONS) == 0 &&
	    same_address(target, j->lease->server) && j->b->n_files == 0 &&
	    judge_is_over(j, QUESTION_FOR) ? FINDING_POSSIBLE : FINDING_NOT;
}

/*
 * iPXE whose lease went past us: it looks for the address server, which it
 * needs for nothing else, and not for ours.
 */
static enum finding_sureness
ipxe_asks_pool(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;
	const struct machine_look *look = judge_look(j, b->chosen);
	struct in_addr server;

	if (b->client != MACHINE_IPXE || j->lease != NULL ||
	    j->ours == NULL || look == NULL || b->n_files > 0)
		return FINDING_NOT;
	/* It may be its gateway there, or its name server. */
	server = judge_server_of(j, j->ours);
	if (!judge_is_neighbour(j, server) || judge_look(j, server) != NULL ||
	    same_address(b->chosen, server) || !judge_is_over(j, IPXE_QUIET))
		return FINDING_NOT;
	out->address[0] = out->address[1] = b->chosen;
	out->evidence[0] = b->request_number;
	out->evidence[1] = look->number;
	return FINDING_POSSIBLE;
}

static enum finding_sureness
pool_leads(const struct judgement *j, bool by_options,
    struct machine_finding *out)
{
	struct in_addr target;

	if (!wants_pxe(j) || j->lease == NULL ||
	    (j->lease->says & SAYS_PXE) == 0 || by_options !=
	    ((j->lease->says & SAYS_PXE_OPTIONS) != 0))
		return FINDING_NOT;
	target = pxe_target(j);
	if (diagnosis_is_ours(j->d, target))
		return FINDING_NOT;
	/* The pool's own file, and no question. */
	if (j->b->client == MACHINE_IPXE &&
	    (j->lease->says & SAYS_FILE) != 0 && asked_anyone(j) == 0)
		return FINDING_NOT;
	out->address[0] = j->lease->server;
	out->address[1] = target;
	out->evidence[0] = j->lease->number;
	return pool_fails(j, target, out);
}

enum finding_sureness
judge_says_pxe(const struct judgement *j, struct machine_finding *out)
{
	return j->lease == NULL ? ipxe_asks_pool(j, out) :
	    pool_leads(j, false, out);
}

enum finding_sureness
judge_pool_options(const struct judgement *j, struct machine_finding *out)
{
	return pool_leads(j, true, out);
}

/* HTTP Boot takes a URL of the address server before ours. */
enum finding_sureness
judge_pool_url(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_lease *lease = j->lease;
	const struct machine_file *f = j->file;

	if (j->b->client != MACHINE_HTTP || lease == NULL ||
	    (lease->says & SAYS_HTTP) == 0 ||
	    (lease->says & SAYS_FILE) == 0 ||
	    diagnosis_is_ours(j->d, lease->server) ||
	    !(judge_is_failing(f) ? judge_is_over(j, JUDGE_FOLLOWS) :
	    judge_gave_up(j)))
		return FINDING_NOT;
	out->address[0] = lease->server;
	out->name[0] = lease->file;
	out->evidence[0] = lease->number;
	return FINDING_LIKELY;
}

static bool
anyone_offers(const struct judgement *j)
{
	for (size_t i = 0; i < j->b->n_proxies; i++)
		if (j->b->proxy[i].offers > 0 || j->b->proxy[i].answered > 0)
			return true;
	return false;
}

/* No boot server speaks to it, and the lease names no file. */
static enum finding_sureness
no_offer(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;
	const struct machine_lease *lease = j->lease;
	bool waits = b->requests == 0 && b->discovers >= JUDGE_ROUNDS &&
	    judge_lasts(j, b->first_discover, b->last_discover, EDK2_WAITS);
	/* EDK2 asks for an address only where it has a file as well. */
	bool goes_on = b->requests > 0 && judge_is_over(j, SETTLED) &&
	    ((b->client == MACHINE_IPXE && judge_lasts(j, b->first_discover,
	    b->request_at, IPXE_WAITED)) ||
	    (b->client == MACHINE_BIOS && judge_lasts(j, b->first_discover,
	    b->request_at, ROM_WAITED)));
	bool gave_up = judge_gave_up(j) && b->requests == 0;

	if (b->client == MACHINE_UBOOT || anyone_offers(j) || lease == NULL ||
	    b->verdict != 0 || b->n_files > 0 || asked_anyone(j) > 0 ||
	    (lease->says & (SAYS_FILE | SAYS_PXE)) != 0 ||
	    (!waits && !goes_on && !gave_up))
		return FINDING_NOT;
	out->address[0] = lease->server;
	out->address[1] = j->d->n_ours > 0 ? j->d->ours[0] :
	    (struct in_addr){ INADDR_ANY };
	out->value = b->discovers;
	out->evidence[0] = b->discover_number;
	out->evidence[1] = lease->number;
	out->evidence[2] = b->last_discover_number;
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_no_offer(const struct judgement *j, struct machine_finding *out)
{
	return is_set(j->b->reply_relay) ? FINDING_NOT :
	    no_offer(j, out);
}

/* On the machine's link, which is behind a relay. */
enum finding_sureness
judge_no_offer_relayed(const struct judgement *j, struct machine_finding *out)
{
	if (!is_set(j->b->reply_relay))
		return FINDING_NOT;
	out->address[2] = j->b->reply_relay;
	return no_offer(j, out);
}

/* Both OFFERs round after round, in time, and no REQUEST. */
static bool
is_deaf(const struct judgement *j)
{
	return j->is_timed && j->b->requests == 0 && j->ours != NULL &&
	    j->ours->offers > 0 && (j->b->full_rounds >= 2 ||
	    (j->b->full_rounds >= 1 && judge_gave_up(j)));
}

enum finding_sureness
judge_form(const struct judgement *j, struct machine_finding *out)
{
	if (!is_deaf(j) || (j->ours->says & SAYS_PXE_OPTIONS) == 0 ||
	    j->b->client != MACHINE_UEFI)
		return FINDING_NOT;
	out->address[0] = j->ours->server;
	out->evidence[0] = j->ours->number;
	out->evidence[1] = j->b->last_discover_number;
	return FINDING_POSSIBLE;
}

/*
 * It looks for no server of ours.  At our port it is not seen whether one
 * behind a gateway is asked; on the machine's link it is.
 */
static bool
looks_past_ours(const struct judgement *j)
{
	return (judge_is_neighbour(j, j->ours->next) || j->b->saw_unicast ||
	    is_set(j->b->reply_relay)) &&
	    judge_look(j, j->ours->next) == NULL &&
	    (j->b->saw_arp || j->d->saw_arp);
}

/* iPXE waited in vain for a boot server's OFFER, and asks for no file. */
static bool
ipxe_had_none(const struct judgement *j)
{
	const struct machine_boot *b = j->b;

	return b->client == MACHINE_IPXE && b->discovers >= 2 &&
	    b->requests > 0 && judge_lasts(j, b->first_discover,
	    b->request_at, IPXE_WAITED) && b->n_files == 0 &&
	    looks_past_ours(j) && judge_is_over(j, IPXE_QUIET);
}

/* A ROM of a BIOS that waited for whole rounds, and then asks for no file. */
static bool
rom_had_none(const struct judgement *j)
{
	const struct machine_boot *b = j->b;

	return b->client == MACHINE_BIOS && b->full_rounds >= 1 &&
	    b->requests > 0 && judge_lasts(j, b->first_discover,
	    b->request_at, ROM_WAITED) && b->n_files == 0 &&
	    asked_anyone(j) == 0 && looks_past_ours(j) &&
	    judge_is_over(j, SETTLED);
}

/* EDK2 takes the pool's file only where no boot server's OFFER came. */
static enum finding_sureness
pool_file_instead(const struct judgement *j)
{
	const struct machine_file *f = j->file;

	if (!must_ask(j) || j->b->requests == 0 || asked_anyone(j) > 0 ||
	    j->lease == NULL || (j->lease->says & SAYS_FILE) == 0 ||
	    (j->lease->says & SAYS_PXE) != 0 ||
	    j->ours->at > j->b->request_at)
		return FINDING_NOT;
	if (f != NULL && f->state == FILE_WHOLE && !judge_gave_up(j))
		return FINDING_NOT;
	if (f != NULL)
		return judge_is_over(j, SETTLED) && !judge_is_fetching(f) ?
		    FINDING_CERTAIN : FINDING_NOT;
	if (judge_is_missed(j, judge_look(j, j->lease->next)) &&
	    !same_address(j->lease->next, j->ours->next))
		return FINDING_CERTAIN;
	return judge_gave_up(j) ? FINDING_LIKELY : FINDING_NOT;
}

enum finding_sureness
judge_offers_lost(const struct judgement *j, struct machine_finding *out)
{
	enum finding_sureness sure = FINDING_NOT;

	if (j->found > 0 || j->ours == NULL || j->ours->offers == 0 ||
	    judge_lacks_name_server(j))
		return FINDING_NOT;
	out->address[0] = j->ours->server;
	out->value = j->b->discovers;
	out->evidence[0] = j->ours->number;
	if (j->lease != NULL) {
		out->address[1] = j->lease->server;
		out->evidence[1] = j->lease->number;
	}
	out->evidence[2] = j->b->requests > 0 ? j->b->request_number :
	    j->b->last_discover_number;
	if (is_deaf(j) || (!j->b->late_offer &&
	    j->ours->after_discover < IPXE_WAITS &&
	    (ipxe_had_none(j) || rom_had_none(j))))
		sure = FINDING_LIKELY;
	else
		sure = pool_file_instead(j);
	return sure;
}

enum finding_sureness
judge_late(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_boot *b = j->b;
	bool comes_late = j->is_timed && j->ours != NULL &&
	    j->ours->offers > 0 && (b->late_offer || (b->requests == 0 &&
	    j->ours->after_discover >= EDK2_WAITS &&
	    b->discovers >= JUDGE_ROUNDS));

	/* It did not wait for us: another boot server had answered. */
	if (b->requests > 0 && j->rival != NULL &&
	    j->rival->at <= b->request_at)
		return FINDING_NOT;
	if (j->found > 0 || !comes_late || b->client == MACHINE_UBOOT ||
	    j->ours->asked > 0 ||
	    judge_has_fetched(j) || !judge_is_over(j, JUDGE_FOLLOWS))
		return FINDING_NOT;
	out->address[0] = j->ours->server;
	out->value = j->ours->at - b->first_discover;
	out->evidence[0] = b->discover_number;
	out->evidence[1] = b->request_number;
	out->evidence[2] = j->ours->number;
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_ours_taken(const struct judgement *j, struct machine_finding *out)
{
	/* From our port the other's answer is not heard, but he himself is. */
	bool is_claimed = j->d->ours_claimed != DIAGNOSIS_NO_TIME &&
	    j->d->ours_claimed >= j->m->began - CLAIMED_BEFORE && must_ask(j) &&
	    j->b->requests > 0 && asked_anyone(j) == 0 &&
	    judge_is_over(j, QUESTION_FOR);

	if ((!j->b->ours_taken && !is_claimed) || judge_has_fetched(j))
		return FINDING_NOT;
	out->address[0] = j->d->n_ours > 0 ? j->d->ours[0] :
	    (struct in_addr){ INADDR_ANY };
	out->evidence[0] = j->b->conflict_number;
	return FINDING_CERTAIN;
}

enum finding_sureness
judge_no_route(const struct judgement *j, struct machine_finding *out)
{
	if (!must_ask(j) || j->lease == NULL || j->ours->asked > 0 ||
	    j->b->requests == 0 || is_set(j->lease->router) ||
	    judge_is_near(j->lease, j->ours->server) ||
	    judge_has_fetched(j) || !judge_is_over(j, EDK2_WAITS))
		return FINDING_NOT;
	out->address[0] = j->ours->server;
	out->address[1] = j->lease->address;
	out->address[2] = j->lease->server;
	out->evidence[0] = j->b->ack_number != 0 ? j->b->ack_number :
	    j->lease->number;
	return FINDING_CERTAIN;
}

/* A router says that there is no way to us. */
enum finding_sureness
judge_no_way(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_proxy *p = j->ours;

	if (p == NULL || p->unreachable == 0 || p->answered > 0 ||
	    j->b->n_files > 0 || !judge_is_over(j, EDK2_WAITS))
		return FINDING_NOT;
	out->address[0] = p->server;
	out->address[1] = p->teller;
	out->evidence[0] = p->asked_number;
	out->evidence[1] = p->last_number;
	return FINDING_CERTAIN;
}

/* Another boot server made an OFFER: asked next, and not where we hear it. */
static bool
may_ask_another(const struct judgement *j)
{
	if (judge_gave_up(j))
		return false;
	for (size_t i = 0; i < j->b->n_proxies; i++)
		if (j->b->proxy[i].offers > 0 && j->b->proxy[i].asked == 0)
			return true;
	return false;
}

enum finding_sureness
judge_acks_lost(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_proxy *p = j->ours;

	if (p == NULL || p->asked < JUDGE_ROUNDS ||
	    p->answered + 1 < p->asked || j->b->n_files > 0 ||
	    (j->rival != NULL && j->rival->answered > 0) ||
	    may_ask_another(j) ||
	    (p->asked < ASKS_4011 && !judge_is_over(j, SETTLED)))
		return FINDING_NOT;
	out->address[0] = p->server;
	out->value = p->asked;
	out->evidence[0] = p->asked_number;
	out->evidence[1] = p->last_number;
	return p->asked >= ASKS_4011 || p->acks_refused > 0 ?
	    FINDING_CERTAIN : FINDING_LIKELY;
}

/* Asked, and no answer seen: theirs who sent the OFFER. */
enum finding_sureness
judge_4011_silent(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_proxy *silent = NULL;

	for (size_t i = 0; i < j->b->n_proxies; i++) {
		const struct machine_proxy *p = &j->b->proxy[i];

		if (p->answered > 0)
			return FINDING_NOT;
		if (p->offers > 0 && (p->asked >= ASKS_4011 ||
		    (p->asked > 0 && judge_gave_up(j)) ||
		    (p->refused > 0 && judge_is_over(j, SETTLED))))
			silent = p;
	}
	if (j->found > 0 || silent == NULL || j->b->n_files > 0 ||
	    may_ask_another(j) || j->b->verdict != 0 ||
	    j->b->client == MACHINE_IPXE)
		return FINDING_NOT;
	out->address[0] = silent->server;
	out->value = silent->asked;
	out->evidence[0] = silent->asked_number;
	out->evidence[1] = silent->last_number;
	return FINDING_CERTAIN;
}

/* It has its address and looks for us, but its question does not come. */
enum finding_sureness
judge_4011_lost(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_look *look;

	if (j->found > 0 || !must_ask(j) || j->b->requests == 0 ||
	    asked_anyone(j) > 0 || j->b->n_files > 0 ||
	    j->ours->answered > 0 || j->ours->at > j->b->request_at)
		return FINDING_NOT;
	/* Where our answer to ARP is not seen, its question would not be. */
	look = judge_look(j, j->ours->server);
	if (look == NULL || !look->is_answered ||
	    (j->now - look->at < QUESTION_FOR && !judge_gave_up(j)))
		return FINDING_NOT;
	out->address[0] = j->ours->server;
	out->value = look->count;
	out->evidence[0] = look->number;
	out->evidence[1] = look->last_number;
	return FINDING_CERTAIN;
}

static bool
misses_any(const struct judgement *j)
{
	for (size_t i = 0; i < j->b->n_looks; i++)
		if (judge_is_missed(j, &j->b->look[i]))
			return true;
	return false;
}

/* Another boot server was there, and the boot failed. */
static bool
rival_wins(const struct judgement *j)
{
	const struct machine_proxy *r = j->rival;

	if (r == NULL || r->offers == 0 || (j->ours != NULL &&
	    j->ours->asked > 0) || (j->ours == NULL && j->d->n_ours > 0 &&
	    !j->d->ours_is_told))
		return false;
	if (judge_has_fetched(j) && !judge_gave_up(j))
		return false;
	return judge_gave_up(j) || (r->asked >= ASKS_4011 &&
	    r->answered == 0) || (judge_is_failing(j->file) &&
	    judge_is_over(j, JUDGE_FOLLOWS)) || misses_any(j);
}

static bool
is_copy(const struct judgement *j)
{
	return j->ours != NULL && j->rival != NULL &&
	    j->ours->file == j->rival->file && j->ours->file != 0 &&
	    ((j->ours->says ^ j->rival->says) & ~SAYS_FILE) == 0;
}

static enum finding_sureness
rival(const struct judgement *j, bool copy, struct machine_finding *out)
{
	if (!rival_wins(j) || is_copy(j) != copy)
		return FINDING_NOT;
	out->address[0] = j->rival->server;
	out->address[1] = j->rival->next;
	out->address[2] = j->d->n_ours > 0 ? j->d->ours[0] :
	    (struct in_addr){ INADDR_ANY };
	out->name[0] = j->rival->file;
	out->evidence[0] = j->rival->number;
	out->evidence[1] = j->rival->asked_number;
	return j->rival->asked > 0 ? FINDING_CERTAIN : FINDING_LIKELY;
}

enum finding_sureness
judge_rival(const struct judgement *j, struct machine_finding *out)
{
	return rival(j, false, out);
}

enum finding_sureness
judge_copy(const struct judgement *j, struct machine_finding *out)
{
	return rival(j, true, out);
}

/* It gives up without a question that we heard. */
static enum finding_sureness
not_asked(const struct judgement *j, struct machine_finding *out)
{
	if (j->found > 0 || !must_ask(j) || j->b->requests == 0 ||
	    asked_anyone(j) > 0 || j->b->n_files > 0 ||
	    j->ours->answered > 0 || !judge_gave_up(j))
		return FINDING_NOT;
	out->address[0] = j->ours->server;
	out->evidence[0] = j->ours->number;
	out->evidence[1] = j->b->end_number;
	return FINDING_LIKELY;
}

/* Behind a relay it is not seen whether it has its address. */
static bool
lease_is_unseen(const struct judgement *j)
{
	return j->b->is_relayed && j->b->acks == 0;
}

enum finding_sureness
judge_not_asked(const struct judgement *j, struct machine_finding *out)
{
	return lease_is_unseen(j) ? FINDING_NOT : not_asked(j, out);
}

enum finding_sureness
judge_not_asked_relayed(const struct judgement *j, struct machine_finding *out)
{
	if (!lease_is_unseen(j) || not_asked(j, out) == FINDING_NOT)
		return FINDING_NOT;
	out->address[1] = j->b->relay;
	return FINDING_POSSIBLE;
}

/* Its first file is the pool's and comes from the pool's server: in vain. */
enum finding_sureness
judge_pool_file(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_lease *lease = j->lease;
	const struct machine_file *f = j->file;
	const struct machine_look *look;
	bool differs;

	/* Where ours came too late, that is the cause. */
	if (lease == NULL || (lease->says & SAYS_FILE) == 0 ||
	    (lease->says & SAYS_PXE) != 0 || j->b->late_offer ||
	    (!anyone_offers(j) && !j->d->ours_is_told) ||
	    j->b->client == MACHINE_HTTP || asked_anyone(j) > 0)
		return FINDING_NOT;
	/* EDK2 takes ours before it, if ours arrives. */
	if (must_ask(j) && j->ours->at <= j->b->request_at)
		return FINDING_NOT;
	differs = j->ours == NULL || j->ours->file != lease->file ||
	    !same_address(j->ours->next, lease->next);
	look = judge_look(j, lease->next);
	out->address[0] = lease->server;
	out->address[1] = lease->next;
	out->name[0] = lease->file;
	out->evidence[0] = lease->number;
	if (differs && judge_is_failing(f) && j->b->n_files == 1 &&
	    judge_is_over(j, JUDGE_FOLLOWS) &&
	    f->name == lease->file) {
		out->evidence[1] = f->number;
		return FINDING_CERTAIN;
	}
	if (differs && j->b->n_files == 0 && judge_is_missed(j, look) &&
	    (j->ours == NULL || !same_address(j->ours->next, lease->next))) {
		out->evidence[1] = look->number;
		return FINDING_CERTAIN;
	}
	return FINDING_NOT;
}

/* The same of iPXE, whose OFFERs of the pool go past us. */
enum finding_sureness
judge_pool_file_unseen(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_server *server = NULL;
	const struct machine_look *look;

	if (j->b->client != MACHINE_IPXE || j->lease != NULL ||
	    j->ours == NULL || !is_set(j->b->chosen))
		return FINDING_NOT;
	for (size_t i = 0; i < MACHINE_SERVERS; i++)
		if (j->d->table.server[i].is_used && same_address(
		    j->d->table.server[i].server, j->b->chosen))
			server = &j->d->table.server[i];
	if (server == NULL || (server->says & SAYS_FILE) == 0)
		return FINDING_NOT;
	look = judge_look(j, server->next);
	out->address[0] = server->server;
	out->address[1] = server->next;
	out->evidence[0] = j->b->request_number;
	if (look != NULL && !same_address(server->next, j->ours->next) &&
	    judge_is_missed(j, look))
		return FINDING_LIKELY;
	return j->m->loops >= LOOP ? FINDING_LIKELY : FINDING_NOT;
}

/* Such as undionly.kpxe and snponly.efi. */
static bool
is_ipxe_name(const char *name)
{
	return !machine_name_ends(name, ".ipxe") && !judge_is_url(name) &&
	    (strstr(name, "ipxe.") != NULL ||
	    strstr(name, "undionly") != NULL ||
	    strstr(name, "snponly") != NULL ||
	    machine_name_ends(name, ".kpxe") ||
	    machine_name_ends(name, ".kkpxe"));
}

/* The same stage, given the same again and again. */
enum finding_sureness
judge_loop(const struct judgement *j, struct machine_finding *out)
{
	uint16_t name = j->file != NULL ? j->file->name :
	    j->told != NULL ? j->told->file : 0;

	if (j->b->client != MACHINE_IPXE || name == 0 ||
	    machine_name_hash(judge_name(j, name)) != j->m->loop_file ||
	    j->m->loops < (is_ipxe_name(judge_name(j, name)) ? LOOP_OF_IPXE :
	    LOOP))
		return FINDING_NOT;
	out->name[0] = name;
	out->value = j->m->loops + 1u;
	out->address[0] = j->told != NULL ? j->told->server :
	    j->lease != NULL ? j->lease->server : j->m->address;
	out->evidence[0] = j->b->discover_number;
	return FINDING_CERTAIN;
}

/* A URL for a ROM that knows TFTP alone. */
enum finding_sureness
judge_url(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_proxy *p = j->told;

	if (p == NULL || !judge_is_url(judge_name(j, p->file)) ||
	    (j->b->client != MACHINE_UEFI && j->b->client != MACHINE_BIOS &&
	    j->b->client != MACHINE_UBOOT) || judge_has_fetched(j) ||
	    j->b->requests == 0 || !judge_is_over(j, SETTLED))
		return FINDING_NOT;
	out->address[0] = p->server;
	out->name[0] = p->file;
	out->evidence[0] = p->answered_number != 0 ? p->answered_number :
	    p->number;
	return FINDING_CERTAIN;
}

/* It looks at its lease alone, and that names no server. */
enum finding_sureness
judge_uboot(const struct judgement *j, struct machine_finding *out)
{
	const struct machine_lease *lease = j->lease;

	if (j->b->client != MACHINE_UBOOT || j->b->n_files > 0)
		return FINDING_NOT;
	/* Its lease went past us: but so did no ARP request for a server. */
	if (lease == NULL && j->b->requests >= 2 && j->b->n_looks == 0 &&
	    j->d->saw_arp && judge_is_over(j, 2 * SETTLED)) {
		out->address[0] = j->b->chosen;
		out->evidence[0] = j->b->last_request_number;
		return FINDING_LIKELY;
	}
	if (lease == NULL || j->b->acks == 0 || is_set(lease->next))
		return FINDING_NOT;
	/* Its second try is one more that it needs to have failed. */
	if (j->ours == NULL && j->b->acks < 2 && !judge_is_over(j, SETTLED))
		return FINDING_NOT;
	out->address[0] = lease->server;
	out->evidence[0] = j->b->ack_number;
	return FINDING_CERTAIN;
}
