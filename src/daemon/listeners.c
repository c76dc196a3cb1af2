#include "daemon/listeners.h"

#include "report/log.h"

enum { BATCH = 256 };		/* frames of one interface before the next */

static struct pollfd *
poll_of(struct server *server, unsigned i)
{
	return &server->poll[POLL_LISTENERS + i];
}

static void
set_poll(struct server *server, unsigned i)
{
	struct capture *capture = server->listener[i].capture;

	*poll_of(server, i) = (struct pollfd){
		.fd = capture != NULL ? capture_descriptor(capture) :
		    NO_DESCRIPTOR,
		.events = POLLIN,
	};
}

/* The interface cannot be served for now. */
static void
lose_listener(struct server *server, unsigned i, const char *why)
{
	struct listener *listener = &server->listener[i];

	log_warning("%s: %s; waiting for it to come back", listener->name,
	    why);
	handler_forget(&server->handler, listener);
	listener_close(listener);
	set_poll(server, i);
	server->away++;
}

/*
 * Read what has come in on one interface, up to a batch.
 *
 * libpcap clears the error of the socket and returns it only from its next
 * call, for which no event would wake us: so the event itself counts too.
 */
static void
receive(struct server *server, unsigned i)
{
	struct listener *listener = &server->listener[i];
	bool broken = (poll_of(server, i)->revents & ~POLLIN) != 0;
	struct capture_frame frame;
	enum capture_step step = CAPTURE_NONE;

	for (unsigned n = 0; n < BATCH; n++) {
		step = capture_next(listener->capture, &frame);
		if (step != CAPTURE_FRAME)
			break;
		handler_receive(&server->handler, listener, &frame);
	}
	if (step == CAPTURE_ERROR)
		lose_listener(server, i, capture_error(listener->capture));
	else if (broken)
		lose_listener(server, i, "the interface went down or away");
}

void
listeners_receive(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		if (server->listener[i].capture != NULL &&
		    poll_of(server, i)->revents != 0)
			receive(server, i);
}

static void
reopen(struct server *server, unsigned i)
{
	struct listener *listener = &server->listener[i];
	char error[CAPTURE_ERROR_SIZE];

	if (!listener_open(listener, server->options, error))
		return;
	server->away--;
	set_poll(server, i);
	listener_announce(listener, server->options);
}

void
listeners_reopen(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		if (server->listener[i].capture == NULL)
			reopen(server, i);
}

/* The addresses of the listener may have changed. */
static void
renew(struct server *server, unsigned i)
{
	struct listener *listener = &server->listener[i];
	char error[CAPTURE_ERROR_SIZE];

	switch (listener_renew(listener, server->options, error)) {
	case LISTENER_SAME:
		break;
	case LISTENER_CHANGED:
		listener_announce(listener, server->options);
		break;
	case LISTENER_GONE:
		lose_listener(server, i, error);
		break;
	}
}

void
listeners_renew(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		if (server->listener[i].capture != NULL)
			renew(server, i);
	listeners_reopen(server);
}

bool
listeners_open(struct server *server)
{
	const struct options *options = server->options;
	char error[CAPTURE_ERROR_SIZE];

	for (unsigned i = 0; i < server->n; i++) {
		struct listener *listener = &server->listener[i];

		if (!listener_open(listener, options, error)) {
			log_error("%s: %s", listener->name, error);
			return false;
		}
		set_poll(server, i);
	}
	return true;
}
