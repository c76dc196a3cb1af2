#ifndef STATION_H
#define STATION_H

#include "net/capture.h"
#include "net/inject.h"
#include "config/options.h"
#include "core/reply.h"

/*
 * station.h - one interface that we serve: who we are on it, the frames that
 * come in, and the way out.
 *
 * It may go away and come back: what was counted stays, and the rest is
 * opened again.
 */

struct station {
	const char *name;		/* borrowed */
	struct identity identity;
	struct capture *capture;	/* NULL while it is away */
	struct sink *sink;		/* NULL: listen only, or away */
	unsigned long long frames, answers;
	unsigned long long lost;	/* frames, before it was reopened */
	unsigned long long failed;	/* answers: then, and before its sink */
	/* Its sink's, a tick ago. */
	unsigned long long sent_then, failed_then;
	unsigned long long dropped_then;	/* its capture's */
	bool dropping;			/* which was said */
	unsigned group;			/* of stations that share its frames */
	bool spread;			/* they do so by now */
};

enum station_news {
	STATION_SAME,
	STATION_CHANGED,		/* it has other addresses */
	STATION_GONE,			/* it cannot be served as it is now */
};

/* false, the reason in error, and the station is away as before. */
bool station_open(struct station *station, const struct options *options,
    char error[CAPTURE_ERROR_SIZE]);

/* Nothing, if it is away already. */
void station_close(struct station *station);

/*
 * Look up the addresses of an open station again.  With STATION_GONE the
 * reason is in error, and the station is still to be closed.
 */
enum station_news station_renew(struct station *station,
    const struct options *options, char error[CAPTURE_ERROR_SIZE]);

/*
 * Where workers share the frames of an open station, each has a station of
 * its own.  One founds a group, and the others join it; what they heard
 * before is thrown away, since the founder has it.  It has all the frames
 * until they are spread, by station_spread().  false: the reason is in error.
 */
bool station_found(struct station *station, char error[CAPTURE_ERROR_SIZE]);
bool station_join(struct station *station, unsigned group,
    char error[CAPTURE_ERROR_SIZE]);

/* The founder: spread the frames over the workers from now on, or do not. */
void station_spread(struct station *station, bool on);

/* The line that says that it is served. */
void station_announce(const struct station *station,
    const struct options *options);

/*
 * Now and then: tell that frames were dropped, or that answers are sent again,
 * once for a run of them.
 */
void station_look_back(struct station *station);

/* Since the start: what the kernel dropped, and what could not be sent. */
unsigned long long station_dropped(const struct station *station);
unsigned long long station_send_errors(const struct station *station);

#endif
