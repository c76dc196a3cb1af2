#ifndef VENDOR_H
#define VENDOR_H

#include "core/policy.h"
#include "core/span.h"

/*
 * vendor.h - what goes into option 43 (PXE 2.1 section 2.1, table 2-1).
 *
 * Pure: no I/O, no allocation, no state.
 */

/* "The boot file is named in this OFFER": no menu, no further question. */
struct span vendor_direct(void);

/* The same, with the menu that the Raspberry Pi's ROM looks for. */
struct span vendor_rpi(void);

/*
 * The menu of an OFFER.  Where the files of all items are with us, boot servers
 * are asked by unicast at the address ours.  Where some are elsewhere, they
 * are asked by broadcast, which the address server hears too; it may take the
 * question for the renewal of a lease and answer before us, so there is a
 * list of those whose answers count.  A menu that leaves no room for the list
 * goes without.
 *
 * next_server: of the items that name none.
 */
void vendor_menu(struct writer *w, const struct policy_menu *menu,
    struct in_addr next_server, struct in_addr ours);

/* The item that an ACK is for. */
void vendor_item(struct writer *w, uint16_t type, uint16_t layer);

#endif
