#ifndef CONFIG_H
#define CONFIG_H

#include "config/options.h"
#include "config/problem.h"
#include "core/policy.h"

/*
 * config.h - the configuration file and the command line make a policy.
 *
 * pxeproxyd.conf(5) has the words.
 */

struct config;

enum {
	CONFIG_CLIENT_RATE = 20,	/* answers a second, by default */
	CONFIG_TOTAL_RATE = 20000,
	CONFIG_RING_OCTETS = 32 << 20,
};

/* Answers a second; 0: no limit. */
struct config_rates {
	unsigned client, total;
};

/* What is said of one interface. */
struct config_interface {
	const char *name;
	bool has_address;
	struct in_addr address;		/* the one that answers come from */
	bool promiscuous;		/* as said for it, else for all */
};

/* How requests come in. */
struct config_capture {
	size_t ring_octets;		/* for all interfaces together */
	bool promiscuous;		/* where an interface has no section */
	bool observe;			/* what others send, for the diagnosis */
	const struct config_interface *interface;
	size_t n;
};

/*
 * Make the policy: the rules of the file (none where options->config is
 * NULL), then the built-in ones; --next-server and --bootfile-name win over
 * the file's.  The teller is told of what is wrong with it, and of what is
 * hardly meant so.
 *
 * NULL after an error, which was told.  The caller frees the result with
 * config_free().
 */
struct config *config_load(const struct options *options,
    const struct problem_teller *teller);

/* The policy, which lives as long as the configuration. */
const struct policy *config_policy(const struct config *config);

/* How many answers a client may have. */
const struct config_rates *config_rates(const struct config *config);

/* How requests come in, and the section of one interface or NULL. */
const struct config_capture *config_capture(const struct config *config);
const struct config_interface *config_interface(const struct config *config,
    const char *name);

void config_free(struct config *config);

#endif
