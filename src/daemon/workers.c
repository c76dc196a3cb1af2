#include "daemon/workers.h"

#include "report/log.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PATIENCE_MS = 200,		/* for a report */
	LAST_PATIENCE_MS = 2000,	/* for the one at the end */
	AGAIN_MS = 10000,		/* until one that is owed is asked for */
	PART_OCTETS = 16384,		/* of a report, in one message */
	MS_PER_S = 1000,
	US_PER_MS = 1000,
	NS_PER_MS = 1000000,
	GONE = -1,
};

/* What a worker says of a station. */
struct post {
	unsigned order;			/* the last one about it */
	bool answered;
	enum workers_word word;		/* the answer */
};

struct worker {
	pid_t process;
	int descriptor;			/* or GONE */
	bool deaf;			/* an order did not go through */
	bool silent;			/* that was logged */
	unsigned asked;			/* for a report not yet here; or 0 */
	int64_t asked_at;		/* ms, steady clock */
	size_t heard;			/* octets of it */
	bool whole;			/* it came, and all of it was heard */
};

struct workers {
	unsigned me;
	unsigned stations;
	unsigned n;			/* workers beside the first */
	unsigned orders;		/* so far */
	int64_t due;			/* of reports: ms, steady clock */
	int first;			/* the others: to the first; or GONE */
	struct post *post;		/* (n + 1) times the stations */
	struct worker worker[];		/* from 1 to n */
};

static int64_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

static struct post *
post_of(const struct workers *workers, unsigned number, unsigned station)
{
	return &workers->post[number * workers->stations + station];
}

/*
 * The beginning and the end.
 */

static void
dismiss(struct worker *worker)
{
	if (worker->descriptor != GONE)
		(void)close(worker->descriptor);
	worker->descriptor = GONE;
}

/* In a new worker: what the first holds of the others is none of its own. */
static void
become(struct workers *workers, unsigned number, int first)
{
	const struct timeval patience = {
		.tv_usec = (suseconds_t)PATIENCE_MS * US_PER_MS
	};

	for (unsigned i = 1; i <= workers->n; i++)
		dismiss(&workers->worker[i]);
	workers->me = number;
	workers->first = first;
	(void)setsockopt(first, SOL_SOCKET, SO_SNDTIMEO, &patience,
	    sizeof(patience));
}

static bool
fork_one(struct workers *workers, unsigned number)
{
	struct worker *worker = &workers->worker[number];
	int end[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end) < 0)
		return false;
	worker->descriptor = end[0];
	worker->process = fork();
	if (worker->process == 0)
		become(workers, number, end[1]);
	else
		(void)close(end[1]);
	return worker->process >= 0;
}

struct workers *
workers_start(unsigned n, unsigned stations)
{
	struct workers *workers = calloc(1, sizeof(*workers) +
	    n * sizeof(workers->worker[0]));
	int error;

	if (workers == NULL)
		return NULL;
	workers->stations = stations;
	workers->n = n - 1;
	workers->first = GONE;
	for (unsigned i = 1; i < n; i++)
		workers->worker[i].descriptor = GONE;
	workers->post = calloc((size_t)n * stations, sizeof(*workers->post));
	if (workers->post == NULL)
		goto fail;
	for (unsigned i = 1; i < n && workers->me == 0; i++)
		if (!fork_one(workers, i))
			goto fail;
	return workers;
fail:
	error = errno;
	workers_close(workers);
	errno = error;
	return NULL;
}

/* The first waits for their end: they have closed all that they had. */
void
workers_close(struct workers *workers)
{
	if (workers == NULL)
		return;
	if (workers->first != GONE)
		(void)close(workers->first);
	for (unsigned i = 1; i <= workers->n; i++) {
		struct worker *worker = &workers->worker[i];
		bool told = worker->descriptor != GONE && !worker->silent;

		dismiss(worker);
		if (workers->me == 0 && told && worker->process > 0)
			(void)waitpid(worker->process, NULL, 0);
	}
	free(workers->post);
	free(workers);
}

unsigned
workers_number(const struct workers *workers)
{
	return workers->me;
}

/*
 * In the first.
 */

unsigned
workers_others(const struct workers *workers)
{
	return workers->n;
}

pid_t
workers_process(const struct workers *workers, unsigned number)
{
	return workers->worker[number].process;
}

int
workers_descriptor(const struct workers *workers, unsigned number)
{
	return workers->worker[number].descriptor;
}

