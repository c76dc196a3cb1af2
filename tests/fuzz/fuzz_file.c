#include "fuzz/fuzz_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/log.h"

static unsigned long complaints;

static void
count(enum log_level level, const char *text)
{
	(void)text;
	if (level == LOG_LEVEL_ERROR)
		complaints++;
}

void
fuzz_insist(bool holds, const char *fault)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_file: %s\n", fault);
	abort();
}

void
fuzz_file(const uint8_t *octets, size_t n,
    void (*try)(const char *path, const unsigned long *complaints))
{
	int fd = memfd_create("octets", MFD_CLOEXEC);
	char path[64];

	if (fd < 0 || write(fd, octets, n) != (ssize_t)n) {
		perror("memfd");
		exit(2);
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	complaints = 0;
	log_redirect(count);
	try(path, &complaints);
	log_redirect(NULL);
	(void)close(fd);
}
