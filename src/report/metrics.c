#include "report/metrics.h"

#include "report/status_metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READABLE = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH };

/* A file of our own, and no other's: O_EXCL refuses links and what is there. */
static int
create(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    READABLE);
}

/* What is there already was left by a daemon that was killed. */
static FILE *
open_new(const char *path)
{
	int descriptor = create(path);
	FILE *to;

	if (descriptor < 0 && errno == EEXIST && unlink(path) == 0)
		descriptor = create(path);
	if (descriptor < 0)
		return NULL;
	to = fchmod(descriptor, READABLE) == 0 ? fdopen(descriptor, "w") :
	    NULL;
	if (to == NULL)
		(void)close(descriptor);
	return to;
}

static bool
write_whole(const char *path, const struct status *status)
{
	FILE *to = open_new(path);
	bool whole;

	if (to == NULL)
		return false;
	status_metrics(to, status);
	whole = fflush(to) == 0 && ferror(to) == 0;
	return fclose(to) == 0 && whole;
}

bool
metrics_write(const char *path, const struct status *status)
{
	char other[PATH_MAX];
	int n = snprintf(other, sizeof(other), "%s.new", path), error;

	if (n < 0 || (size_t)n >= sizeof(other)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (write_whole(other, status) && rename(other, path) == 0)
		return true;
	error = errno;
	(void)unlink(other);
	errno = error;
	return false;
}
