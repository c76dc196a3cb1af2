#ifndef POLICY_H
#define POLICY_H

#include "core/form.h"
#include "core/hosts.h"
#include "core/match.h"
#include "core/pxe.h"
#include "core/verdict.h"

/*
 * policy.h - what do we give to whom?
 *
 * A policy is a list of rules.  The first one that matches a request decides;
 * the built-in rules are the last ones.  Pure: no I/O, no allocation, no
 * state, and the policy is const.
 */

enum {
	POLICY_FILE_MAX = 254,	/* octets of a boot file name: with its NUL it
				 * fits into option 67 */
};

/* A further option to send. */
struct policy_option {
	uint8_t code;
	struct span value;
};

/*
 * A site: what a rule leaves open for the clients that the site matches.  The
 * first site that matches counts.
 */
struct policy_site {
	const char *name;
	const char *origin;		/* file and line */
	const struct match *match;
	size_t n_match;

	bool has_next_server;
	struct in_addr next_server;
	const char *next_server_text;	/* instead: with variables, or NULL */
	const char *http_root;		/* may have variables; or NULL */
	const struct policy_option *option;
	size_t n_option;
};

/*
 * A rule: what it matches, what it answers.  All its conditions must hold;
 * one without any matches everyone.
 */
struct policy_rule {
	const char *name;
	const char *origin;		/* file and line, or "built-in" */
	bool is_own;			/* of the file, not built in */
	const struct match *match;
	size_t n_match;

	bool ignore;			/* answer nothing */
	bool has_next_server;
	struct in_addr next_server;
	const char *next_server_text;	/* instead: with variables, or NULL */
	const char *http_root;		/* what URLs of HTTP Boot begin with;
					 * may have variables; or NULL */
	const char *file;		/* may have variables; NULL: the
					 * policy's, else the usual one */
	const struct hosts_table *hosts;	/* has file and next-server, or
						 * NULL */
	enum form form;
	const struct form_menu *menu;	/* for FORM_MENU, else NULL */
	const struct policy_option *option;
	size_t n_option;
	uint16_t min_secs;		/* answer a DISCOVER from then on */
	uint16_t delay;			/* milliseconds before an OFFER */
};

/*
 * What can be said of a rule at a glance, so that a thousand rules for single
 * machines, or a dozen for rare ones, cost no more than their comparisons: a
 * request that fails this fails the rule.
 */
struct policy_glance {
	uint64_t mac_mask;		/* frame_mac_word(); 0: any MAC */
	uint64_t mac_value;
	uint64_t archs;			/* bits of match_arch_bit() */
	unsigned traits;		/* of enum match_trait, all needed */
};

/* Networks; none at all stands for every address. */
struct policy_networks {
	const struct match_network *network;
	size_t n;
};

struct policy {
	const struct policy_rule *rule;	/* in the order of evaluation; the
					 * last one is for everybody */
	const struct policy_glance *glance;	/* as many; or NULL: none */
	size_t n;
	bool has_next_server;		/* else our own address */
	struct in_addr next_server;
	const char *next_server_origin;	/* file and line, or an option of the
					 * command line; or NULL */
	const char *file;		/* NULL: each architecture's usual one */
	const char *file_origin;
	const char *http_root;		/* NULL: http://NEXT-SERVER/ */
	const char *http_root_origin;
	const char *option_origin;	/* of the first option */
	const struct policy_option *option;
	size_t n_option;
	const struct policy_site *site;	/* in the order of evaluation */
	size_t n_site;
	bool has_default_arch;		/* for clients that name none */
	uint16_t default_arch;
	struct pxe_classes classes;	/* who is a client */
	struct policy_networks allow_relay;	/* giaddr must be in one */
	struct policy_networks allow_client;	/* on port 4011 */
};

/* Where a part of an answer comes from. */
enum policy_source {
	POLICY_FROM_RULE,
	POLICY_FROM_HOST,	/* the line of the rule's table of hosts */
	POLICY_FROM_ITEM,	/* of the rule's menu */
	POLICY_FROM_SITE,
	POLICY_FROM_TOP,	/* outside of all sections, or command line */
	POLICY_FROM_ARCH,	/* built in: the usual file of it */
	POLICY_FROM_US,		/* built in: our own address */
	POLICY_FROM_SERVER,	/* built in: a URL made of the next-server */
	POLICY_SOURCES
};

