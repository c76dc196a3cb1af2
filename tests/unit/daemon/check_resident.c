#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/resident.h"
#include "unit/suite.h"

enum {
	HEAP = 4 * 1024 * 1024, PIECE = 1024, KEPT = 100,
	SMAPS_OCTETS = 1024 * 1024,
};

/* One of each kind of memory: written, constant, and changed at the start. */
static int counter = 41;
static const char *const words[] = { "text", "constants", "data" };

struct mapping {
	uintptr_t start, end;
	bool is_heap;
	bool is_text;			/* or constants: a file, not written */
};

static bool
read_mapping(const char *line, struct mapping *out)
{
	char rights[5] = "";
	unsigned long inode;

	if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*x %*x:%*x %lu",
	    &out->start, &out->end, rights, &inode) != 4)
		return false;
	out->is_heap = strstr(line, "[heap]") != NULL;
	out->is_text = inode != 0 && rights[0] == 'r' && rights[1] != 'w';
	return true;
}

/*
 * Resident KiB of the heap, or of text and constants.  All is read before any
 * of it is understood: what does that is mapped by it, sixteen pages at a time.
 */
static unsigned long
resident(bool of_heap)
{
	static char text[SMAPS_OCTETS + 1];
	int maps = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got;
	char *rest = text;
	unsigned long sum = 0, kib;
	struct mapping mapping = { 0 };

	while ((got = read(maps, text + n, SMAPS_OCTETS - n)) > 0)
		n += (size_t)got;
	ck_assert_int_eq(close(maps), 0);
	ck_assert_uint_lt(n, SMAPS_OCTETS);
	text[n] = '\0';
	for (char *line; (line = strtok_r(rest, "\n", &rest)) != NULL;) {
		(void)read_mapping(line, &mapping);
		if (sscanf(line, "Rss: %lu", &kib) == 1 &&
		    (of_heap ? mapping.is_heap : mapping.is_text))
			sum += kib;
	}
	return sum;
}

/* A process that was forked has mapped none of its text yet. */
static void
touch_all(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	struct mapping mapping;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (!read_mapping(line, &mapping) || !mapping.is_text)
			continue;
		for (uintptr_t at = mapping.start; at < mapping.end;
		    at += page)
			(void)*(volatile const char *)at;
	}
	(void)fclose(maps);
}

START_TEST(test_files)
{
	unsigned long before, after;

	counter++;
	touch_all();
	before = resident(false);
	resident_trim();
	after = resident(false);
	ck_assert_uint_lt(after, before / 2);
	ck_assert_int_eq(counter, 42);
	ck_assert_str_eq(words[0], "text");
	ck_assert_str_eq(words[2], "data");
}
END_TEST

#ifndef INSTRUMENTED			/* sanitizers have a heap of their own */

/* What is free goes, though something in use is behind it. */
START_TEST(test_heap)
{
	enum { PIECES = HEAP / PIECE };
	static char *piece[PIECES];
	unsigned long before;

	for (size_t i = 0; i < PIECES; i++) {
		ck_assert_ptr_nonnull(piece[i] = malloc(PIECE));
		memset(piece[i], (int)i, PIECE);
	}
	for (size_t i = KEPT; i < PIECES - KEPT; i++)
		free(piece[i]);
	before = resident(true);
	resident_trim();
	ck_assert_uint_lt(resident(true), before);
	for (size_t i = 0; i < PIECES; i++) {
		if (i >= KEPT && i < PIECES - KEPT)
			continue;
		for (size_t j = 0; j < PIECE; j++)
			ck_assert_int_eq(piece[i][j], (char)i);
		free(piece[i]);
	}
}
END_TEST

#endif

/* In a child that its parent traces. */
static int
trim_traced(void)
{
	unsigned long before;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		return 2;
	touch_all();
	before = resident(false);
	resident_trim();
	return resident(false) < before ? 1 : 0;
}

START_TEST(test_traced)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(trim_traced());
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("resident");
	TCase *tc = tcase_create("resident");

	tcase_add_test(tc, test_files);
#ifndef INSTRUMENTED
	tcase_add_test(tc, test_heap);
#endif
	tcase_add_test(tc, test_traced);
	suite_add_tcase(s, tc);
	return s;
}
