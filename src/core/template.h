#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "core/pxe.h"
#include "core/span.h"

/*
 * template.h - boot file names with variables: ${mac}, ${uuid} and so on.
 *
 * Only values that were checked go in, and none can hold anything but
 * letters, digits, colons and hyphens: no client can write itself a path.
 * Pure: no I/O, no allocation, no state.
 */

enum template_outcome {
	TEMPLATE_DONE,
	TEMPLATE_LATER,		/* a value that only port 4011 will know */
	TEMPLATE_UNKNOWN,	/* a value that this request lacks */
	TEMPLATE_FULL,		/* the result does not fit */
};

/* Where the values come from. */
struct template_values {
	const struct pxe_request *request;
	struct in_addr server;		/* the address that we answer as */
	bool has_next_server;
	struct in_addr next_server;
	bool is_last;			/* a value that is not known now will
					 * never be: not TEMPLATE_LATER */
};

/*
 * Write the text with each ${NAME} replaced: mac, mac-hyphen and mac-plain
 * (lower case hexadecimal with colons, hyphens, nothing), uuid (option 97, in
 * the order of its octets), arch (its name in the registry, or number), vlan
 * (the outermost tag's), ip and ip-hex (the client's address as 10.0.0.5 and
 * 0A000005; on port 4011 only), server (us), next-server, relay (giaddr; not on
 * port 4011), interface, hostname (option 12).  ${NAME:-TEXT} is the text where
 * the request has no such value.
 */
enum template_outcome template_write(struct span_writer *w, const char *text,
    const struct template_values *values);

/*
 * Split *rest at the next ${NAME} or ${NAME:-TEXT}: what stands before it, and
 * what stands in the braces.  false where there is no more, and then *before
 * is all that was left.
 */
bool template_next(struct span *rest, struct span *before, struct span *name);

/* The name of the first ${NAME} that does not exist, or NULL. */
const char *template_fault(const char *text);

/* Does the text have any variable? */
bool template_has_variables(const char *text);

/* The n-th variable's name, or NULL: to list them. */
const char *template_variable(size_t n);

/* Write text; an address in dotted decimal, at most 15 octets. */
void template_write_text(struct span_writer *w, const char *text);
void template_write_dotted(struct span_writer *w, struct in_addr address);

/* Write octets in lower case hexadecimal, separated by a character or 0. */
void template_write_hex(struct span_writer *w, struct span octets,
    char between);

/* Write a UUID as 00112233-4455-6677-8899-aabbccddeeff; 16 octets. */
void template_write_uuid(struct span_writer *w, struct span uuid);

#endif