static void
give_order(struct worker *worker, const struct workers_message *order)
{
	if (worker->descriptor != GONE && send(worker->descriptor, order,
	    sizeof(*order), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		worker->deaf = true;
}

static bool
has_station(enum workers_word order)
{
	return order == WORKERS_OPEN || order == WORKERS_CLOSE;
}

void
workers_order(struct workers *workers, enum workers_word word,
    unsigned station, unsigned group)
{
	struct workers_message order = {
		.word = word,
		.number = ++workers->orders,
		.station = station,
		.group = group,
	};

	for (unsigned i = 1; i <= workers->n; i++) {
		struct worker *worker = &workers->worker[i];

		if (has_station(word))
			*post_of(workers, i, station) = (struct post){
				.order = order.number };
		give_order(worker, &order);
	}
}

void
workers_order_again(struct workers *workers, unsigned station,
    unsigned group)
{
	struct workers_message order = {
		.word = WORKERS_OPEN,
		.number = ++workers->orders,
		.station = station,
		.group = group,
	};

	for (unsigned i = 1; i <= workers->n; i++) {
		struct worker *worker = &workers->worker[i];
		struct post *post = post_of(workers, i, station);

		if (!post->answered || post->word != WORKERS_AWAY)
			continue;
		*post = (struct post){ .order = order.number };
		give_order(worker, &order);
	}
}

/* What it says of an order that is not the last one is out of date. */
static void
note_post(struct workers *workers, unsigned number,
    const struct workers_message *message)
{
	struct post *post;

	if (message->station >= workers->stations)
		return;
	post = post_of(workers, number, message->station);
	if (post->order != message->number)
		return;
	post->answered = true;
	post->word = message->word;
}

static void
note_report(struct workers *workers, unsigned number,
    const struct workers_message *message)
{
	struct worker *worker = &workers->worker[number];

	if (worker->asked != message->number)
		return;
	worker->asked = 0;
	worker->whole = worker->heard == message->at;
	if (worker->silent)
		log_info("worker %u (process %ld) answers again", number,
		    (long)worker->process);
	worker->silent = false;
}

/* A message and its octets; false: there is none. */
static bool
receive(int descriptor, struct workers_message *message,
    uint8_t octets[PART_OCTETS], size_t *n)
{
	struct iovec piece[] = {
		{ message, sizeof(*message) },
		{ octets, PART_OCTETS },
	};
	struct msghdr header = { .msg_iov = piece, .msg_iovlen = 2 };
	ssize_t got = recvmsg(descriptor, &header, MSG_DONTWAIT);

	if (got < (ssize_t)sizeof(*message))
		return false;
	*n = (size_t)got - sizeof(*message);
	return true;
}

/* Octets of a report that is waited for, into their place, if they fit. */
static void
place_part(struct worker *worker, const struct workers_message *message,
    const uint8_t octets[PART_OCTETS], size_t n,
    const struct workers_piece piece[], unsigned pieces)
{
	const struct workers_piece *at;

	if (message->piece >= pieces)
		return;
	worker->heard += n;
	at = &piece[message->piece];
	if (message->at <= at->n && n <= at->n - message->at)
		memcpy((uint8_t *)at->to + message->at, octets, n);
}

/* All that it has told so far; parts of the report that is waited for too. */
static void
take_messages(struct workers *workers, unsigned number,
    const struct workers_piece piece[], unsigned pieces)
{
	struct worker *worker = &workers->worker[number];
	struct workers_message message;
	uint8_t octets[PART_OCTETS];
	size_t n;

	while (worker->descriptor != GONE &&
	    receive(worker->descriptor, &message, octets, &n)) {
		if (message.word == WORKERS_REPORTED)
			note_report(workers, number, &message);
		else if (message.word != WORKERS_PART)
			note_post(workers, number, &message);
		else if (message.number == worker->asked)
			place_part(worker, &message, octets, n, piece,
			    pieces);
	}
}

static void
tell_end(unsigned number, pid_t process, int status)
{
	if (WIFSIGNALED(status))
		log_error("worker %u (process %ld) was ended by signal %d",
		    number, (long)process, WTERMSIG(status));
	else
		log_error("worker %u (process %ld) has ended", number,
		    (long)process);
}

static bool
is_gone(struct worker *worker)
{
	char octet;
	ssize_t n = recv(worker->descriptor, &octet, sizeof(octet),
	    MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

bool
workers_hear(struct workers *workers, unsigned number)
{
	struct worker *worker = &workers->worker[number];
	int status = 0;

	take_messages(workers, number, NULL, 0);
	if (worker->descriptor == GONE)
		return false;
	if (is_gone(worker)) {
		(void)waitpid(worker->process, &status, 0);
		tell_end(number, worker->process, status);
		dismiss(worker);
		return false;
	}
	if (worker->deaf)
		log_error("worker %u (process %ld) takes no orders", number,
		    (long)worker->process);
	return !worker->deaf;
}

unsigned
workers_telling(const struct workers *workers, enum workers_word word,
    unsigned station)
{
	unsigned telling = 0;

	for (unsigned i = 1; i <= workers->n; i++) {
		const struct post *post = post_of(workers, i, station);

		telling += post->answered && post->word == word;
	}
	return telling;
}

/* Who owes a report is not asked for another so soon, but at the end. */
void
workers_ask(struct workers *workers, enum workers_word word)
{
	struct workers_message order = {
		.word = word,
		.number = ++workers->orders,
	};

	int64_t at = now();

	workers->due = at + (word == WORKERS_END ? LAST_PATIENCE_MS :
	    PATIENCE_MS);
	for (unsigned i = 1; i <= workers->n; i++) {
		struct worker *worker = &workers->worker[i];

		worker->whole = false;
		if (worker->asked != 0 && word != WORKERS_END &&
		    at - worker->asked_at < AGAIN_MS)
			continue;
		worker->asked = order.number;
		worker->asked_at = at;
		worker->heard = 0;
		give_order(worker, &order);
	}
}

bool
workers_report(struct workers *workers, unsigned number,
    const struct workers_piece piece[], unsigned n)
{
	struct worker *worker = &workers->worker[number];
	struct pollfd answer = { worker->descriptor, POLLIN, 0 };
	bool closed = worker->descriptor == GONE;

	while (worker->asked != 0) {
		/* One that is late already is not waited for once more. */
		int64_t left = worker->silent ? 0 : workers->due - now();

		take_messages(workers, number, piece, n);
		if (worker->asked == 0 || left <= 0 || closed)
			break;
		(void)poll(&answer, 1, (int)left);
		closed = (answer.revents & POLLHUP) != 0;
	}
	if (worker->asked != 0 && !worker->silent && !closed)
		log_warning("worker %u (process %ld) does not answer: its "
		    "last numbers stand", number, (long)worker->process);
	worker->silent = worker->asked != 0;
	return worker->whole;
}

/*
 * In one of the others.
 */

int
workers_orders(const struct workers *workers)
{
	return workers->first;
}

bool
workers_wait(struct workers *workers)
{
	char octet;
	ssize_t n;

	do {
		n = recv(workers->first, &octet, sizeof(octet), MSG_PEEK);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

bool
workers_next(struct workers *workers, struct workers_message *out)
{
	ssize_t n = recv(workers->first, out, sizeof(*out), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n != (ssize_t)sizeof(*out))
		*out = (struct workers_message){ .word = WORKERS_END };
	else if (has_station(out->word))
		post_of(workers, workers->me, out->station)->order =
		    out->number;
	return true;
}

/* false: the first does not take it. */
static bool
tell(struct workers *workers, const struct workers_message *message,
    const struct workers_piece *octets)
{
	struct workers_piece head = { { message }, sizeof(*message) };
	struct iovec piece[] = {
		{ head.to, head.n },
		{ octets->to, octets->n },
	};
	struct msghdr header = { .msg_iov = piece, .msg_iovlen = 2 };

	return sendmsg(workers->first, &header, MSG_NOSIGNAL) >= 0;
}

void
workers_tell(struct workers *workers, unsigned station,
    enum workers_word word)
{
	struct workers_message message = {
		.word = word,
		.number = post_of(workers, workers->me, station)->order,
		.station = station,
	};

	(void)tell(workers, &message, &(struct workers_piece){ { NULL }, 0 });
}

static bool
give_piece(struct workers *workers, struct workers_message *message,
    const struct workers_piece *piece)
{
	for (message->at = 0; message->at < piece->n;
	    message->at += PART_OCTETS) {
		size_t left = piece->n - message->at;
		struct workers_piece part = {
			{ (const uint8_t *)piece->from + message->at },
			left < PART_OCTETS ? left : PART_OCTETS,
		};

		if (!tell(workers, message, &part))
			return false;
	}
	return true;
}

void
workers_give(struct workers *workers, unsigned number,
    const struct workers_piece piece[], unsigned n)
{
	struct workers_message message = {
		.word = WORKERS_PART,
		.number = number,
	};

	size_t all = 0;

	for (message.piece = 0; message.piece < n; message.piece++) {
		if (!give_piece(workers, &message, &piece[message.piece]))
			break;
		all += piece[message.piece].n;
	}
	message.word = WORKERS_REPORTED;
	message.at = all;
	(void)tell(workers, &message, &(struct workers_piece){ { NULL }, 0 });
}
