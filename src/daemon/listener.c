#include "daemon/listener.h"

#include "report/log.h"
#include "report/text.h"

#include <linux/if_arp.h>
#include <stdio.h>
#include <string.h>

/*
 * Is it ready?
 */

static bool
is_absent(const struct listener *listener, const struct options *options,
    const struct link *link)
{
	(void)listener;
	(void)options;
	return link == NULL;
}

static bool
is_twice(const struct listener *listener, const struct options *options,
    const struct link *link)
{
	(void)options;
	(void)link;
	return listener->twice;
}

static bool
is_down(const struct listener *listener, const struct options *options,
    const struct link *link)
{
	(void)listener;
	(void)options;
	return !link->up;
}

/* The loopback link carries Ethernet headers too. */
static bool
is_no_ethernet(const struct listener *listener, const struct options *options,
    const struct link *link)
{
	(void)listener;
	return (link->type != ARPHRD_ETHER && link->type != ARPHRD_LOOPBACK) ||
	    (!link->has_mac && !options->has_mac);
}

static bool
choose(const struct listener *listener, const struct link *link,
    struct address_choice *out)
{
	return address_choose(link, listener->wish.has_address ?
	    &listener->wish.address : NULL, out);
}

static bool
is_without_address(const struct listener *listener,
    const struct options *options, const struct link *link)
{
	struct address_choice choice;

	(void)options;
	return link->addresses == 0 && !choose(listener, link, &choice);
}

static bool
is_without_fit_address(const struct listener *listener,
    const struct options *options, const struct link *link)
{
	struct address_choice choice;

	(void)options;
	return !choose(listener, link, &choice);
}

/* In this order; each supposes that those before it are none. */
static const struct {
	enum listener_obstacle obstacle;
	bool (*is)(const struct listener *listener,
	    const struct options *options, const struct link *link);
	const char *text;
} obstacles[] = {
	{ LISTENER_ABSENT, is_absent, "no such interface" },
	{ LISTENER_TWICE, is_twice,
	    "it is an interface that is served by another name" },
	{ LISTENER_DOWN, is_down, "it is down" },
	{ LISTENER_NO_ETHERNET, is_no_ethernet,
	    "it has no Ethernet address" },
	{ LISTENER_NO_ADDRESS, is_without_address,
	    "it has no IPv4 address to answer from; give it one, or name "
	    "one with --address" },
	{ LISTENER_UNFIT_ADDRESS, is_without_fit_address,
	    "it has no IPv4 address to answer from that clients can use" },
};

enum { OBSTACLES = sizeof(obstacles) / sizeof(obstacles[0]) };

enum listener_obstacle
listener_look(const struct listener *listener, const struct options *options,
    const struct link *link, struct reply_identity *out)
{
	struct address_choice choice;

	for (unsigned i = 0; i < OBSTACLES; i++)
		if (obstacles[i].is(listener, options, link))
			return obstacles[i].obstacle;
	(void)choose(listener, link, &choice);
	out->address = choice.address;
	memcpy(out->mac, options->has_mac ? options->mac : link->mac,
	    FRAME_MAC);
	return LISTENER_READY;
}

/* Which address it is that is not fit, and why: the first of them. */
static const char *
unfit_text(const struct link *link, char out[LISTENER_TEXT])
{
	char address[TEXT_ADDRESS];

	(void)snprintf(out, LISTENER_TEXT, "it has no IPv4 address to answer "
	    "from but %s: %s", text_address(link->address[0].address,
	    address), address_fault(address_use(&link->address[0])));
	return out;
}

const char *
listener_obstacle_text(enum listener_obstacle obstacle,
    const struct link *link, char out[LISTENER_TEXT])
{
	if (obstacle == LISTENER_UNFIT_ADDRESS && link != NULL &&
	    link->addresses > 0)
		return unfit_text(link, out);
	for (unsigned i = 0; i < OBSTACLES; i++)
		if (obstacles[i].obstacle == obstacle)
			return obstacles[i].text;
	return "it is ready";
}

/*
 * Opening and closing.
 */

/* The observer sees much and misses some: a part of the memory will do. */
static size_t
observer_part(size_t ring)
{
	enum { PART = 8 };

	return ring / PART;
}

/* Whether the card is promiscuous is for the other capture to say. */
bool
listener_observe(struct listener *listener, size_t ring,
    char error[CAPTURE_ERROR_SIZE])
{
	listener->observed = capture_open_live(&(struct capture_link){
	    .index = listener->index, .observes = true,
	    .filter = capture_filter_of_boots,
	    .ring = observer_part(ring) }, error);
	listener->observed_dropped = 0;
	return listener->observed != NULL;
}

