#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * guard.h - keep the kernel from sending ICMP port unreachable.
 *
 * We capture frames, so the kernel does not know that we serve ports 67 and
 * 4011.  To a request that was sent to our address it would answer that the
 * port is unreachable, and EDK2 would give up.  A guard is a UDP socket that
 * holds a port and receives nothing.
 */

/*
 * Hold a UDP port on all addresses.  Answers the descriptor; or -1 and errno,
 * which is EADDRINUSE if another program holds the port (then the kernel sends
 * no ICMP either).
 *
 * A server that starts later and shares the port (SO_REUSEADDR) can bind it
 * too, and then receives all the datagrams.
 */
int guard_open(uint16_t port);

/* Attach a filter that drops everything; false and errno on failure. */
bool guard_deafen(int descriptor);

#endif
