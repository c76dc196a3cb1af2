#include "daemon/listeners.h"

#include "daemon/events.h"
#include "daemon/observer.h"
#include "daemon/opening.h"
#include "report/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	BATCH = 256,			/* frames of one interface at a time */
	PAUSE_MIN = 1000,		/* ms before an interface is retried */
	PAUSE_MAX = 30000,
};

static const size_t ring_min = (size_t)1024 * 1024;

struct links *
listeners_links(const struct server *server)
{
	return rtnetlink_links(server->rtnetlink);
}

const struct link *
listeners_link(const struct server *server, const struct listener *listener)
{
	return listener->index == 0 ? NULL :
	    links_by_index(listeners_links(server), listener->index);
}

/* Wait for its frames, if it is open; the number is its place. */
static void
watch(struct server *server, unsigned i)
{
	struct capture *capture = server->listener[i].capture;

	if (capture != NULL && !events_watch(server->events,
	    capture_descriptor(capture), EVENT_LISTENERS + i))
		log_errno("%s", server->listener[i].name);
}

/*
 * What other interfaces have to do with one that is served.
 */

static void
warn_of_pair(const struct listener *from, const struct listener *to,
    const struct link *above)
{
	const char *relation = link_kind_has_ports(above->kind) ?
	    "is a port of" : "is below";

	log_warning("%s %s %s (%s), and both are served: a client that both "
	    "hear gets two answers; name one of them", from->name, relation,
	    to->name, link_kind_name(above->kind));
}

/* Two of ours that hear the same frames: said by the later one. */
static void
warn_of_pairs(const struct server *server, const struct listener *listener,
    const struct link *link)
{
	struct links *links = listeners_links(server);

	for (unsigned i = 0; i < server->n; i++) {
		const struct listener *other = &server->listener[i];
		const struct link *its = listeners_link(server, other);

		if (!other->announced || other == listener || its == NULL)
			continue;
		if (links_pass_on(links, link, its))
			warn_of_pair(listener, other, its);
		else if (links_pass_on(links, its, link))
			warn_of_pair(other, listener, link);
	}
}

/* A card may drop the frames of VLANs that it was not told of. */
static void
tell_of_vlans(const struct server *server, struct listener *listener)
{
	struct links *links = listeners_links(server);

	for (unsigned i = 0; i < links_count(links) &&
	    !listener->vlan_told && !listener->promiscuous; i++) {
		const struct link *link = links_at(links, i);

		if (link->kind != LINK_VLAN || link->parent !=
		    listener->index)
			continue;
		log_info("%s has VLAN interfaces (%s): if its card filters "
		    "tags, requests of other VLANs are heard only in "
		    "promiscuous mode", listener->name, link->name);
		listener->vlan_told = true;
	}
}

/*
 * Opening and closing.
 */

size_t
listeners_ring(const struct server *server)
{
	size_t ring = server->ring / server->n;

	return ring > ring_min ? ring : ring_min;
}

static void
give_addresses(const struct server *server, struct listener *listener)
{
	listener->identity.interface = listener->name;
	listener->identity.also = links_addresses(listeners_links(server),
	    &listener->identity.n_also);
}

/* Its link may have become the port of another one, or been made on one. */
static void
look_for_pairs(const struct server *server, struct listener *listener)
{
	const struct link *link = listeners_link(server, listener);

	if (link == NULL || (listener->announced &&
	    link->master == listener->master &&
	    link->parent == listener->parent))
		return;
	listener->master = link->master;
	listener->parent = link->parent;
	warn_of_pairs(server, listener, link);
}

static void
announce(const struct server *server, struct listener *listener)
{
	listener_announce(listener, server->options,
	    listeners_link(server, listener));
	look_for_pairs(server, listener);
	if (!listener->announced)
		tell_of_vlans(server, listener);
	listener->announced = true;
}

static void
be_open(struct server *server, unsigned i)
{
	struct listener *listener = &server->listener[i];

	give_addresses(server, listener);
	listener->retry = LISTENER_NEVER;
	listener->pause = 0;
	server->ours_changed = true;
	watch(server, i);
	observer_watch(server, i);
}

