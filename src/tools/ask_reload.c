#include "tools/ask_reload.h"

#include "daemon/control.h"
#include "report/log.h"

#include <stdio.h>
#include <stdlib.h>

int
ask_reload_run(const struct options *options)
{
	const char *path = options->control != NULL ? options->control :
	    CONTROL_SOCKET;
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);
	int status;

	if (to == NULL) {
		log_errno("reload");
		return CONTROL_UNKNOWN;
	}
	status = control_ask(path, CONTROL_RELOAD, to);
	if (fclose(to) == 0)
		(void)fputs(text, status == EXIT_SUCCESS ? stdout : stderr);
	free(text);
	return status;
}
