#include "fuzz/fuzz_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_OCTETS = 64 };

static char directory[] = "/tmp/fuzz-file-XXXXXX";
static bool has_directory;

void
fuzz_insist(bool holds, const char *fault)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_file: %s\n", fault);
	abort();
}

static const char *
path_of(const char *name, char out[PATH_OCTETS])
{
	(void)snprintf(out, PATH_OCTETS, "%s/%s", directory, name);
	return out;
}

static void
write_file(const char *name, const uint8_t *octets, size_t n)
{
	char path[PATH_OCTETS];
	FILE *out = fopen(path_of(name, path), "wb");

	if (out == NULL || fwrite(octets, 1, n, out) != n ||
	    fclose(out) != 0) {
		perror(path);
		exit(2);
	}
}

static void
clean_up(void)
{
	char path[PATH_OCTETS];

	(void)unlink(path_of("c", path));
	(void)unlink(path_of("part.conf", path));
	(void)rmdir(directory);
}

static void
make_directory(void)
{
	static const char part[] = "rule \"part\" { arch = 7 }\n";

	if (has_directory)
		return;
	if (mkdtemp(directory) == NULL) {
		perror(directory);
		exit(2);
	}
	has_directory = true;
	(void)atexit(clean_up);
	write_file("part.conf", (const uint8_t *)part, strlen(part));
}

/* A problem has a text, and a caret that stands under its line. */
static void
look_at(void *with, const struct problem *problem)
{
	unsigned *errors = with;

	fuzz_insist(problem->text != NULL && problem->text[0] != '\0',
	    "a problem without a text");
	fuzz_insist((problem->line == NULL) == (problem->caret == NULL),
	    "a line without a caret");
	if (problem->line != NULL) {
		fuzz_insist(strlen(problem->line) < 600, "a line not cut");
		fuzz_insist(strspn(problem->caret, " ") + 1 ==
		    strlen(problem->caret), "a caret among others");
		for (const char *c = problem->line; *c != '\0'; c++)
			fuzz_insist((unsigned char)*c >= ' ' && *c != 0x7f,
			    "a control character in a line");
	}
	*errors += problem->severity == PROBLEM_ERROR;
}

void
fuzz_file(const uint8_t *octets, size_t n,
    void (*try)(const char *path, const struct problem_teller *teller,
    const unsigned *errors))
{
	unsigned errors = 0;
	const struct problem_teller teller = { look_at, &errors };
	char path[PATH_OCTETS];

	make_directory();
	write_file("c", octets, n);
	try(path_of("c", path), &teller, &errors);
}
