#include "config/include.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

enum {
	DEPTH_MAX = 10,			/* files in one another */
	FILES_MAX = 10000,
	TOTAL_MAX = 4 * SOURCE_MAX,	/* octets of all files together */
};

/* What is the same for all files. */
struct run {
	struct memory *memory;
	struct problems *problems;
	struct parser_node *root;
	unsigned files;
	size_t octets;
};

static void read_file(struct run *run, const char *path,
    const struct place *by, unsigned depth);

/* A problem with a file: at the include that names it, if there is one. */
static void
fail_file(struct run *run, const char *path, const struct place *by,
    const char *text)
{
	if (by != NULL)
		problem_error(run->problems, by, "%.200s: %s", path, text);
	else
		problem_plain(run->problems, PROBLEM_ERROR, "%.200s: %s",
		    path, text);
}

/* Is the file one of those that we are in? */
static bool
is_loop(const struct source *source)
{
	for (const struct source *s = source->from; s != NULL; s = s->from)
		if (s->device == source->device && s->inode == source->inode)
			return true;
	return false;
}

/* What keeps a file that was read from being parsed, or NULL. */
static const char *
file_fault(struct run *run, struct source *source, unsigned depth)
{
	if (is_loop(source))
		return "this file includes itself";
	if (depth > DEPTH_MAX)
		return "more than ten files in one another";
	if (run->files == FILES_MAX)
		return "more than 10000 files";
	source->number = ++run->files;
	run->octets += source->n;
	return run->octets <= TOTAL_MAX ? NULL :
	    "the files are larger than 64 MiB together";
}

/* The text of a file; NULL, and it was told. */
static const struct source *
read_source(struct run *run, const char *path, const struct place *by,
    unsigned depth)
{
	struct source *source;
	struct place end;
	const char *fault;
	bool has_nul;

	source = source_read(run->memory, path, by != NULL ? by->source :
	    NULL, &has_nul);
	if (source == NULL) {
		if (errno == ENOMEM)
			run->memory->starved = true;
		else
			fail_file(run, path, by, strerror(errno));
		return NULL;
	}
	if ((fault = file_fault(run, source, depth)) != NULL) {
		fail_file(run, path, by, fault);
		return NULL;
	}
	if (has_nul) {
		end = source_end(source);
		problem_error(run->problems, &end,
		    "a NUL octet, which no text has");
		return NULL;
	}
	return source;
}

/* A directory that is not there has no files; any other error counts. */
static int
is_fatal(const char *path, int error)
{
	(void)path;
	return error != ENOENT && error != ENOTDIR;
}

/* In the order of their names; none at all is no error. */
static void
include_pattern(struct run *run, const char *pattern,
    const struct place *place, unsigned depth)
{
	glob_t found;
	int outcome = glob(pattern, 0, is_fatal, &found);

	if (outcome == GLOB_NOSPACE)
		run->memory->starved = true;
	else if (outcome == GLOB_ABORTED)
		problem_error(run->problems, place, "%.200s: %s",
		    pattern, strerror(errno));
	for (size_t i = 0; outcome == 0 && i < found.gl_pathc; i++)
		read_file(run, found.gl_pathv[i], place, depth);
	globfree(&found);
}

static void
include(struct run *run, const struct parser_node *node, unsigned depth)
{
	const char *path = source_path(run->memory, node->place.source,
	    node->name);

	if (path == NULL)
		return;
	if (strpbrk(node->name, "*?[") != NULL)
		include_pattern(run, path, &node->place, depth);
	else
		read_file(run, path, &node->place, depth);
}

static void
read_file(struct run *run, const char *path, const struct place *by,
    unsigned depth)
{
	struct parser_node own = { .child = NULL }, *node, *next;
	const struct source *source;

	if (run->memory->starved || run->problems->errors > PROBLEMS_TOLD ||
	    (source = read_source(run, path, by, depth)) == NULL)
		return;
	parser_read(source, run->memory, run->problems, &own);
	for (node = own.child; node != NULL; node = next) {
		next = node->next;
		node->next = NULL;
		if (node->is_include)
			include(run, node, depth + 1);
		else
			parser_append(run->root, node);
	}
}

void
include_read(const char *path, struct memory *memory,
    struct problems *problems, struct parser_node *root)
{
	struct run run = { memory, problems, root, 0, 0 };

	read_file(&run, path, NULL, 0);
}
