#ifndef TALLY_H
#define TALLY_H

#include "report/status.h"
#include "daemon/workers.h"

/*
 * tally.h - the numbers of all workers, and their sum.
 *
 * Each worker counts for itself.  When somebody asks, the first has the
 * numbers of the others told, and adds them to its own.  Those of a worker
 * that does not answer in time are the ones that it told last, so that no sum
 * becomes less.
 */

struct tally;

/* For so many stations; NULL when out of memory. */
struct tally *tally_open(struct workers *workers, unsigned stations);
void tally_close(struct tally *tally);

/*
 * Ask the others by WORKERS_REPORT or WORKERS_END, and make *status, which is
 * the first worker's, the sum; it borrows from the tally until the next call.
 * false where one of them did not answer.
 */
bool tally_add_up(struct tally *tally, enum workers_word word,
    struct status *status);

/* In another worker: tell its numbers, as the order asks for. */
void tally_tell(struct workers *workers, unsigned number,
    const struct status *status);

#endif