/* It is tried again, and that is logged once, with these words. */
static void
be_refused(struct server *server, struct listener *listener, const char *error,
    const char *what_follows)
{
	if (listener->pause == 0)
		log_warning("%s: %s%s", listener->name, error, what_follows);
	listener->pause = listener->pause == 0 ? PAUSE_MIN :
	    listener->pause * 2;
	if (listener->pause > PAUSE_MAX)
		listener->pause = PAUSE_MAX;
	listener->retry = server_ms(server) + listener->pause;
}

static bool
open_one(struct server *server, unsigned i)
{
	struct listener *listener = &server->listener[i];
	char error[CAPTURE_ERROR_SIZE];

	if (listener_open(listener, server->options, listeners_ring(server),
	    error)) {
		be_open(server, i);
		return true;
	}
	be_refused(server, listener, error, "; trying again");
	return false;
}

static void
close_one(struct server *server, unsigned i)
{
	struct listener *listener = &server->listener[i];

	handler_forget(&server->handler, listener);
	listener_close(listener);
	server->ours_changed = true;
}

/* It is ready, and open: but is it who it was? */
static void
renew(struct server *server, struct listener *listener,
    const struct reply_identity *now)
{
	struct reply_identity *then = &listener->identity;
	bool same = then->address.s_addr == now->address.s_addr &&
	    memcmp(then->mac, now->mac, FRAME_MAC) == 0;

	then->address = now->address;
	memcpy(then->mac, now->mac, FRAME_MAC);
	if (same) {
		look_for_pairs(server, listener);
	} else {
		server->ours_changed = true;
		announce(server, listener);
	}
}

/* Its capture ended, and the table of links does not say why. */
static void
recover(struct server *server, unsigned i)
{
	struct listener *listener = &server->listener[i];

	log_warning("%s: %s; trying again", listener->name,
	    capture_error(listener->capture));
	close_one(server, i);
	listener->pause = PAUSE_MIN;
	listener->retry = server_ms(server) + PAUSE_MIN;
}

static void
be_ready(struct server *server, unsigned i,
    const struct reply_identity *identity)
{
	struct listener *listener = &server->listener[i];

	if (listener->broken) {
		recover(server, i);
	} else if (listener->capture != NULL &&
	    listener->promiscuous == listener->wish.promiscuous) {
		renew(server, listener, identity);
	} else {
		if (listener->capture != NULL)
			close_one(server, i);
		listener->identity.address = identity->address;
		memcpy(listener->identity.mac, identity->mac, FRAME_MAC);
		/* One that failed waits for its time. */
		if (listener->obstacle != LISTENER_READY ||
		    listener->pause == 0)
			listener->retry = server_ms(server);
		if (listener->obstacle != LISTENER_READY)
			listener->pause = 0;
	}
}

static void
be_waiting(struct server *server, unsigned i, enum listener_obstacle obstacle)
{
	struct listener *listener = &server->listener[i];
	char text[LISTENER_TEXT];
	const char *why = listener_obstacle_text(obstacle,
	    listeners_link(server, listener), text);

	if (listener->capture != NULL) {
		log_warning("%s: %s; waiting for it to come back",
		    listener->name, why);
		close_one(server, i);
	} else if (obstacle != listener->obstacle) {
		log_line(obstacle == LISTENER_TWICE ? LOG_LEVEL_WARNING :
		    LOG_LEVEL_DEBUG, "%s: still waiting: %s",
		    listener->name, why);
	}
	listener->retry = LISTENER_NEVER;
}

/* Something about its link or its wishes may have changed. */
static void
look(struct server *server, unsigned i)
{
	struct listener *listener = &server->listener[i];
	struct reply_identity identity;
	enum listener_obstacle obstacle = listener_look(listener,
	    server->options, listeners_link(server, listener), &identity);

	listener->changed = false;
	if (obstacle == LISTENER_READY)
		be_ready(server, i, &identity);
	else
		be_waiting(server, i, obstacle);
	listener->obstacle = obstacle;
}

/*
 * Which link has which listener: the one that has its name.  A listener whose
 * name nobody has any more stays with the link that had it.
 */

