#include "report/status_view.h"

#include "report/status_json.h"
#include "report/status_text.h"

#include <string.h>

static const struct {
	const char *name;
	void (*print)(FILE *to, const struct status *status);
} views[] = {
	{ "machines", status_text_machines },
	{ "rules", status_text_rules },
	{ "interfaces", status_text_interfaces },
	{ "counters", status_text_counters },
	{ "json", status_json },
};

enum { VIEWS = sizeof(views) / sizeof(views[0]) };

bool
status_view_exists(const char *name)
{
	for (size_t i = 0; i < VIEWS; i++)
		if (strcmp(views[i].name, name) == 0)
			return true;
	return false;
}

bool
status_view_print(FILE *to, const struct status *status, const char *name)
{
	for (size_t i = 0; i < VIEWS; i++) {
		if (strcmp(views[i].name, name) != 0)
			continue;
		views[i].print(to, status);
		return true;
	}
	return false;
}
