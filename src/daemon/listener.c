#include "daemon/listener.h"

#include "net/link.h"
#include "report/log.h"
#include "report/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool
find_identity(const struct options *options, const char *name,
    struct reply_identity *out, char *error)
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
listener_close(struct listener *listener)
{
	listener->failed = listener_send_errors(listener);
	listener->lost = listener_dropped(listener);
	capture_close(listener->capture);
	listener->capture = NULL;
	listener->dropped_before = 0;
	if (listener->sink != NULL)
		listener->sink->close(listener->sink);
	listener->sink = NULL;
	link_free(&listener->identity);
}

bool
listener_open(struct listener *listener, const struct options *options,
    char error[CAPTURE_ERROR_SIZE])
{
	if (!find_identity(options, listener->name, &listener->identity,
	    error))
		goto fail;
	listener->capture = capture_open_live(listener->name,
	    options->promiscuous, error);
	if (listener->capture == NULL)
		goto fail;
	if (options->listen_only)
		return true;
	listener->sink = inject_open_link(listener->name, error);
	if (listener->sink != NULL)
		return true;
fail:
	listener_close(listener);
	return false;
}

static bool
same_addresses(const struct reply_identity *a, const struct reply_identity *b)
{
	return a->address.s_addr == b->address.s_addr &&
	    memcmp(a->mac, b->mac, FRAME_MAC) == 0;
}

enum listener_change
listener_renew(struct listener *listener, const struct options *options,
    char error[CAPTURE_ERROR_SIZE])
{
	struct reply_identity now;
	bool same;

	if (!find_identity(options, listener->name, &now, error)) {
		link_free(&now);
		return LISTENER_GONE;
	}
	same = same_addresses(&now, &listener->identity);
	link_free(&listener->identity);
	listener->identity = now;
	return same ? LISTENER_SAME : LISTENER_CHANGED;
}

void
listener_announce(const struct listener *listener,
    const struct options *options)
{
	char address[TEXT_ADDRESS], mac[TEXT_MAC];

	log_info("%s %s as %s (%s)",
	    options->listen_only ? "listening only on" : "serving",
	    listener->name, text_address(listener->identity.address, address),
	    text_mac(listener->identity.mac, FRAME_MAC, mac));
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
