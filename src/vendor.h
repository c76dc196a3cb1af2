#ifndef VENDOR_H
#define VENDOR_H

#include "policy.h"
#include "span.h"

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
 * The menu of an OFFER.  with_list: boot servers are asked by unicast at the
 * address ours, and then they must serve the files there too; otherwise by
 * broadcast, and the files may be anywhere.
 */
void vendor_menu(struct writer *w, const struct policy_menu *menu,
    struct in_addr ours, bool with_list);

/* The item that an ACK is for. */
void vendor_item(struct writer *w, uint16_t type, uint16_t layer);

#endif
