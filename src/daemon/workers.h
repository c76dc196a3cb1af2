#ifndef WORKERS_H
#define WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * workers.h - several processes that do the same work.
 *
 * The first forks the others, one after another.  It gives them orders, which
 * they take one at a time and in their order; they tell it which stations
 * they serve, and give reports.  It goes by a socket between the first and
 * each of the others, in messages, and nobody waits for long.  A process that
 * finds the other end closed knows that the other one has died.
 */

enum { WORKERS_PIECES = 8 };		/* of a report, at most */

enum workers_word {
	/* Orders. */
	WORKERS_OPEN,			/* the station, as one of the group */
	WORKERS_CLOSE,			/* the station */
	WORKERS_RENEW,			/* the addresses of all stations */
	WORKERS_RELOAD,			/* the configuration */
	WORKERS_REPORT,			/* give one */
	WORKERS_END,			/* give the last one, and end */
	/* Answers. */
	WORKERS_SERVES,			/* the station */
	WORKERS_AWAY,			/* the station is closed */
	WORKERS_PART,			/* of a report: octets of a piece */
	WORKERS_REPORTED,		/* that was the last of them */
};

struct workers_message {
	enum workers_word word;
	unsigned number;		/* of the order, or that it answers */
	unsigned station, group;
	unsigned piece;
	size_t at;			/* where in the piece */
};

/* A report is made of pieces, in an order that both ends know. */
struct workers_piece {
	union {
		const void *from;
		void *to;
	};
	size_t n;
};

struct workers;

/*
 * Fork until there are so many, for so many stations.  All of them come back
 * from it, and workers_number() tells which this is: 0 is the first.  NULL and
 * errno, in the first alone.
 */
struct workers *workers_start(unsigned n, unsigned stations);
unsigned workers_number(const struct workers *workers);
void workers_close(struct workers *workers);

/*
 * In the first.  The others are numbers from 1 to workers_others().
 */
unsigned workers_others(const struct workers *workers);
pid_t workers_process(const struct workers *workers, unsigned number);

/* A descriptor to poll(2); -1 where the worker is gone. */
int workers_descriptor(const struct workers *workers, unsigned number);

/* Give all an order; station and group where it has them. */
void workers_order(struct workers *workers, enum workers_word word,
    unsigned station, unsigned group);

/* Order those that could not open the station to try again. */
void workers_order_again(struct workers *workers, unsigned station,
    unsigned group);

/*
 * Take what a worker has told.  false: it is gone, or takes no orders any
 * more; that was logged, and the others cannot do without it.
 */
bool workers_hear(struct workers *workers, unsigned number);

/* How many have told so, as the answer to their last order about it? */
unsigned workers_telling(const struct workers *workers,
    enum workers_word word, unsigned station);

/*
 * Ask all for a report, by WORKERS_REPORT or WORKERS_END, and then take that
 * of each.  false where it is not whole in time: pieces may have changed, and
 * that the worker is silent is logged once.
 */
void workers_ask(struct workers *workers, enum workers_word word);
bool workers_report(struct workers *workers, unsigned number,
    const struct workers_piece piece[], unsigned n);

/*
 * In one of the others.
 */

/* A descriptor to poll(2) for orders. */
int workers_orders(const struct workers *workers);

/* Wait for an order, and leave it where it is; false: the first is gone. */
bool workers_wait(struct workers *workers);

/*
 * The next order; false where there is none.  If the first is gone, that is
 * WORKERS_END with the number 0.
 */
bool workers_next(struct workers *workers, struct workers_message *out);

/* Answer the last order about the station. */
void workers_tell(struct workers *workers, unsigned station,
    enum workers_word word);

/* Give the report that the order asked for. */
void workers_give(struct workers *workers, unsigned number,
    const struct workers_piece piece[], unsigned n);

#endif
