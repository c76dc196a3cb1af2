#include "net/links.h"

#include "net/link_message.h"
#include "net/netlink.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

enum { PASSES_MAX = 8 };	/* links on top of one another */

/* Which dump a request asks for. */
enum dump { NO_DUMP, DUMP_LINKS, DUMP_ADDRESSES };

struct links {
	struct link **link;		/* by index, ascending */
	unsigned n, room;
	struct in_addr *also;		/* see links_addresses() */
	size_t n_also;
	bool also_stale;

	enum dump wanted, asked;
	uint32_t sequence;		/* of the last request */
	unsigned round;			/* of the last request */
	bool interrupted;		/* the dump under way is not whole */
	bool lost;			/* messages, since it was asked for */
	bool whole;
};

/*
 * The table.
 */

/* The place of the link, or that where it would be. */
static unsigned
place_of(const struct links *links, unsigned index)
{
	unsigned from = 0, to = links->n;

	while (from < to) {
		unsigned middle = from + (to - from) / 2;

		if (links->link[middle]->index < index)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static struct link *
find(const struct links *links, unsigned index)
{
	unsigned place = place_of(links, index);

	if (place == links->n || links->link[place]->index != index)
		return NULL;
	return links->link[place];
}

static void
free_octets(struct span octets)
{
	union {
		const uint8_t *borrowed;
		void *owned;
	} block = { octets.p };

	free(block.owned);
}

static void
free_link(struct link *link)
{
	free_octets(link->altnames);
	free(link->address);
	free(link);
}

static struct link *
insert(struct links *links, unsigned index)
{
	enum { MORE = 32 };
	unsigned place = place_of(links, index);
	struct link **at, *link;

	if (links->n == links->room) {
		at = realloc(links->link, (links->room + MORE) *
		    sizeof(struct link *));
		if (at == NULL)
			return NULL;
		links->link = at;
		links->room += MORE;
	}
	if ((link = calloc(1, sizeof(*link))) == NULL)
		return NULL;
	link->index = index;
	at = links->link + place;
	memmove(at + 1, at, (links->n - place) * sizeof(struct link *));
	*at = link;
	links->n++;
	return link;
}

static void
tell(const struct links_user *user, const struct link *link, unsigned news)
{
	if (news != 0)
		user->changed(user->context, link, news);
}

static void
skip(const struct links_user *user, const char *why)
{
	if (user->skipped != NULL)
		user->skipped(user->context, why);
}

static void
remove_at(struct links *links, unsigned place, const struct links_user *user)
{
	struct link **at = links->link + place, *link = *at;

	links->n--;
	memmove(at, at + 1, (links->n - place) * sizeof(struct link *));
	links->also_stale = true;
	tell(user, link, LINKS_GONE);
	free_link(link);
}

/* The altnames of a message, one after another; false: out of memory. */
static bool
copy_altnames(struct span properties, struct span *out)
{
	struct netlink_attribute attribute;
	struct span_writer w = { NULL, properties.n, 0, false };
	struct span name;

	*out = (struct span){ 0 };
	if (properties.n == 0)
		return true;
	if ((w.p = malloc(properties.n)) == NULL)
		return false;
	while (netlink_attribute_next(&properties, &attribute) ==
	    NETLINK_ITEM) {
		if (attribute.type != IFLA_ALT_IFNAME ||
		    !netlink_text(attribute.value, &name))
			continue;
		write_octets(&w, name);
		write_u8(&w, '\0');
	}
	*out = writer_span(&w);
	return true;
}

static unsigned
changed_names(const struct link *old, const struct link *new)
{
	return strcmp(old->name, new->name) != 0 ||
	    !span_equal(old->altnames, new->altnames) ? LINKS_NAMES : 0;
}

static unsigned
changed_state(const struct link *old, const struct link *new)
{
	return old->type != new->type || old->up != new->up ||
	    old->loopback != new->loopback || old->kind != new->kind ||
	    old->has_mac != new->has_mac ||
	    memcmp(old->mac, new->mac, FRAME_MAC) != 0 ||
	    old->master != new->master || old->parent != new->parent ?
	    LINKS_STATE : 0;
}

/* Out of memory: as if the message had not come, until there is some. */
static void
put_link(struct links *links, struct link *new, const struct links_user *user)
{
	struct link *link = find(links, new->index);
	unsigned news = LINKS_APPEARED;

	if (link != NULL)
		news = changed_names(link, new) | changed_state(link, new);
	else if ((link = insert(links, new->index)) == NULL) {
		free_octets(new->altnames);
		links_lost(links);
		return;
	}
	if (link->loopback != new->loopback)
		links->also_stale = true;
	free_octets(link->altnames);
	new->address = link->address;
	new->addresses = link->addresses;
	new->user = link->user;
	new->round = links->round;
	*link = *new;
	tell(user, link, news);
}

static void
take_new_link(struct links *links, const struct netlink_message *message,
    const struct links_user *user)
{
	struct link_message said;

	switch (link_message_read(message->body, &said)) {
	case LINK_MESSAGE_READ:
		if (copy_altnames(said.properties, &said.link.altnames))
			put_link(links, &said.link, user);
		else
			links_lost(links);
		break;
	case LINK_MESSAGE_OF_OTHERS:
		break;
	case LINK_MESSAGE_DAMAGED:
		skip(user, "what it says of a link is damaged");
		break;
	}
}	/* NOLINT(clang-analyzer-unix.Malloc): the table has the altnames */

static void
take_del_link(struct links *links, const struct netlink_message *message,
    const struct links_user *user)
{
	unsigned index, place;

	switch (link_message_read_index(message->body, &index)) {
	case LINK_MESSAGE_READ:
		place = place_of(links, index);
		if (place < links->n && links->link[place]->index == index)
			remove_at(links, place, user);
		break;
	case LINK_MESSAGE_OF_OTHERS:
		break;
	case LINK_MESSAGE_DAMAGED:
		skip(user, "what it says of a link is damaged");
		break;
	}
}

/*
 * The addresses of a link.
 */

static bool
is_same_address(const struct link_address *a, const struct link_address *b)
{
	return a->address.s_addr == b->address.s_addr &&
	    a->peer.s_addr == b->peer.s_addr && a->prefix == b->prefix;
}

/* Its place, or link->addresses. */
static unsigned
place_of_address(const struct link *link, const struct link_address *entry)
{
	unsigned i = 0;

	while (i < link->addresses && !is_same_address(&link->address[i],
	    entry))
		i++;
	return i;
}

static bool
is_secondary(const struct link_address *entry)
{
	return (entry->flags & IFA_F_SECONDARY) != 0;
}

/*
 * Where the kernel has a new one: behind all of a dump so far; else behind
 * the last that is primary, or behind all if it is not primary itself.
 */
static unsigned
place_for_address(const struct links *links, const struct link *link,
    const struct link_address *entry, bool dumped)
{
	unsigned place = 0;

	for (unsigned i = 0; i < link->addresses; i++)
		if (dumped ? link->address[i].round == links->round :
		    is_secondary(entry) || !is_secondary(&link->address[i]))
			place = i + 1;
	return place;
}

static void
take_out_address(struct link *link, unsigned place)
{
	struct link_address *at = link->address + place;

	link->addresses--;
	memmove(at, at + 1, (link->addresses - place) * sizeof(*at));
}

static void
put_in_address(struct link *link, unsigned place,
    const struct link_address *entry)
{
	struct link_address *at = link->address + place;

	memmove(at + 1, at, (link->addresses - place) * sizeof(*at));
	*at = *entry;
	link->addresses++;
}

static bool
has_other_words(const struct link_address *a, const struct link_address *b)
{
	return a->scope != b->scope || a->flags != b->flags ||
	    strcmp(a->label, b->label) != 0;
}

/* Room for one more; false: out of memory. */
static bool
make_room(struct link *link)
{
	struct link_address *more = realloc(link->address,
	    (link->addresses + 1) * sizeof(*more));

	if (more != NULL)
		link->address = more;
	return more != NULL;
}

static void
put_address(struct links *links, struct link *link,
    struct link_address *entry, bool dumped, const struct links_user *user)
{
	unsigned old = place_of_address(link, entry), place;
	bool known = old < link->addresses, other = true;

	entry->round = links->round;
	if (known) {
		other = has_other_words(&link->address[old], entry);
		if (!dumped && is_secondary(entry) ==
		    is_secondary(&link->address[old])) {
			link->address[old] = *entry;
			tell(user, link, other ? LINKS_ADDRESSES : 0);
			return;
		}
		take_out_address(link, old);
	} else if (!make_room(link)) {
		links_lost(links);
		return;
	}
	place = place_for_address(links, link, entry, dumped);
	put_in_address(link, place, entry);
	if (known && place == old && !other)
		return;
	links->also_stale = true;
	tell(user, link, LINKS_ADDRESSES);
}

/*
 * The link and the address that a message is about.  NULL: skip it; that is so
 * too where the link went while we were told of it.
 */
static struct link *
read_about(const struct links *links, const struct netlink_message *message,
    const struct links_user *user, struct address_message *said)
{
	switch (address_message_read(message->body, said)) {
	case LINK_MESSAGE_READ:
		return find(links, said->index);
	case LINK_MESSAGE_OF_OTHERS:
		break;
	case LINK_MESSAGE_DAMAGED:
		skip(user, "what it says of an address is damaged");
		break;
	}
	return NULL;
}

static void
take_new_address(struct links *links, const struct netlink_message *message,
    const struct links_user *user)
{
	struct address_message said;
	struct link *link = read_about(links, message, user, &said);

	if (link != NULL)
		put_address(links, link, &said.entry,
		    links->asked == DUMP_ADDRESSES &&
		    message->sequence == links->sequence, user);
}

static void
take_del_address(struct links *links, const struct netlink_message *message,
    const struct links_user *user)
{
	struct address_message said;
	struct link *link = read_about(links, message, user, &said);
	unsigned place;

	if (link == NULL)
		return;
	place = place_of_address(link, &said.entry);
	if (place == link->addresses)
		return;
	take_out_address(link, place);
	links->also_stale = true;
	tell(user, link, LINKS_ADDRESSES);
}

/*
 * Dumps.
 */

/* What a whole dump did not have is gone. */
static void
sweep_links(struct links *links, const struct links_user *user)
{
	for (unsigned i = links->n; i-- > 0; )
		if (links->link[i]->round != links->round)
			remove_at(links, i, user);
}

static void
sweep_addresses(struct links *links, const struct links_user *user)
{
	for (unsigned i = 0; i < links->n; i++) {
		struct link *link = links->link[i];
		unsigned before = link->addresses;

		for (unsigned k = link->addresses; k-- > 0; )
			if (link->address[k].round != links->round)
				take_out_address(link, k);
		if (link->addresses == before)
			continue;
		links->also_stale = true;
		tell(user, link, LINKS_ADDRESSES);
	}
}

static void
end_dump(struct links *links, const struct links_user *user)
{
	enum dump asked = links->asked;

	links->asked = NO_DUMP;
	if (links->lost) {
		links->wanted = DUMP_LINKS;
	} else if (links->interrupted) {
		links->wanted = asked;
	} else if (asked == DUMP_LINKS) {
		sweep_links(links, user);
		links->wanted = DUMP_ADDRESSES;
	} else {
		sweep_addresses(links, user);
		links->wanted = NO_DUMP;
		links->whole = true;
	}
}

static bool
is_answer(const struct links *links, const struct netlink_message *message)
{
	return links->asked != NO_DUMP &&
	    message->sequence == links->sequence;
}

/* The end of a dump; it has a number, which is negative if it failed. */
static void
take_done(struct links *links, const struct netlink_message *message,
    const struct links_user *user)
{
	struct span body = message->body;
	uint32_t status;

	if (!is_answer(links, message))
		return;
	if (span_host32(&body, &status) && status != 0)
		links->interrupted = true;
	end_dump(links, user);
}

static void
take_error(struct links *links, const struct netlink_message *message,
    const struct links_user *user)
{
	if (!is_answer(links, message))
		return;
	skip(user, "the kernel refused a dump");
	links->interrupted = true;
	end_dump(links, user);
}

static void
take_overrun(struct links *links, const struct netlink_message *message,
    const struct links_user *user)
{
	(void)message;
	(void)user;
	links_lost(links);
}

static void
take_nothing(struct links *links, const struct netlink_message *message,
    const struct links_user *user)
{
	(void)links;
	(void)message;
	(void)user;
}

static const struct {
	uint16_t type;
	void (*take)(struct links *links,
	    const struct netlink_message *message,
	    const struct links_user *user);
} messages[] = {
	{ RTM_NEWLINK, take_new_link },
	{ RTM_DELLINK, take_del_link },
	{ RTM_NEWADDR, take_new_address },
	{ RTM_DELADDR, take_del_address },
	{ NLMSG_DONE, take_done },
	{ NLMSG_ERROR, take_error },
	{ NLMSG_OVERRUN, take_overrun },
	{ NLMSG_NOOP, take_nothing },
};

enum { MESSAGES = sizeof(messages) / sizeof(messages[0]) };

static void
take_message(struct links *links, const struct netlink_message *message,
    const struct links_user *user)
{
	if ((message->flags & NLM_F_DUMP_INTR) != 0 &&
	    is_answer(links, message))
		links->interrupted = true;
	for (unsigned i = 0; i < MESSAGES; i++) {
		if (messages[i].type != message->type)
			continue;
		messages[i].take(links, message, user);
		return;
	}
	skip(user, "its type is not known");
}

void
links_take(struct links *links, struct span datagram,
    const struct links_user *user)
{
	struct netlink_message message;
	enum netlink_step step;

	while ((step = netlink_next(&datagram, &message)) == NETLINK_ITEM)
		take_message(links, &message, user);
	if (step == NETLINK_DAMAGED)
		skip(user, "its length is wrong");
}

void
links_lost(struct links *links)
{
	links->whole = false;
	if (links->asked != NO_DUMP)
		links->lost = true;
	else
		links->wanted = DUMP_LINKS;
}

bool
links_wants(const struct links *links)
{
	return links->wanted != NO_DUMP && links->asked == NO_DUMP;
}

/*
 * Statistics, which are most of a link's message, are left out of it
 * (RTEXT_FILTER_SKIP_STATS).
 */
static void
write_link_dump(struct links *links, struct span_writer *w)
{
	enum { MASK_OCTETS = 8 };
	uint8_t octets[sizeof(struct ifinfomsg) + MASK_OCTETS];
	struct span_writer body = { octets, sizeof(octets), 0, false };

	write_zeros(&body, sizeof(struct ifinfomsg));
	write_host16(&body, MASK_OCTETS);
	write_host16(&body, IFLA_EXT_MASK);
	write_host32(&body, RTEXT_FILTER_SKIP_STATS);
	netlink_write_dump(w, RTM_GETLINK, links->sequence,
	    writer_span(&body));
}

static void
write_address_dump(struct links *links, struct span_writer *w)
{
	uint8_t octets[sizeof(struct ifaddrmsg)];
	struct span_writer body = { octets, sizeof(octets), 0, false };

	write_u8(&body, AF_INET);
	write_zeros(&body, sizeof(struct ifaddrmsg) - 1);
	netlink_write_dump(w, RTM_GETADDR, links->sequence,
	    writer_span(&body));
}

void
links_request(struct links *links, struct span_writer *w)
{
	links->asked = links->wanted;
	links->sequence++;
	links->round++;
	links->interrupted = links->lost = false;
	if (links->asked == DUMP_LINKS)
		write_link_dump(links, w);
	else
		write_address_dump(links, w);
}

bool
links_is_half(const struct links *links)
{
	return links->wanted == DUMP_ADDRESSES && !links->interrupted;
}

void
links_cannot_ask(struct links *links)
{
	links->wanted = links->lost ? DUMP_LINKS : links->asked;
	links->asked = NO_DUMP;
	links->interrupted = true;
}

bool
links_whole(const struct links *links)
{
	return links->whole;
}

struct links *
links_open(void)
{
	struct links *links = calloc(1, sizeof(*links));

	if (links != NULL)
		links->wanted = DUMP_LINKS;
	return links;
}

void
links_close(struct links *links)
{
	if (links == NULL)
		return;
	for (unsigned i = 0; i < links->n; i++)
		free_link(links->link[i]);
	free(links->link);
	free(links->also);
	free(links);
}

/*
 * Asking.
 */

const struct link *
links_by_index(const struct links *links, unsigned index)
{
	return find(links, index);
}

bool
link_is_called(const struct link *link, const char *name)
{
	struct span rest = link->altnames, altname;

	if (strcmp(link->name, name) == 0)
		return true;
	while (netlink_text(rest, &altname)) {
		if (span_is_text(altname, name))
			return true;
		(void)span_skip(&rest, altname.n + 1);
	}
	return false;
}

const struct link *
links_by_name(const struct links *links, const char *name)
{
	for (unsigned i = 0; i < links->n; i++)
		if (link_is_called(links->link[i], name))
			return links->link[i];
	return NULL;
}

void
links_mark(struct links *links, unsigned index, unsigned user)
{
	struct link *link = find(links, index);

	if (link != NULL)
		link->user = user;
}

unsigned
links_count(const struct links *links)
{
	return links->n;
}

const struct link *
links_at(const struct links *links, unsigned place)
{
	return links->link[place];
}

static void
gather_addresses(struct links *links)
{
	size_t n = 0;

	for (unsigned i = 0; i < links->n; i++) {
		const struct link *link = links->link[i];

		if (link->loopback)
			continue;
		for (unsigned k = 0; k < link->addresses; k++)
			links->also[n++] = link->address[k].address;
	}
	links->n_also = n;
}

const struct in_addr *
links_addresses(struct links *links, size_t *n)
{
	size_t most = 1;

	if (links->also_stale) {
		free(links->also);
		for (unsigned i = 0; i < links->n; i++)
			most += links->link[i]->addresses;
		links->n_also = 0;
		links->also = calloc(most, sizeof(*links->also));
		if (links->also != NULL) {
			gather_addresses(links);
			links->also_stale = false;
		}
	}
	*n = links->n_also;
	return links->also;
}

/* Going down from a link, by what hears to what is heard. */
static bool
hears(const struct links *links, const struct link *to,
    const struct link *from, unsigned passes)
{
	const struct link *next;

	if (passes == 0 || to == NULL || from == NULL)
		return false;
	if (to == from)
		return true;
	if (link_kind_has_parent(to->kind)) {
		next = find(links, to->parent);
		if (hears(links, next, from, passes - 1))
			return true;
	}
	next = find(links, from->master);
	return next != NULL && link_kind_has_ports(next->kind) &&
	    hears(links, to, next, passes - 1);
}

bool
links_pass_on(const struct links *links, const struct link *from,
    const struct link *to)
{
	return from != to && hears(links, to, from, PASSES_MAX);
}