static void
tie(struct server *server, unsigned i, const struct link *link)
{
	struct listener *listener = &server->listener[i];
	unsigned index = link != NULL ? link->index : 0;
	bool twice = link != NULL && link->user != 0;

	if (link != NULL && !twice)
		links_mark(listeners_links(server), index, i + 1);
	if (index == listener->index && twice == listener->twice)
		return;
	if (listener->capture != NULL && index != 0 && !twice)
		close_one(server, i);
	listener->index = index;
	listener->twice = twice;
	listener->pause = 0;
	listener->vlan_told = false;
	listener->changed = true;
}

static void
tie_by_name(struct server *server)
{
	struct links *links = listeners_links(server);

	for (unsigned i = 0; i < server->n; i++) {
		const struct link *link = links_by_name(links,
		    server->listener[i].name);

		server->listener[i].named = link != NULL;
		if (link != NULL)
			tie(server, i, link);
	}
}

static void
tie_those_without(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++) {
		struct listener *listener = &server->listener[i];
		const struct link *link = listeners_link(server, listener);

		if (listener->named)
			continue;
		if (link != NULL && link->user != 0)
			link = NULL;
		tie(server, i, listener->twice ? NULL : link);
		if (link != NULL && listener->capture != NULL)
			log_warning("%s is called %s now, and is served on; "
			    "the next time that we start we look for %s",
			    listener->name, link->name, listener->name);
	}
}

static void
tie_all(struct server *server)
{
	struct links *links = listeners_links(server);

	for (unsigned i = 0; i < links_count(links); i++)
		if (links_at(links, i)->user != 0)
			links_mark(links, links_at(links, i)->index, 0);
	tie_by_name(server);
	tie_those_without(server);
	server->names_changed = false;
}

/*
 * Which interfaces there are to be.
 */

/*
 * The number of a name that lasts as long as the server, since clients are
 * remembered with it; server->names where there is no memory for it.
 */
static unsigned
keep_name(struct server *server, const char *name)
{
	unsigned i = 0;
	char **more;

	while (i < server->names && strcmp(server->name[i], name) != 0)
		i++;
	if (i < server->names)
		return i;
	more = realloc(server->name, (i + 1) * sizeof(*more));
	if (more == NULL)
		return i;
	server->name = more;
	if ((more[i] = strdup(name)) != NULL)
		server->names++;
	return i;
}

/* One that was not there before; false: out of memory. */
static bool
begin(struct server *server, const char *name, struct listener *out)
{
	unsigned number = keep_name(server, name);

	if (number >= server->names)
		return false;
	*out = (struct listener){ .retry = LISTENER_NEVER,
	    .name = server->name[number] };
	out->limits.number = number;
	return true;
}

static struct listener *
find(const struct server *server, const char *name)
{
	for (unsigned i = 0; i < server->n; i++)
		if (strcmp(server->listener[i].name, name) == 0)
			return &server->listener[i];
	return NULL;
}

/* All of them anew, those that are there already as they are. */
static bool
fill(struct server *server, struct listener out[], unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct listener *old;
		struct wish wish;

		wishes_get(server->options, *server->config, i, &wish);
		old = find(server, wish.name);
		if (old != NULL)
			out[i] = *old;
		else if (!begin(server, wish.name, &out[i]))
			return false;
		wish.name = out[i].name;
		out[i].wish = wish;
		out[i].changed = true;
	}
	return true;
}

static bool
is_among(const struct listener *listener, const struct listener all[],
    unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(all[i].name, listener->name) == 0)
			return true;
	return false;
}

static void
drop_others(struct server *server, const struct listener all[], unsigned n)
{
	for (unsigned i = 0; i < server->n; i++) {
		struct listener *listener = &server->listener[i];

		if (is_among(listener, all, n))
			continue;
		log_info("%s: it is served no more", listener->name);
		handler_forget(&server->handler, listener);
		listener_close(listener);
	}
}

/* Room for so many. */
static bool
make_room(struct server *server, unsigned n, struct listener **listener)
{
	struct status_link *status;

	*listener = calloc(n, sizeof(**listener));
	status = realloc(server->status, n * sizeof(*status));
	if (status != NULL)
		server->status = status;
	return *listener != NULL && status != NULL;
}

