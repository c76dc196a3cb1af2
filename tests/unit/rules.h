#ifndef RULES_H
#define RULES_H

#include "core/policy.h"

/*
 * rules.h - conditions of rules as constants, for tables:
 *
 *   { .name = "UEFI", MATCHES(MATCH_(ARCH, IS_ARCH(7), IS_ARCH(9))) }
 */

#define TEXT_SPAN(literal) \
	{ (const uint8_t *)(literal), sizeof(literal) - 1 }

#define IS_ARCH(number_) \
	{ .text = #number_, .is.arch = { .number = (number_) } }
#define IS_FAMILY(family_) \
	{ .text = #family_, .is.arch = { .is_family = true, \
	    .family = (family_) } }
#define IS_CLIENT(client_) \
	{ .text = #client_, .is.client = MATCH_CLIENT_##client_ }
#define IS_TEXT(literal) \
	{ .text = (literal), .is.text_or_hex = { TEXT_SPAN(literal), false, \
	    0 } }
#define IS_OPEN_TEXT(literal) \
	{ .text = (literal), .is.text_or_hex = { TEXT_SPAN(literal), true, 0 } }
#define IS_MAC(...) \
	{ .text = #__VA_ARGS__, .is.mac = { { __VA_ARGS__ }, \
	    { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } } }
#define IS_OUI4(a, b, c, d) \
	{ .text = #a #b #c #d, .is.mac = { { a, b, c, d, 0, 0 }, \
	    { 0xff, 0xff, 0xff, 0xff, 0, 0 } } }
#define IS_NUMBER(number_) \
	{ .text = #number_, .is.number = (number_) }

#define IS_VLAN(number_) \
	{ .text = #number_, .is.range = { (number_), (number_) } }
#define IS_RANGE(low_, high_) \
	{ .text = #low_ "-" #high_, .is.range = { (low_), (high_) } }
#define IS_OPTION(code_, literal, open_) \
	{ .text = (literal), .is.text_or_hex = { TEXT_SPAN(literal), (open_), \
	    (code_) } }

#define VALUES_(...) (const struct match_value[]){ __VA_ARGS__ }
#define MATCH_(key_, ...) \
	{ .key = MATCH_##key_, .value = VALUES_(__VA_ARGS__), \
	    .n = sizeof(VALUES_(__VA_ARGS__)) / sizeof(struct match_value) }
#define NOT_(key_, ...) \
	{ .key = MATCH_##key_, .negated = true, \
	    .value = VALUES_(__VA_ARGS__), \
	    .n = sizeof(VALUES_(__VA_ARGS__)) / sizeof(struct match_value) }

#define CONDITIONS_(...) (const struct match[]){ __VA_ARGS__ }
#define MATCHES(...) \
	.match = CONDITIONS_(__VA_ARGS__), \
	.n_match = sizeof(CONDITIONS_(__VA_ARGS__)) / sizeof(struct match)

#endif
