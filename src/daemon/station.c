#include "daemon/station.h"

#include "net/fanout.h"
#include "net/link.h"
#include "report/log.h"
#include "report/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool
find_identity(const struct options *options, const char *name,
    struct identity *out, char *error)
{
	static const char no_address[] = "it has no IPv4 address to answer "
	    "from; give it one, or name one with --address";
	static const char *const faults[] = {
		[LINK_NO_INTERFACE] = "no such interface",
		[LINK_NO_MAC] = "it has no Ethernet address",
		[LINK_NO_ADDRESS] = no_address,
	};
	enum link_outcome outcome = link_identity(name, out);

	if (outcome == LINK_NO_ADDRESS && options->has_address)
		outcome = LINK_FOUND;
	if (outcome == LINK_ERROR)
		(void)snprintf(error, CAPTURE_ERROR_SIZE, "%s",
		    strerror(errno));
	else if (outcome != LINK_FOUND)
		(void)snprintf(error, CAPTURE_ERROR_SIZE, "%s",
		    faults[outcome]);
	if (options->has_address)
		out->address = options->address;
	if (options->has_mac)
		memcpy(out->mac, options->mac, FRAME_MAC);
	return outcome == LINK_FOUND;
}

void
station_close(struct station *station)
{
	station->failed = station_send_errors(station);
	station->lost = station_dropped(station);
	capture_close(station->capture);
	station->capture = NULL;
	station->dropped_then = 0;
	if (station->sink != NULL)
		station->sink->close(station->sink);
	station->sink = NULL;
	station->spread = false;
	link_free(&station->identity);
}

bool
station_open(struct station *station, const struct options *options,
    char error[CAPTURE_ERROR_SIZE])
{
	if (!find_identity(options, station->name, &station->identity,
	    error))
		goto fail;
	station->capture = capture_open_live(station->name,
	    options->promiscuous, error);
	if (station->capture == NULL)
		goto fail;
	if (options->listen_only)
		return true;
	station->sink = inject_open_link(station->name, error);
	if (station->sink != NULL)
		return true;
fail:
	station_close(station);
	return false;
}

static bool
same_addresses(const struct identity *a, const struct identity *b)
{
	return a->address.s_addr == b->address.s_addr &&
	    memcmp(a->mac, b->mac, FRAME_MAC) == 0;
}

enum station_news
station_renew(struct station *station, const struct options *options,
    char error[CAPTURE_ERROR_SIZE])
{
	struct identity now;
	bool same;

	if (!find_identity(options, station->name, &now, error)) {
		link_free(&now);
		return STATION_GONE;
	}
	same = same_addresses(&now, &station->identity);
	link_free(&station->identity);
	station->identity = now;
	return same ? STATION_SAME : STATION_CHANGED;
}

bool
station_found(struct station *station, char error[CAPTURE_ERROR_SIZE])
{
	int group = fanout_found(capture_socket(station->capture));

	if (group >= 0)
		station->group = (unsigned)group;
	else
		(void)snprintf(error, CAPTURE_ERROR_SIZE, "its frames cannot "
		    "be shared: %s", strerror(errno));
	return group >= 0;
}

bool
station_join(struct station *station, unsigned group,
    char error[CAPTURE_ERROR_SIZE])
{
	struct capture_frame frame;
	enum capture_step step;

	if (!fanout_join(capture_socket(station->capture), group)) {
		(void)snprintf(error, CAPTURE_ERROR_SIZE, "its frames cannot "
		    "be shared: %s", strerror(errno));
		return false;
	}
	/* No more of them come, so there is an end to it. */
	do {
		step = capture_next(station->capture, &frame);
	} while (step == CAPTURE_FRAME);
	if (step == CAPTURE_NONE)
		return true;
	(void)snprintf(error, CAPTURE_ERROR_SIZE, "%s",
	    capture_error(station->capture));
	return false;
}

void
station_spread(struct station *station, bool on)
{
	int descriptor = capture_socket(station->capture);

	if (!(on ? fanout_spread(descriptor) : fanout_gather(descriptor)))
		log_errno("%s: its frames cannot be shared", station->name);
	station->spread = on;
}

void
station_announce(const struct station *station,
    const struct options *options)
{
	char address[TEXT_ADDRESS], mac[TEXT_MAC];

	log_info("%s %s as %s (%s)",
	    options->listen_only ? "listening only on" : "serving",
	    station->name, text_address(station->identity.address, address),
	    text_mac(station->identity.mac, FRAME_MAC, mac));
}

/* The run is over when none came since the last tick, but answers went. */
static void
tell_recovery(struct station *station)
{
	struct sink *sink = station->sink;

	if (sink == NULL || !sink->told)
		return;
	if (sink->failed == station->failed_then &&
	    sink->sent > station->sent_then) {
		log_info("%s: answers are sent again", station->name);
		sink->told = false;
	}
	station->failed_then = sink->failed;
	station->sent_then = sink->sent;
}

/* Frames that the kernel had no room for: likewise. */
static void
tell_dropped(struct station *station)
{
	unsigned long long dropped, more;

	if (station->capture == NULL)
		return;
	dropped = capture_dropped(station->capture);
	more = dropped - station->dropped_then;
	if (more > 0 && !station->dropping)
		log_warning("%s: %llu frames came faster than they were read, "
		    "and were dropped", station->name, more);
	station->dropping = more > 0;
	station->dropped_then = dropped;
}

void
station_look_back(struct station *station)
{
	tell_recovery(station);
	tell_dropped(station);
}

unsigned long long
station_dropped(const struct station *station)
{
	if (station->capture == NULL)
		return station->lost;
	return station->lost + capture_dropped(station->capture);
}

unsigned long long
station_send_errors(const struct station *station)
{
	if (station->sink == NULL)
		return station->failed;
	return station->failed + station->sink->failed;
}
