#ifndef VALUE_H
#define VALUE_H

#include "core/match.h"
#include "core/policy.h"

/*
 * value.h - the values of the configuration: from text to what it means.
 *
 * Each reader answers NULL and fills *out, or answers what is wrong with the
 * text, to be put behind it: "arch \"toaster\" is neither ...".  What is
 * read may borrow from the text.
 */

/*
 * Room for octets that stand in hexadecimal in a text: as many as the text
 * is long are enough.
 */
struct value_room {
	uint8_t *octets;
	size_t size;
	size_t n;
};

/* An altname may be so long (ALTIFNAMSIZ in Linux' if.h, without the NUL). */
enum { VALUE_INTERFACE_OCTETS = 127 };

/* A number within these limits: decimal, or hexadecimal after 0x. */
bool value_number(const char *text, unsigned long least, unsigned long most,
    unsigned long *out);

/* A number of octets, with K, M or G (KiB, MiB, GiB) behind it or without. */
const char *value_size(const char *text, unsigned long least,
    unsigned long most, unsigned long *out);

/* A value of a condition, but for MATCH_HOSTS. */
const char *value_match(enum match_key key, const char *text,
    struct value_room *room, struct match_value *out);

/*
 * A hardware address: six octets in hexadecimal, separated by colons, hyphens
 * or nothing, an asterisk for any octet; one at the end, or an end after three
 * octets, for all that are left (52:54:00:*, 525400); or as switches write it,
 * in three groups of four digits (5254.0012.3456, 5254-0012-3456, 5254.00*).
 */
const char *value_mac(const char *text, struct match_mac *out);

/* 00112233-4455-6677-8899-aabbccddeeff, with or without hyphens. */
const char *value_uuid(const char *text, uint8_t out[MATCH_UUID_OCTETS]);

/* An IPv4 address but 0.0.0.0. */
const char *value_address(const char *text, struct in_addr *out);

/* The name of an interface: without blanks and slashes. */
const char *value_interface(const char *text);

/*
 * An IPv4 address in which variables of template.h stand for numbers, such as
 * 10.${vlan}.0.1, or one variable for all of it.
 */
const char *value_address_of(const char *text);

/* An architecture's name or number. */
const char *value_arch(const char *text, uint16_t *out);

/* A boot file name: 1 to 254 octets, with the variables of template.h. */
const char *value_file(const char *text);

/* What URLs begin with, such as http://10.1.0.2:8080/boot/. */
const char *value_http_root(const char *text);

/*
 * A further option: "CODE text WORDS", "CODE hex 0a:0b", or "CODE address
 * A.B.C.D, E.F.G.H"; "CODE WORDS" is text too.  CODE is a number or a name; a
 * name has a type of its own, so "NAME VALUE" is enough.
 */
const char *value_option(const char *text, struct value_room *room,
    struct policy_option *out);

/* The n-th name of an option, or NULL: to list them. */
const char *value_option_name(size_t n);

#endif
