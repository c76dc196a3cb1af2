#include "report/counters.h"

#include <stdlib.h>
#include <string.h>

static const int64_t NS_PER_S = 1000000000;
static const int64_t NO_STEP = 10000000;	/* ns: clocks are trimmed */

static const int64_t bounds[COUNTERS_BUCKETS] = {
	100000, 250000, 500000,
	1000000, 2500000, 5000000,
	10000000, 25000000, 100000000,
	1000000000,
};

static int64_t
ns_of(struct timespec time)
{
	return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

/* How far the system's clock was set ahead since this was last asked. */
static int64_t
take_step(struct counters *counters, struct timespec now)
{
	struct timespec steady;
	int64_t ahead, step;

	(void)clock_gettime(CLOCK_MONOTONIC, &steady);
	ahead = ns_of(now) - ns_of(steady);
	step = ahead - counters->ahead;
	counters->ahead = ahead;
	return step;
}

bool
counters_open(struct counters *counters)
{
	struct timespec now;

	*counters = (struct counters){ 0 };
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)take_step(counters, now);
	(void)arch_table(&counters->archs);
	counters->archs += 2;
	counters->arch = calloc(counters->archs, sizeof(*counters->arch));
	return counters->arch != NULL;
}

void
counters_close(struct counters *counters)
{
	free(counters->arch);
	free(counters->rule);
}

bool
counters_use(struct counters *counters, const struct policy *policy)
{
	unsigned long long *rule = calloc(policy->n + 1, sizeof(*rule));

	if (rule == NULL)
		return false;
	free(counters->rule);
	counters->rule = rule;
	counters->rules = policy->n;
	return true;
}

static size_t
row_of_arch(const struct counters *counters,
    const struct pxe_request *request)
{
	const struct arch *arch;
	size_t n;

	if (!request->has_arch)
		return counters->archs - 2;
	arch = arch_by_number(request->arch);
	if (arch == NULL)
		return counters->archs - 1;
	return (size_t)(arch - arch_table(&n));
}

void
counters_add(struct counters *counters, const struct policy *policy,
    const struct responder_exchange *x)
{
	counters->verdict[x->verdict]++;
	if (x->step >= RESPONDER_REQUEST)
		counters->arch[row_of_arch(counters, &x->request)]++;
	if (x->step >= RESPONDER_RULE && x->decision.rule != NULL)
		counters->rule[x->decision.rule - policy->rule]++;
	if (verdict_answered(x->verdict))
		counters->form[x->decision.form]++;
}

void
counters_latency(struct counters *counters, int64_t ns)
{
	unsigned bucket = 0;

	if (ns < 0)
		ns = 0;
	while (bucket < COUNTERS_BUCKETS && ns > bounds[bucket])
		bucket++;
	counters->latency[bucket]++;
	counters->latency_ns += (uint64_t)ns;
}

int64_t
counters_elapsed(struct timespec captured, struct timespec now, int64_t step)
{
	int64_t ns = ns_of(now) - ns_of(captured), before = ns - step;

	if (step > -NO_STEP && step < NO_STEP)
		return ns;
	/* One of the two is far too long, or negative. */
	return ns < 0 || (before >= 0 && before < ns) ? before : ns;
}

void
counters_answered(struct counters *counters, struct timespec captured)
{
	if (counters->n_pending == COUNTERS_PENDING)
		counters_settle(counters);
	counters->pending[counters->n_pending++] = captured;
}

void
counters_settle(struct counters *counters)
{
	struct timespec now;
	int64_t step;

	if (counters->n_pending == 0)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	step = take_step(counters, now);
	for (unsigned i = 0; i < counters->n_pending; i++)
		counters_latency(counters,
		    counters_elapsed(counters->pending[i], now, step));
	counters->n_pending = 0;
}

unsigned long long
counters_requests(const struct counters *counters)
{
	unsigned long long n = 0;

	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		n += counters->verdict[v];
	return n;
}

int64_t
counters_bound(unsigned bucket)
{
	return bounds[bucket];
}

const char *
counters_arch_name(const struct counters *counters, size_t row)
{
	size_t n;
	const struct arch *arch = arch_table(&n);

	if (row < n)
		return arch[row].name;
	return row == counters->archs - 2 ? "none" : "unknown";
}
