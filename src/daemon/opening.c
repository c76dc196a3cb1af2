#include "daemon/opening.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
	THREADS_MAX = 16,
	STACK_OCTETS = 1024 * 1024,
};

/* What the threads share; each takes the next one that nobody has. */
struct opening_job {
	struct opening *opening;
	unsigned n;
	atomic_uint next;
	const struct options *options;
	size_t ring;
};

static void *
work(void *context)
{
	struct opening_job *job = context;
	unsigned i;

	while ((i = atomic_fetch_add(&job->next, 1)) < job->n) {
		struct opening *one = &job->opening[i];

		one->opened = listener_open(one->listener, job->options,
		    job->ring, one->error);
	}
	return NULL;
}

/* How many threads could be had; the caller works, too. */
static unsigned
start(struct opening_job *job, pthread_t thread[THREADS_MAX])
{
	pthread_attr_t attributes;
	unsigned threads = 0;

	if (job->n < 2 || pthread_attr_init(&attributes) != 0)
		return 0;
#ifdef M_ARENA_MAX
	/* Or glibc gives each thread a heap of its own, which stays. */
	(void)mallopt(M_ARENA_MAX, 1);
#endif
	(void)pthread_attr_setstacksize(&attributes, STACK_OCTETS);
	while (threads < THREADS_MAX && threads + 1 < job->n &&
	    pthread_create(&thread[threads], &attributes, work, job) == 0)
		threads++;
	(void)pthread_attr_destroy(&attributes);
	return threads;
}

void
opening_run(struct opening *opening, unsigned n,
    const struct options *options, size_t ring)
{
	struct opening_job job = { .opening = opening, .n = n, .options = options,
	    .ring = ring };
	pthread_t thread[THREADS_MAX];
	unsigned threads = start(&job, thread);

	(void)work(&job);
	for (unsigned i = 0; i < threads; i++)
		(void)pthread_join(thread[i], NULL);
}
