#include "report/metrics.h"

#include "report/status_metrics.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

static bool
write_whole(const char *path, const struct status *status)
{
	FILE *to = fopen(path, "we");
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
