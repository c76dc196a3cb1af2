#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * onefile.c - a main() for a fuzz target, where there is no fuzzer.
 *
 *   PROGRAM [FILE | DIRECTORY]...
 *
 * Feeds each file, and each file of each directory, to the target once.  With
 * no argument it is the directory of the seeds, $srcdir/fuzz/corpus, or what CORPUS
 * is in the place of corpus.
 */

#ifndef CORPUS
#define CORPUS "corpus"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

enum { INPUT_MAX = 1024 * 1024 };

static unsigned long fed;

static int
fail(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return -1;
}

static int
feed_file(const char *path)
{
	uint8_t *octets = malloc(INPUT_MAX);
	FILE *in = fopen(path, "rb");
	int status = -1;
	size_t n;

	if (octets == NULL || in == NULL) {
		(void)fail(path);
		goto out;
	}
	n = fread(octets, 1, INPUT_MAX, in);
	if (ferror(in) != 0) {
		(void)fail(path);
		goto out;
	}
	(void)LLVMFuzzerTestOneInput(octets, n);
	fed++;
	status = 0;
out:
	if (in != NULL)
		(void)fclose(in);
	free(octets);
	return status;
}

static int
feed_directory(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char name[PATH_MAX];
	int status = 0;

	if (directory == NULL)
		return fail(path);
	while (status == 0 && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path,
		    entry->d_name) >= (int)sizeof(name))
			status = -1;
		else
			status = feed_file(name);
	}
	(void)closedir(directory);
	return status;
}

static int
feed(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return fail(path);
	return S_ISDIR(st.st_mode) ? feed_directory(path) : feed_file(path);
}

int
main(int argc, char *argv[])
{
	const char *srcdir = getenv("srcdir");
	char corpus[PATH_MAX];
	int status = 0;

	if (snprintf(corpus, sizeof(corpus), "%s/fuzz/" CORPUS,
	    srcdir != NULL ? srcdir : ".") >= (int)sizeof(corpus))
		return EXIT_FAILURE;
	if (argc < 2)
		status = feed(corpus);
	for (int i = 1; status == 0 && i < argc; i++)
		status = feed(argv[i]);
	printf("%lu inputs\n", fed);
	return status == 0 && fed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