/* What a client gets. */
struct policy_decision {
	const struct policy *policy;	/* or NULL, and then no site either */
	const struct policy_site *site;	/* the first that matches, or NULL;
					 * asked for only if there is a need */
	const struct hosts_entry *host;	/* the client's line, or NULL */
	enum policy_source file_from, next_server_from;
	enum policy_source http_root_from;	/* POLICY_SOURCES: no URL was
						 * made */
	const char *http_root;	/* NULL: http://NEXT-SERVER/ */
	const struct policy_rule *rule;	/* never NULL in an answer */
	enum form form;		/* as answered: never DEFAULT, AUTO */
	struct in_addr next_server;
	char file[POLICY_FILE_MAX + 1];	/* boot file name, or URL */
	size_t n;			/* octets of it, without the NUL; 0: a
					 * menu, or known on port 4011 only */
	const struct form_menu *menu;	/* for FORM_MENU */
	uint16_t item;			/* the item's type, in an ACK */
};

/*
 * Decide on a request that reached us at the address ours.
 *
 * true, and *out is filled, where there is something to give.  Otherwise
 * false, *out->rule says which rule decided (NULL: none) and *why is
 * VERDICT_NOT_PXE, _LEASE_REQUEST, _IGNORED, _TOO_SOON, _REDIRECT, _NO_ARCH,
 * _ARCH_UNKNOWN, _ARCH_NO_FILE, _NOT_HTTP_CLIENT, _NO_ITEM, _NO_VALUE,
 * _BAD_NEXT_SERVER or _FILE_LONG.
 *
 * A rule with the form FORM_DEFAULT gives HTTP Boot clients FORM_HTTP,
 * iPXE FORM_IPXE, UEFI clients FORM_BINL, U-Boot FORM_PLAIN, and
 * everyone else FORM_DIRECT.  HTTP Boot clients always get FORM_HTTP:
 * they take no other.  Where the file is not a URL by itself they get
 * http://NEXT-SERVER/FILE.  Clients without an accepted vendor class are
 * answered only by rules of the form FORM_PLAIN that have a condition.
 */
bool policy_decide(const struct policy *policy,
    const struct pxe_request *request, struct in_addr ours,
    struct policy_decision *out, enum verdict *why);

/*
 * May the request be answered at all?  false, and *why is
 * VERDICT_RELAY_NOT_ALLOWED or VERDICT_CLIENT_NOT_ALLOWED, where the relay
 * (giaddr) or the client that asks port 4011 is in no allowed network.
 */
bool policy_allows(const struct policy *policy,
    const struct pxe_request *request, enum verdict *why);

/* Does the rule match the request? */
bool policy_matches(const struct policy_rule *rule,
    const struct pxe_request *request);

/*
 * The first condition that keeps the rule from matching; NULL where it
 * matches, or is not for clients of this kind at all.
 */
const struct match *policy_obstacle(const struct policy_rule *rule,
    const struct pxe_request *request);

/*
 * Did the client's own MAC address decide?  In a condition of the rule, or in
 * its table of hosts.
 */
bool policy_is_by_mac(const struct policy_decision *decision);

/*
 * The rule of the file for one MAC address that differs from this one by at
 * most POLICY_NEARBY in its last octet, as those of the cards of one machine
 * do, and that address in out[]; NULL: there is none.
 */
enum { POLICY_NEARBY = 3 };
const struct policy_rule *policy_nearby(const struct policy *policy,
    const uint8_t mac[FRAME_MAC], uint8_t out[FRAME_MAC]);

/* What can be said of a rule at a glance. */
struct policy_glance policy_glance_at(const struct policy_rule *rule);

/*
 * The i-th list of further options: the rule's, the site's, those outside of
 * all sections.  An option of an earlier list replaces those of its number in
 * later ones.  0 and NULL where there are none.
 */
enum { POLICY_LISTS = 3 };
const struct policy_option *policy_options(
    const struct policy_decision *decision, unsigned i, size_t *n);

/* Has a list before this one an option of that number? */
bool policy_has_option(const struct policy_decision *decision,
    unsigned before, uint8_t code);

/* Such as "rule". */
const char *policy_source_name(enum policy_source source);

/* Does the rule match every request that the other one does? */
bool policy_covers(const struct policy_rule *rule,
    const struct policy_rule *other);

#endif
