#ifndef JSON_H
#define JSON_H

#include "core/span.h"

#include <stddef.h>

/*
 * json.h - texts as JSON has them (RFC 8259).
 */

/*
 * The text in double quotes, escaped; what is no UTF-8 as the code point of
 * that number.  What does not fit into size octets is cut, between two
 * characters.  Answers out.
 */
const char *json_text(const char *text, char *out, size_t size);

/*
 * At most so many of these octets from the wire, likewise; all that is not
 * printable ASCII is escaped, since it need not be text at all.
 */
const char *json_wire(struct span octets, size_t most, char *out,
    size_t size);

/* Octets of the UTF-8 character that text begins with; 0 where it is none. */
size_t json_utf8(const char *text);

#endif
