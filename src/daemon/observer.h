#ifndef OBSERVER_H
#define OBSERVER_H

#include "daemon/server.h"
#include "diagnosis/diagnosis.h"
#include "report/findings.h"

/*
 * observer.h - what becomes of the boots of our clients: listen to what they
 * and others send, and tell in the log why one does not boot.
 *
 * Each listener has a second capture for that (net/capture.h).  It is read
 * after all answers of a wake-up have left, a few frames at a time and not
 * again at once: so it may miss frames, and delays no answer.
 */

/* At the start, whether or not anything is to be observed; NULL and errno. */
struct observer *observer_open(void);

void observer_close(struct observer *observer);

/*
 * Observe, or not, as the configuration in force wishes.  To be called when
 * that, or the list of listeners, has changed.
 */
void observer_configure(struct server *server);

/* The listener at this place was opened: wait for what it observes, too. */
void observer_watch(struct server *server, unsigned place);

/*
 * At the end of each wake-up: read a few frames if there are any, judge some
 * machines if it is time to, and open the capture of a listener that lacks
 * it, one at a time.
 */
void observer_run(struct server *server);

/* Milliseconds until observer_run() has to do something; -1: nothing. */
long long observer_due(const struct server *server);

/* What is known of the boots, as of now; NULL where nothing is observed. */
struct diagnosis *observer_diagnosis(const struct server *server);

/* The findings that were told since the start. */
const struct findings *observer_findings(const struct observer *observer);

#endif
