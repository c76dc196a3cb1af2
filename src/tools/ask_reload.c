#include "tools/ask_reload.h"

#include "daemon/control.h"
#include "report/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each line, with the priority that systemd's journal is to give it. */
static void
print_refusal(char *text)
{
	static const char warning[] = "warning: ", excerpt[] = "    ";
	enum log_level level = LOG_LEVEL_ERROR;
	char *rest, *line = strtok_r(text, "\n", &rest);

	for (; line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, warning, strlen(warning)) == 0)
			level = LOG_LEVEL_WARNING;
		else if (strncmp(line, excerpt, strlen(excerpt)) != 0)
			level = LOG_LEVEL_ERROR;
		(void)fprintf(stderr, "%s%s\n", log_priority(level), line);
	}
}

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
	if (fclose(to) == 0 && status == EXIT_SUCCESS)
		(void)fputs(text, stdout);
	else if (text != NULL)
		print_refusal(text);
	free(text);
	return status;
}
