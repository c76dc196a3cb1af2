#include "net/rtnetlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ROOM = 64 * 1024,	/* the kernel's datagrams have 32 KiB at most */
	QUEUE = 1024 * 1024,	/* octets that may wait for us */
	BATCH = 32,		/* datagrams in one go */
	PAUSE = 1000,		/* between the beginnings of two dumps */
	ANSWER = 5000,		/* for the kernel to answer, at the start */
	TRIES = 16,		/* at a dump that is interrupted, likewise */
};

struct rtnetlink {
	int descriptor;
	struct links *links;
	long long asked;		/* when links were asked for */
	uint8_t octets[ROOM];
};

static bool
join(int descriptor)
{
	struct sockaddr_nl local = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR,
	};
	int octets = QUEUE;

	/* The kernel gives as much of it as it may. */
	(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &octets,
	    sizeof(octets));
	return bind(descriptor, (const struct sockaddr *)&local,
	    sizeof(local)) == 0;
}

struct rtnetlink *
rtnetlink_open(void)
{
	struct rtnetlink *rtnetlink = calloc(1, sizeof(*rtnetlink));
	int error;

	if (rtnetlink == NULL)
		return NULL;
	rtnetlink->asked = -PAUSE;
	rtnetlink->descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, NETLINK_ROUTE);
	if (rtnetlink->descriptor >= 0 && join(rtnetlink->descriptor) &&
	    (rtnetlink->links = links_open()) != NULL)
		return rtnetlink;
	error = errno;
	rtnetlink_close(rtnetlink);
	errno = error;
	return NULL;
}

void
rtnetlink_close(struct rtnetlink *rtnetlink)
{
	if (rtnetlink == NULL)
		return;
	if (rtnetlink->descriptor >= 0)
		(void)close(rtnetlink->descriptor);
	links_close(rtnetlink->links);
	free(rtnetlink);
}

int
rtnetlink_descriptor(const struct rtnetlink *rtnetlink)
{
	return rtnetlink->descriptor;
}

struct links *
rtnetlink_links(struct rtnetlink *rtnetlink)
{
	return rtnetlink->links;
}

/* false: it could not be sent, and errno says why. */
static bool
ask(struct rtnetlink *rtnetlink)
{
	uint8_t octets[LINKS_REQUEST];
	struct span_writer w = { octets, sizeof(octets), 0, false };

	links_request(rtnetlink->links, &w);
	if (send(rtnetlink->descriptor, octets, w.n, 0) == (ssize_t)w.n)
		return true;
	links_cannot_ask(rtnetlink->links);
	return false;
}

/*
 * Take one datagram.  Only the kernel has the port number 0, so what others
 * of this host send us is not believed.
 */
static bool
receive_one(struct rtnetlink *rtnetlink, const struct links_user *user)
{
	struct sockaddr_nl from = { .nl_pid = 0 };
	socklen_t n_from = sizeof(from);
	ssize_t n = recvfrom(rtnetlink->descriptor, rtnetlink->octets, ROOM,
	    MSG_TRUNC, (struct sockaddr *)&from, &n_from);

	if (n < 0 && errno == ENOBUFS) {
		links_lost(rtnetlink->links);
		return true;
	}
	if (n < 0)
		return errno == EINTR;
	if (from.nl_pid != 0)
		return true;
	if (n > ROOM)
		links_lost(rtnetlink->links);
	else
		links_take(rtnetlink->links, (struct span){
		    rtnetlink->octets, (size_t)n }, user);
	return true;
}

bool
rtnetlink_fill(struct rtnetlink *rtnetlink, const struct links_user *user)
{
	struct pollfd poll_one = { rtnetlink->descriptor, POLLIN, 0 };
	unsigned asked = 0;

	while (!links_whole(rtnetlink->links)) {
		if (links_wants(rtnetlink->links) &&
		    (asked++ == TRIES || !ask(rtnetlink)))
			break;
		if (poll(&poll_one, 1, ANSWER) <= 0 && errno != EINTR) {
			errno = ETIMEDOUT;
			break;
		}
		(void)receive_one(rtnetlink, user);
	}
	return links_whole(rtnetlink->links);
}

/* The second half of a dump follows the first at once. */
static bool
may_ask(const struct rtnetlink *rtnetlink, long long now)
{
	return links_wants(rtnetlink->links) &&
	    (now - rtnetlink->asked >= PAUSE ||
	    links_is_half(rtnetlink->links));
}

void
rtnetlink_receive(struct rtnetlink *rtnetlink, long long now,
    const struct links_user *user)
{
	for (unsigned n = 0; n < BATCH && receive_one(rtnetlink, user); n++)
		;
	if (!may_ask(rtnetlink, now))
		return;
	if (!links_is_half(rtnetlink->links))
		rtnetlink->asked = now;
	(void)ask(rtnetlink);
}

long long
rtnetlink_due(const struct rtnetlink *rtnetlink, long long now)
{
	long long due = rtnetlink->asked + PAUSE - now;

	if (!links_wants(rtnetlink->links))
		return -1;
	return due > 0 ? due : 0;
}
