#include "daemon/tally.h"

#include <stdlib.h>
#include <unistd.h>

/* The numbers of one worker, or a sum; the status borrows from the rest. */
struct numbers {
	struct counters counters;
	struct clients clients;
	struct status_link *link;
	struct status status;
};

struct tally {
	struct workers *workers;
	const struct policy *policy;	/* whose rules are counted */
	unsigned n;			/* workers */
	/* The sum; what each of the others told last; what is being told. */
	struct numbers *numbers;
	struct status_link *link;	/* of all of them */
	struct status_worker *row;	/* one for each worker */
};

enum { SUM = 0 };

static struct numbers *
being_told(struct tally *tally)
{
	return &tally->numbers[tally->n];
}

static bool
open_numbers(struct numbers *numbers, struct status_link *link,
    unsigned stations)
{
	clients_open(&numbers->clients);
	numbers->link = link;
	numbers->status = (struct status){
		.counters = &numbers->counters,
		.clients = &numbers->clients,
		.link = link,
		.links = stations,
	};
	return counters_open(&numbers->counters);
}

struct tally *
tally_open(struct workers *workers, unsigned stations)
{
	struct tally *tally = calloc(1, sizeof(*tally));
	size_t n = (size_t)workers_others(workers) + 1;
	bool whole;

	if (tally == NULL)
		return NULL;
	tally->workers = workers;
	tally->n = (unsigned)n;
	tally->numbers = calloc(n + 1, sizeof(*tally->numbers));
	tally->link = calloc((n + 1) * stations, sizeof(*tally->link));
	tally->row = calloc(n, sizeof(*tally->row));
	whole = tally->numbers != NULL && tally->link != NULL &&
	    tally->row != NULL;
	for (size_t i = 0; i <= n && whole; i++)
		whole = open_numbers(&tally->numbers[i],
		    &tally->link[i * stations], stations);
	if (whole)
		return tally;
	tally_close(tally);
	return NULL;
}

void
tally_close(struct tally *tally)
{
	if (tally == NULL)
		return;
	for (unsigned i = 0; tally->numbers != NULL && i <= tally->n; i++)
		counters_close(&tally->numbers[i].counters);
	free(tally->numbers);
	free(tally->link);
	free(tally->row);
	free(tally);
}

/* The rules that are counted are those of the policy in force. */
static bool
use_policy(struct tally *tally, const struct policy *policy)
{
	if (tally->policy == policy)
		return true;
	tally->policy = NULL;
	for (unsigned i = 0; i <= tally->n; i++)
		if (!counters_use(&tally->numbers[i].counters, policy))
			return false;
	tally->policy = policy;
	return true;
}

/* What a worker tells, in an order that both ends have from here. */
static unsigned
pieces_of(const struct status *status,
    struct workers_piece out[WORKERS_PIECES])
{
	const struct counters *counters = status->counters;
	unsigned n = 0;

	out[n++] = (struct workers_piece){ { counters }, sizeof(*counters) };
	out[n++] = (struct workers_piece){ { counters->arch },
	    counters->archs * sizeof(*counters->arch) };
	out[n++] = (struct workers_piece){ { counters->rule },
	    counters->rules * sizeof(*counters->rule) };
	out[n++] = (struct workers_piece){ { status->clients },
	    sizeof(*status->clients) };
	out[n++] = (struct workers_piece){ { status->link },
	    status->links * sizeof(*status->link) };
	return n;
}

void
tally_tell(struct workers *workers, unsigned number,
    const struct status *status)
{
	struct workers_piece piece[WORKERS_PIECES];

	workers_give(workers, number, piece, pieces_of(status, piece));
}

static void
add_links(struct status_link *into, const struct status_link *from,
    unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		into[i].frames += from[i].frames;
		into[i].answers += from[i].answers;
		into[i].dropped += from[i].dropped;
		into[i].send_errors += from[i].send_errors;
	}
}

static void
copy(struct numbers *into, const struct status *from)
{
	counters_reset(&into->counters);
	counters_sum(&into->counters, from->counters);
	into->clients = *from->clients;
	for (unsigned i = 0; i < from->links; i++)
		into->link[i] = from->link[i];
}

static void
add(struct numbers *sum, const struct status *status)
{
	counters_sum(&sum->counters, status->counters);
	clients_join(&sum->clients, status->clients);
	add_links(sum->link, status->link, status->links);
}

/* The counters bring the other process's pointers, which are not ours. */
static bool
hear(struct tally *tally, unsigned number)
{
	struct numbers *heard = being_told(tally);
	struct counters ours = heard->counters;
	struct workers_piece piece[WORKERS_PIECES];
	unsigned n = pieces_of(&heard->status, piece);
	bool whole = workers_report(tally->workers, number, piece, n);

	heard->counters.arch = ours.arch;
	heard->counters.archs = ours.archs;
	heard->counters.rule = ours.rule;
	if (whole)
		copy(&tally->numbers[number], &heard->status);
	heard->counters.rules = ours.rules;
	return whole;
}

static struct status_worker
row_of(pid_t process, bool answers, const struct status *status)
{
	struct status_worker row = { .process = process, .answering = answers };

	for (unsigned i = 0; i < status->links; i++) {
		row.frames += status->link[i].frames;
		row.answers += status->link[i].answers;
	}
	return row;
}

bool
tally_add_up(struct tally *tally, enum workers_word word,
    struct status *status)
{
	struct workers *workers = tally->workers;
	struct numbers *sum = &tally->numbers[SUM];
	bool all = true;

	if (!use_policy(tally, status->policy))
		return false;
	copy(sum, status);
	tally->row[0] = row_of(getpid(), true, status);
	workers_ask(workers, word);
	for (unsigned i = 1; i < tally->n; i++) {
		struct status *one = &tally->numbers[i].status;
		bool heard = hear(tally, i);

		add(sum, one);
		tally->row[i] = row_of(workers_process(workers, i), heard,
		    one);
		all = all && heard;
	}
	status->counters = &sum->counters;
	status->clients = &sum->clients;
	status->link = sum->link;
	status->worker = tally->row;
	status->workers = tally->n;
	return all;
}
