#include "config/variable.h"

#include "config/nearest.h"
#include "core/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_OCTETS = 512 };	/* of the names of all variables */

/* What comes from the environment is a text, and no more than that. */
static bool
is_text(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f ||
		    strncmp(value, "${", 2) == 0)
			return false;
	return true;
}

static bool
find_environment(const char *name, const char **value,
    char fault[VARIABLE_FAULT])
{
	const char *found = getenv(name);

	if (found == NULL)
		(void)snprintf(fault, VARIABLE_FAULT, "the environment has "
		    "no variable %s", name);
	else if (!is_text(found))
		(void)snprintf(fault, VARIABLE_FAULT, "%s of the environment "
		    "has a control character or a variable in it", name);
	else
		*value = found;
	return found != NULL && is_text(found);
}

/* Which ones there are, and which is near. */
static void
fault_unknown(const char *name, char fault[VARIABLE_FAULT])
{
	struct nearest nearest = { name, NULL, 0 };
	char all[LIST_OCTETS] = "";
	const char *variable;
	size_t n = 0;

	for (size_t i = 0; (variable = template_variable(i)) != NULL; i++) {
		nearest_try(&nearest, variable);
		if (n < sizeof(all))
			n += (size_t)snprintf(all + n, sizeof(all) - n,
			    "%s${%s}", i > 0 ? ", " : "", variable);
	}
	if (nearest.found != NULL)
		(void)snprintf(fault, VARIABLE_FAULT, "there is no variable "
		    "${%s}: did you mean ${%s}?", name, nearest.found);
	else
		(void)snprintf(fault, VARIABLE_FAULT, "there is no variable "
		    "${%.*s}: there are %s, and ${env:NAME} for one of the "
		    "environment", VARIABLE_NAME, name, all);
}

bool
variable_find(const char *name, const char **value,
    char fault[VARIABLE_FAULT])
{
	static const char environment[] = "env:";
	char whole[VARIABLE_NAME + sizeof("${}")];

	if (strncmp(name, environment, strlen(environment)) == 0)
		return find_environment(name + strlen(environment), value,
		    fault);
	(void)snprintf(whole, sizeof(whole), "${%s}", name);
	*value = NULL;
	if (template_fault(whole) == NULL)
		return true;
	fault_unknown(name, fault);
	return false;
}
