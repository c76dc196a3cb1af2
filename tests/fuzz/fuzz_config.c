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
const char *__asan_default_options(void);

/*
 * libconfuse forgets a text that does not end without freeing it; we end
 * then, so that it does not matter.
 */
const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* Some of the files there wait until somebody writes into them. */
static bool
names_devices(const uint8_t *octets, size_t n)
{
	return memmem(octets, n, "/dev", 4) != NULL ||
	    memmem(octets, n, "/proc", 5) != NULL ||
	    memmem(octets, n, "/sys", 4) != NULL;
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
	config_warn(config);
	policy_text_print(to, policy, NULL);
	(void)fclose(to);
	fuzz_insist(policy->n >= 21, "the built-in rules are missing");
	fuzz_insist(n > 0, "the policy has no text");
	free(text);
}

static void
try_config(const char *path, const unsigned long *complaints)
{
	struct options options = { .config = path };
	struct config *config = config_load(&options);

	if (config == NULL) {
		fuzz_insist(*complaints > 0, "refused without a word");
		return;
	}
	fuzz_insist(*complaints == 0, "taken, and complained about");
	look_at(config);
	config_free(config);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	if (!names_devices(octets, n))
		fuzz_file(octets, n, try_config);
	return 0;
}
