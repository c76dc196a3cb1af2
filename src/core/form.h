#ifndef FORM_H
#define FORM_H

#include "core/arch.h"
#include "core/pxe.h"
#include "core/span.h"

/*
 * form.h - the forms of an answer, each one row of a table.
 *
 * A form says how the answer to a client looks: what siaddr names, what goes
 * into option 43 (PXE 2.1 section 2.1, table 2-1), whether the client asks
 * us again on port 4011.  Pure: no I/O, no allocation, no state.
 */

enum form {
	FORM_DEFAULT,		/* the one that suits the client */
	FORM_BINL,		/* sends the client to our port 4011 */
	FORM_DIRECT,		/* all in the OFFER, and option 43 says so */
	FORM_IPXE,		/* all in the OFFER, with iPXE's priority */
	FORM_PAIRED,		/* two OFFERs: binl, then direct */
	FORM_HTTP,		/* HTTP Boot: a URL in the OFFER */
	FORM_PLAIN,		/* all in the OFFER, without option 43 */
	FORM_RPI,		/* direct, as the Raspberry Pi's ROM wants it;
				 * others than that ROM get FORM_DEFAULT */
	FORM_MENU,		/* a PXE menu; the choice goes to port 4011 */
	FORM_LOCAL,		/* boot from the local disk: a menu of that
				 * item alone, or no answer */
	FORM_REDIRECT,		/* no OFFER: the address server sends them to
				 * our port 4011 */
	FORM_AUTO,		/* binl and direct in turn as secs grows */
	FORM_COUNT		/* how many there are; no form itself */
};

enum {
	FORM_ITEMS_MAX = 24,	/* menu items that EDK2 reads */
	FORM_TEXT_MAX = 70,	/* octets of a menu text that it shows */
	FORM_FIRST_ITEM = 0x8000,	/* boot server types of our own: PXE
					 * 2.1 leaves those to vendors */
};

/* An entry of a PXE menu. */
struct form_item {
	const char *text;
	const char *file;		/* NULL: boot from the local disk */
	bool has_next_server;
	struct in_addr next_server;
};

struct form_menu {
	const char *prompt;
	uint8_t timeout;	/* seconds; 0: the first item at once, 255:
				 * wait */
	const struct form_item *item;
	size_t n;
};

/* The kinds of client that forms suit, as bits. */
enum form_kind {
	FORM_FOR_HTTP = 1 << 0,		/* HTTP Boot clients */
	FORM_FOR_IPXE = 1 << 1,
	FORM_FOR_BIOS = 1 << 2,
	FORM_FOR_UEFI = 1 << 3,
	FORM_FOR_UBOOT = 1 << 4,
	FORM_FOR_OTHER = 1 << 5,	/* Open Firmware, s390 and so on */
};

enum form_siaddr {
	FORM_SIADDR_OURS,		/* so that the client asks us on port
					 * 4011 */
	FORM_SIADDR_NEXT_SERVER,
};

/* What option 43 of an answer is made of. */
struct form_vendor {
	const struct form_menu *menu;	/* of FORM_MENU */
	struct in_addr next_server;	/* of the items that name none */
	struct in_addr ours;		/* the address that we answer as */
	bool has_item;			/* the client names an item */
	uint16_t item, layer;		/* that item: its type and layer */
};

/* All there is to a form. */
struct form_row {
	const char *name;		/* the word of the configuration */
	unsigned suits;			/* of enum form_kind: who gets it where
					 * no rule names a form */
	enum form_siaddr siaddr;	/* of the OFFER; an ACK always has the
					 * next-server */
	/* Option 43 of the OFFER and of the ACK; NULL: it has none. */
	void (*write_offer)(struct span_writer *w,
	    const struct form_vendor *from);
	void (*write_ack)(struct span_writer *w,
	    const struct form_vendor *from);
	enum form second;		/* of a second OFFER; FORM_DEFAULT:
					 * there is none */
	bool priority;			/* iPXE prefers it to the lease's file:
					 * option 175 sub-option 1 */
	bool asks_4011;			/* the OFFER can lead to port 4011 */
	bool file_may_wait;		/* a file that is known on port 4011
					 * only: the OFFER goes without, as
					 * FORM_BINL */
	bool file_may_lack;		/* the client knows what to fetch */
	bool no_offer;			/* answers on port 4011 alone */
	bool no_file;			/* an OFFER without file, and no ACK */
	bool file_is_its;		/* the rule's file is for this form
					 * alone: who gets another one gets the
					 * usual file */
	bool http_alone;		/* for HTTP Boot clients only */
	bool has_menu;			/* an OFFER has a menu and no file */
	bool takes_others;		/* fits clients that are no PXE
					 * clients */
};

/* The row of a form. */
const struct form_row *form_row(enum form form);

/* Such as "binl"; "default" for FORM_DEFAULT. */
const char *form_name(enum form form);

/* The form of that name, or FORM_COUNT where there is none. */
enum form form_by_name(const char *name);

/* The form that clients of this kind get where no rule names one. */
enum form form_by_kind(enum form_kind kind);

/* The kind of clients with firmware of this family. */
enum form_kind form_kind_of(enum arch_family family);

/*
 * The form in which a request is answered where its rule asks for this one:
 * never FORM_DEFAULT or FORM_AUTO.  HTTP Boot clients take FORM_HTTP alone,
 * so they get it whatever the rule asks for, but for FORM_REDIRECT.
 */
enum form form_choose(enum form wanted, const struct pxe_request *request);

/*
 * Can an answer tell this client to boot from its local disk?  A BIOS ROM takes
 * a menu of that item alone.  EFI firmware goes on to the next entry of its
 * boot order where nobody answers, and drops such a menu.
 */
bool form_can_tell_local(const struct pxe_request *request);

#endif
