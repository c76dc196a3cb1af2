#include "daemon/events.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>

int
events_open(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

bool
events_watch(int events, int descriptor, uint32_t number)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = number };

	if (epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event) == 0)
		return true;
	return errno == EEXIST &&
	    epoll_ctl(events, EPOLL_CTL_MOD, descriptor, &event) == 0;
}

void
events_ignore(int events, int descriptor)
{
	(void)epoll_ctl(events, EPOLL_CTL_DEL, descriptor, NULL);
}

int
events_wait(int events, int ms, uint32_t number[EVENTS_AT_ONCE])
{
	struct epoll_event event[EVENTS_AT_ONCE];
	int n = epoll_wait(events, event, EVENTS_AT_ONCE, ms);

	for (int i = 0; i < n; i++)
		number[i] = event[i].data.u32;
	return n;
}
