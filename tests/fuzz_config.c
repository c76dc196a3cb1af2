#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../src/config.h"
#include "../src/hosts_file.h"
#include "../src/log.h"
#include "../src/report.h"
#include "octets.h"

/*
 * fuzz_config.c - any octets as a configuration, and as a table of hosts.
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

static unsigned long complaints;

static void
count(enum log_level level, const char *text)
{
	(void)text;
	if (level == LOG_LEVEL_ERROR)
		complaints++;
}

static void
insist(bool holds, const char *fault)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_config: %s\n", fault);
	abort();
}

/*
 * Files without an end can be named, and would be read for ever; and where
 * what is included is a directory, libconfuse's scanner ends the process.
 */
static bool
names_files(const uint8_t *octets, size_t n)
{
	return memmem(octets, n, "include", 7) != NULL ||
	    memmem(octets, n, "/dev", 4) != NULL ||
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

	insist(to != NULL, "no memory");
	config_warn(config);
	report_policy(to, policy);
	(void)fclose(to);
	insist(policy->n >= 21, "the built-in rules are missing");
	insist(n > 0, "the policy has no text");
	free(text);
}

static void
try_config(const char *path)
{
	struct options options = { .config = path };
	struct config *config;

	complaints = 0;
	config = config_load(&options);
	if (config == NULL) {
		insist(complaints > 0, "refused without a word");
		return;
	}
	insist(complaints == 0, "taken, and complained about");
	look_at(config);
	config_free(config);
}

static void
try_hosts(const char *path)
{
	const struct hosts *hosts;

	complaints = 0;
	hosts = hosts_file_read(path);
	if (hosts == NULL) {
		insist(complaints == 1, "not one complaint about a host");
		return;
	}
	for (size_t i = 0; i < hosts->slots; i++) {
		const struct host *host = &hosts->slot[i];

		if (host->n == 0)
			continue;
		insist(host->file != NULL && host->file[0] != '\0',
		    "a host without a file");
		insist(hosts_by_key(hosts, (struct span){ host->key,
		    host->n }) == host, "a host that is not found");
	}
	hosts_file_free(hosts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	char path[64];
	int fd;

	if (names_files(octets, n))
		return 0;
	fd = memfd_create("config", MFD_CLOEXEC);
	if (fd < 0 || write(fd, octets, n) != (ssize_t)n) {
		perror("memfd");
		exit(2);
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	log_redirect(count);
	/* libconfuse takes a NUL for the end of a word or of the file. */
	if (memchr(octets, '\0', n) == NULL)
		try_config(path);
	try_hosts(path);
	log_redirect(NULL);
	(void)close(fd);
	return 0;
}