void
listener_observe_no_more(struct listener *listener)
{
	capture_close(listener->observed);
	listener->observed = NULL;
}

void
listener_close(struct listener *listener)
{
	listener->failed = listener_send_errors(listener);
	listener->lost = listener_dropped(listener);
	listener_observe_no_more(listener);
	capture_close(listener->capture);
	listener->capture = NULL;
	listener->broken = listener->announced = false;
	listener->dropped_before = 0;
	if (listener->sink != NULL)
		listener->sink->close(listener->sink);
	listener->sink = NULL;
}

bool
listener_open(struct listener *listener, const struct options *options,
    size_t ring, char error[CAPTURE_ERROR_SIZE])
{
	char unread[CAPTURE_ERROR_SIZE];

	/*
	 * The kernel hands a frame first to the capture that was opened last:
	 * so requests come before what is observed.  If this one cannot be
	 * opened the observer tries again, and tells.
	 */
	if (listener->wish.observe)
		(void)listener_observe(listener, ring, unread);
	listener->promiscuous = listener->wish.promiscuous;
	listener->capture = capture_open_live(&(struct capture_link){
	    .index = listener->index, .promiscuous = listener->promiscuous,
	    .ring = listener->wish.observe ? ring - observer_part(ring) :
	    ring }, error);
	if (listener->capture == NULL) {
		listener_observe_no_more(listener);
		return false;
	}
	if (options->listen_only)
		return true;
	listener->sink = inject_open_link(&(struct inject_interface){
	    .index = listener->index, .name = listener->name,
	    .bypass = options->bypass_queue }, error);
	if (listener->sink != NULL)
		return true;
	listener_close(listener);
	return false;
}

/* By which of several addresses, or by which other name of the link. */
static void
describe(const struct listener *listener, const struct link *link,
    char out[LISTENER_TEXT])
{
	struct address_choice choice;
	char name[32] = "", first[64] = "";

	if (link == NULL) {
		out[0] = '\0';
		return;
	}
	if (strcmp(link->name, listener->name) != 0)
		(void)snprintf(name, sizeof(name), ", which is %.15s",
		    link->name);
	if (address_choose(link, &listener->identity.address, &choice) &&
	    choice.foreign)
		(void)snprintf(first, sizeof(first),
		    ", an address that it does not have");
	else if (choice.fit > 1)
		(void)snprintf(first, sizeof(first), ", of %u addresses",
		    choice.fit);
	(void)snprintf(out, LISTENER_TEXT, "%s%s", first, name);
}

void
listener_announce(const struct listener *listener,
    const struct options *options, const struct link *link)
{
	char address[TEXT_ADDRESS], mac[TEXT_MAC], more[LISTENER_TEXT];

	describe(listener, link, more);
	log_info("%s %s as %s (%s)%s",
	    options->listen_only ? "listening only on" : "serving",
	    listener->name, text_address(listener->identity.address, address),
	    text_mac(listener->identity.mac, FRAME_MAC, mac), more);
}

/* The run is over when no answer failed since the last check and some went. */
static void
log_recovery(struct listener *listener)
{
	struct inject_sink *sink = listener->sink;

	if (sink == NULL || !sink->reported)
		return;
	if (sink->failed == listener->failed_before &&
	    sink->sent > listener->sent_before) {
		log_info("%s: answers are sent again", listener->name);
		sink->reported = false;
	}
	listener->failed_before = sink->failed;
	listener->sent_before = sink->sent;
}

/* The kernel drops the frames that its ring has no room for. */
static void
log_dropped(struct listener *listener)
{
	unsigned long long dropped, more;

	if (listener->capture == NULL)
		return;
	dropped = capture_dropped(listener->capture);
	more = dropped - listener->dropped_before;
	if (more > 0 && !listener->dropping)
		log_warning("%s: %llu frames came faster than they were read, "
		    "and were dropped", listener->name, more);
	listener->dropping = more > 0;
	listener->dropped_before = dropped;
}

void
listener_check(struct listener *listener)
{
	log_recovery(listener);
	log_dropped(listener);
}

unsigned long long
listener_dropped(const struct listener *listener)
{
	if (listener->capture == NULL)
		return listener->lost;
	return listener->lost + capture_dropped(listener->capture);
}

unsigned long long
listener_send_errors(const struct listener *listener)
{
	if (listener->sink == NULL)
		return listener->failed;
	return listener->failed + listener->sink->failed;
}
