#include "net/watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

int
watch_open(void)
{
	int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, NETLINK_ROUTE);
	struct sockaddr_nl local = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR,
	};
	int error;

	if (descriptor < 0)
		return -1;
	if (bind(descriptor, (const struct sockaddr *)&local,
	    sizeof(local)) == 0)
		return descriptor;
	error = errno;
	(void)close(descriptor);
	errno = error;
	return -1;
}

bool
watch_changed(int descriptor)
{
	char octets[8192];
	bool changed = false;

	for (;;) {
		ssize_t n = recv(descriptor, octets, sizeof(octets), 0);

		if (n < 0 && errno == EINTR)
			continue;
		/* ENOBUFS: more was said than fitted. */
		if (n > 0 || (n < 0 && errno == ENOBUFS))
			changed = true;
		else
			return changed;
	}
}
