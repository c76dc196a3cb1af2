#ifndef PROBE_WIRE_H
#define PROBE_WIRE_H

#include "diagnosis/diagnosis.h"

/*
 * probe_wire.h - what a probe sends on its interface, and what it hears there.
 *
 * All of it is told to the diagnosis, and kept in a savefile if that is
 * wanted.  The machine that is played has an Ethernet address of its own, and
 * may have an IPv4 address, for which ARP requests are answered here.  Times
 * are milliseconds of the steady clock.
 */

struct probe_wire;

/* Where it is opened. */
struct probe_wire_place {
	const char *interface;
	const char *savefile;		/* or NULL */
	const uint8_t *mac;		/* of the machine that is played; NULL:
					 * like the interface's own */
	bool as_host;			/* it is this host that asks, as a
					 * relay */
	uint16_t vlan;			/* all goes with this tag; 0: none */
};

/* NULL on failure, and a line of the log says what. */
struct probe_wire *probe_wire_open(const struct probe_wire_place *place);
void probe_wire_close(struct probe_wire *wire);

/* Whom it plays. */
const uint8_t *probe_wire_mac(const struct probe_wire *wire);

/* The interface's own. */
const uint8_t *probe_wire_own_mac(const struct probe_wire *wire);

/* The next frames are of this diagnosis; NULL: of none. */
void probe_wire_tell(struct probe_wire *wire, struct diagnosis *diagnosis);

/* From now on it has this address; 0.0.0.0: none. */
void probe_wire_address(struct probe_wire *wire, struct in_addr address);

/* Is it an address of the interface itself? */
bool probe_wire_is_own(const struct probe_wire *wire, struct in_addr address);

/* Is it in one of the interface's networks? */
bool probe_wire_is_near(const struct probe_wire *wire, struct in_addr address);

/* The host's router on this interface; false: it has none. */
bool probe_wire_router(const struct probe_wire *wire, struct in_addr *out);

/* Would the machine get the frame, by its VLAN tag? */
bool probe_wire_is_same_link(const struct probe_wire *wire,
    const struct frame *frame);

/* A datagram; to NULL is everybody.  Ports in host order. */
struct probe_datagram {
	const uint8_t *to;
	struct in_addr source, destination;
	uint16_t source_port, destination_port;
	struct span payload;
};

/* false: it could not be sent, and a line of the log says why. */
bool probe_wire_send(struct probe_wire *wire,
    const struct probe_datagram *datagram);

/* A frame that is sent behind the headers of Ethernet, of this type. */
bool probe_wire_send_raw(struct probe_wire *wire, const uint8_t *to,
    uint16_t type, struct span payload);

/* What is heard: answers whether it is enough. */
typedef bool probe_wire_take(void *context, struct span octets,
    const struct event *event);

enum probe_wire_end {
	PROBE_WIRE_TAKEN,	/* take() said that it is enough */
	PROBE_WIRE_TIME,	/* the time is over */
	PROBE_WIRE_STOP,	/* a signal, or the interface: logged */
};

/* Hear what comes in up to this time. */
enum probe_wire_end probe_wire_hear(struct probe_wire *wire, int64_t until,
    probe_wire_take *take, void *context);

/* What the steady clock says. */
int64_t probe_wire_now(void);

/* Frames that were sent and heard so far. */
unsigned long probe_wire_frames(const struct probe_wire *wire);

/*
 * The Ethernet address of a neighbour, asked for by ARP so often, a second
 * apart (RFC 826).  PROBE_WIRE_TAKEN, and *out is filled, where it answers.
 */
enum probe_wire_end probe_wire_look(struct probe_wire *wire,
    struct in_addr address, unsigned tries, uint8_t out[FRAME_MAC]);

#endif