bool
listeners_configure(struct server *server)
{
	unsigned n = wishes_count(server->options, *server->config);
	struct listener *listener;

	if (n == 0) {
		log_error("no interface is named, neither on the command line "
		    "nor in %s", server->options->config);
		return false;
	}
	/* More room than is needed harms nobody, but less would. */
	if (!make_room(server, n > server->n ? n : server->n, &listener) ||
	    !fill(server, listener, n)) {
		log_errno("interfaces");
		free(listener);
		return false;
	}
	drop_others(server, listener, n);
	free(server->listener);
	server->listener = listener;
	server->n = n;
	server->ring = wishes_ring(*server->config);
	server->names_changed = true;
	for (unsigned i = 0; i < n; i++)
		watch(server, i);
	return true;
}

/*
 * What the kernel says.
 */

static bool
is_wanted(const struct server *server, const struct link *link)
{
	for (unsigned i = 0; i < server->n; i++)
		if (link_is_called(link, server->listener[i].name))
			return true;
	return false;
}

static void
link_changed(void *context, const struct link *link, unsigned news)
{
	struct server *server = context;

	server->ours_changed = true;
	if (link->user != 0)
		server->listener[link->user - 1].changed = true;
	if ((news & (LINKS_APPEARED | LINKS_GONE | LINKS_NAMES)) != 0 &&
	    (link->user != 0 || is_wanted(server, link)))
		server->names_changed = true;
	if ((news & (LINKS_ADDRESSES | LINKS_GONE)) != 0)
		server->addresses_changed = true;
}

static void
message_skipped(void *context, const char *why)
{
	(void)context;
	log_line(LOG_LEVEL_DEBUG, "a message of the kernel about links is "
	    "skipped: %s", why);
}

static struct links_user
user_of(struct server *server)
{
	return (struct links_user){ link_changed, message_skipped, server };
}

static void
refresh_addresses(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		give_addresses(server, &server->listener[i]);
	server->addresses_changed = false;
}

static void
apply_changes(struct server *server)
{
	if (server->names_changed)
		tie_all(server);
	if (server->addresses_changed)
		refresh_addresses(server);
	for (unsigned i = 0; i < server->n; i++)
		if (server->listener[i].changed || server->listener[i].broken)
			look(server, i);
}

static bool
is_due(const struct server *server, const struct listener *listener)
{
	return listener->retry != LISTENER_NEVER &&
	    listener->retry <= server_ms(server);
}

void
listeners_update(struct server *server)
{
	struct links_user user = user_of(server);

	rtnetlink_receive(server->rtnetlink, server_ms(server), &user);
	apply_changes(server);
	for (unsigned i = 0; i < server->n; i++)
		if (is_due(server, &server->listener[i])) {
			if (open_one(server, i))
				announce(server, &server->listener[i]);
			break;
		}
}

long long
listeners_due(const struct server *server)
{
	long long due = rtnetlink_due(server->rtnetlink, server_ms(server));

	if (server->names_changed)
		return 0;
	for (unsigned i = 0; i < server->n; i++) {
		const struct listener *listener = &server->listener[i];

		if (listener->broken)
			return 0;
		if (listener->retry != LISTENER_NEVER)
			due = server_earlier(due,
			    server_until(server, listener->retry));
	}
	return due;
}

/*
 * Frames.
 */

/*
 * Read what has come in on one interface, up to a batch.  That the interface
 * is down is no error to libpcap: the table of links says so.
 */
static void
receive(struct server *server, unsigned i)
{
	struct listener *listener = &server->listener[i];
	struct capture_frame frame;
	enum capture_step step = CAPTURE_NONE;

	for (unsigned n = 0; n < BATCH; n++) {
		step = capture_next(listener->capture, &frame);
		if (step != CAPTURE_FRAME)
			break;
		handler_receive(&server->handler, listener, &frame);
	}
	if (step != CAPTURE_ERROR)
		return;
	listener->broken = true;
	events_ignore(server->events, capture_descriptor(listener->capture));
}

