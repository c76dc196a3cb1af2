#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * guard.h - keep the kernel from answering in our stead.
 *
 * We read frames beside the kernel, which does not know that ports 67 and
 * 4011 are ours: it would tell a client that asks by unicast that nobody is
 * there (ICMP port unreachable), and EDK2 then gives up.  A guard is a UDP
 * socket that holds a port and hears nothing.
 */

/*
 * Hold a UDP port on all addresses.  The descriptor; or -1 and errno, which
 * is EADDRINUSE where another program holds the port (and then the kernel
 * sends no ICMP either).
 *
 * A server that comes later and shares its port (SO_REUSEADDR) can bind it
 * beside the guard, and then gets all the datagrams.
 */
int guard_open(uint16_t port);

/* Make a socket hear nothing, by a filter that drops all; false and errno. */
bool guard_deafen(int descriptor);

#endif
