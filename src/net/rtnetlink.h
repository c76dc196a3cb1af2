#ifndef RTNETLINK_H
#define RTNETLINK_H

#include "net/links.h"

/*
 * rtnetlink.h - the socket on which the kernel tells of links and addresses
 * (rtnetlink(7)), and the table that is kept up from it.
 *
 * Times are milliseconds of the steady clock.
 */

struct rtnetlink;

/* NULL and errno on failure.  The table is empty. */
struct rtnetlink *rtnetlink_open(void);
void rtnetlink_close(struct rtnetlink *rtnetlink);

/* A descriptor to poll(2). */
int rtnetlink_descriptor(const struct rtnetlink *rtnetlink);

/* The table; it lives as long as the socket. */
struct links *rtnetlink_links(struct rtnetlink *rtnetlink);

/*
 * At the start: wait, some seconds at most, until the table is whole.  false
 * and errno on failure.
 */
bool rtnetlink_fill(struct rtnetlink *rtnetlink,
    const struct links_user *user);

/*
 * Take what has come in, up to a number of datagrams.  Where messages were
 * lost, all is asked for again, but only once a second.
 */
void rtnetlink_receive(struct rtnetlink *rtnetlink, long long now,
    const struct links_user *user);

/*
 * Milliseconds until rtnetlink_receive() is due even without an event; -1
 * where it is not.
 */
long long rtnetlink_due(const struct rtnetlink *rtnetlink, long long now);

#endif
