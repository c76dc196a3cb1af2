#ifndef CONFIG_H
#define CONFIG_H

#include "config/options.h"
#include "core/policy.h"

/*
 * config.h - the configuration file and the command line make a policy.
 *
 * The grammar is libconfuse's; pxeproxyd.conf(5) has the words.
 */

struct config;

enum {
	CONFIG_CLIENT_RATE = 20,	/* answers a second, by default */
	CONFIG_TOTAL_RATE = 20000,
};

/* Answers a second; 0: no limit. */
struct config_rates {
	unsigned client, total;
};

/*
 * Make the policy: the rules of the file (none where options->config is
 * NULL), then the built-in ones; --next-server and --bootfile-name win over
 * the file's.
 *
 * NULL after an error, which was logged with file and line.  The caller
 * frees the result with config_free().
 */
struct config *config_load(const struct options *options);

/* The policy, which lives as long as the configuration. */
const struct policy *config_policy(const struct config *config);

/* How many answers a client may have. */
const struct config_rates *config_rates(const struct config *config);

/*
 * Warn of rules of the file that can never match, because an earlier one
 * takes all that they would.
 */
void config_warn(const struct config *config);

void config_free(struct config *config);

#endif
