#include "tools/ask_status.h"

#include "daemon/control.h"
#include "report/log.h"
#include "report/status_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	EXIT_WORDS = 2,			/* as bad usage */
	WATCH_SECONDS = 2,
};

/* NULL: said what is wrong. */
static const char *
view_of(const struct options *options)
{
	const char *view = options->interfaces > 0 ? options->interface[0] :
	    "machines";

	if (options->json && options->interfaces > 0)
		log_error("status --json tells everything: %s is one word "
		    "too many", view);
	else if (options->json)
		return "json";
	else if (status_view_exists(view))
		return view;
	else
		log_error("status: %s is none of machines, rules, interfaces, "
		    "counters", view);
	return NULL;
}

/* A terminal's screen is cleared, when the new one is there. */
static int
print_once(const char *path, const char *view, bool on_screen)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);
	int status;

	if (to == NULL) {
		log_errno("status");
		return CONTROL_UNKNOWN;
	}
	status = control_ask(path, view, to);
	if (fclose(to) == 0 && n > 0)
		(void)printf("%s%s", on_screen ? "\033[H\033[2J" : "", text);
	free(text);
	if (fflush(stdout) == 0)
		return status;
	log_errno("standard output");
	return CONTROL_UNKNOWN;
}

int
ask_status_run(const struct options *options)
{
	const char *path = options->control != NULL ? options->control :
	    CONTROL_SOCKET, *view = view_of(options);
	int status;

	if (view == NULL)
		return EXIT_WORDS;
	status = print_once(path, view, options->watch &&
	    isatty(STDOUT_FILENO));
	while (options->watch && status < CONTROL_NOBODY) {
		(void)sleep(WATCH_SECONDS);
		status = print_once(path, view, isatty(STDOUT_FILENO));
	}
	return status;
}
