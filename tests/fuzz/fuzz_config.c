#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "report/policy_text.h"
#include "fuzz/fuzz_file.h"

/*
 * fuzz_config.c - any octets as a configuration.
 *
 * What is taken must make a policy that can be printed and warned about, and
 * what is refused must have been complained about.
 */

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static bool
has(const uint8_t *octets, size_t n, const char *text)
{
	return memmem(octets, n, text, strlen(text)) != NULL;
}

/* May a path begin with this slash? */
static bool
is_absolute(const uint8_t *octets, size_t n, size_t i)
{
	return octets[i] == '/' &&
	    (i == 0 || strchr("\"'( \t\r\n", octets[i - 1]) != NULL) &&
	    (i + 1 == n || strchr("/*", octets[i + 1]) == NULL);
}

/*
 * May it read files that are not ours?  Some of those under /dev, which a
 * pattern may name too, wait until somebody writes into them.
 */
static bool
goes_astray(const uint8_t *octets, size_t n)
{
	if (has(octets, n, "/dev") || has(octets, n, "/proc") ||
	    has(octets, n, "/sys"))
		return true;
	if (!has(octets, n, "include"))
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_absolute(octets, n, i))
			return true;
	return has(octets, n, "..");
}

/* A policy that came out of it. */
static void
look_at(const struct config *config)
{
	const struct policy *policy = config_policy(config);
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	fuzz_insist(to != NULL, "no memory");
	policy_text_print(to, policy, true, NULL);
	policy_text_config(to, config);
	(void)fclose(to);
	fuzz_insist(policy->n >= 21, "the built-in rules are missing");
	fuzz_insist(n > 0, "the policy has no text");
	free(text);
}

static void
try_config(const char *path, const struct problem_teller *teller,
    const unsigned *errors)
{
	struct options options = { .config = path };
	struct config *config = config_load(&options, teller);

	if (config == NULL) {
		fuzz_insist(*errors > 0, "refused without a word");
		return;
	}
	fuzz_insist(*errors == 0, "taken, and complained about");
	look_at(config);
	config_free(config);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	if (!goes_astray(octets, n))
		fuzz_file(octets, n, try_config);
	return 0;
}