void
listeners_receive(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++) {
		struct listener *listener = &server->listener[i];

		if (listener->readable && listener->capture != NULL)
			receive(server, i);
		listener->readable = false;
	}
}

/*
 * The start.
 */

static bool
fill_table(struct server *server)
{
	struct links_user user = user_of(server);

	server->rtnetlink = rtnetlink_open();
	if (server->rtnetlink != NULL &&
	    events_watch(server->events,
	    rtnetlink_descriptor(server->rtnetlink), EVENT_LINKS) &&
	    rtnetlink_fill(server->rtnetlink, &user))
		return true;
	log_errno("the interfaces of this host cannot be listed");
	return false;
}

/* Two names of one interface, which would have two answers. */
static bool
are_different(const struct server *server)
{
	for (unsigned i = 0; i < server->n; i++) {
		const struct listener *listener = &server->listener[i];
		const struct link *link = listeners_link(server, listener);

		if (!listener->twice || link == NULL)
			continue;
		log_error("%s is the same interface as %s: name it once",
		    listener->name,
		    server->listener[link->user - 1].name);
		return false;
	}
	return true;
}

static bool
exists_any(const struct server *server)
{
	bool any = false;

	for (unsigned i = 0; i < server->n && !any; i++)
		any = server->listener[i].index != 0;
	for (unsigned i = 0; i < server->n && !any; i++)
		log_error("%s: no such interface", server->listener[i].name);
	return any;
}

/* How many are ready; the others wait. */
static unsigned
look_at_all(struct server *server)
{
	char text[LISTENER_TEXT];
	unsigned ready = 0;

	for (unsigned i = 0; i < server->n; i++) {
		struct listener *listener = &server->listener[i];

		look(server, i);
		if (listener->obstacle == LISTENER_READY)
			ready++;
		else
			log_warning("%s: %s; waiting for it", listener->name,
			    listener_obstacle_text(listener->obstacle,
			    listeners_link(server, listener), text));
	}
	return ready;
}

/* Is there one that cannot be opened, and not since it just went down? */
static bool
is_any_refused(struct server *server)
{
	struct links_user user = user_of(server);

	rtnetlink_receive(server->rtnetlink, server_ms(server), &user);
	apply_changes(server);
	for (unsigned i = 0; i < server->n; i++)
		if (server->listener[i].obstacle == LISTENER_READY &&
		    server->listener[i].capture == NULL)
			return true;
	return false;
}

/* All that are ready; how many are open, or -1: out of memory. */
static int
open_all(struct server *server)
{
	struct opening *opening = calloc(server->n, sizeof(*opening));
	unsigned due = 0;
	int opened = 0;

	if (opening == NULL) {
		log_errno("interfaces");
		return -1;
	}
	for (unsigned i = 0; i < server->n; i++)
		if (is_due(server, &server->listener[i]))
			opening[due++].listener = &server->listener[i];
	opening_run(opening, due, server->options, listeners_ring(server));
	for (unsigned k = 0; k < due; k++) {
		struct listener *listener = opening[k].listener;

		if (opening[k].opened) {
			be_open(server, (unsigned)(listener -
			    server->listener));
			opened++;
		} else {
			be_refused(server, listener, opening[k].error, "");
		}
	}
	free(opening);
	return opened;
}

bool
listeners_open(struct server *server)
{
	unsigned ready;
	int opened;

	if (!fill_table(server))
		return false;
	tie_all(server);
	if (!exists_any(server) || !are_different(server))
		return false;
	ready = look_at_all(server);
	opened = open_all(server);
	if (opened < 0)
		return false;
	if (opened == 0 && ready > 0 && is_any_refused(server))
		return false;
	if (opened == 0 && server->options->require_all)
		log_error("no interface is ready");
	return opened > 0 || !server->options->require_all;
}

void
listeners_announce(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		if (server->listener[i].capture != NULL)
			announce(server, &server->listener[i]);
}

void
listeners_close(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		listener_close(&server->listener[i]);
	rtnetlink_close(server->rtnetlink);
	for (unsigned i = 0; i < server->names; i++)
		free(server->name[i]);
	free(server->name);
	free(server->listener);
	free(server->status);
}
