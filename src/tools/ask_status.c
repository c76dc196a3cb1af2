#include "tools/ask_status.h"

#include "config/value.h"
#include "daemon/control.h"
#include "report/log.h"
#include "report/status_view.h"
#include "report/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	EXIT_WORDS = 2,			/* as bad usage */
	WATCH_SECONDS = 2,
};

/* Is the word the address of one machine? */
static bool
read_machine(const char *word, uint8_t out[FRAME_MAC])
{
	struct match_mac mac;

	if (value_mac(word, &mac) != NULL)
		return false;
	for (size_t i = 0; i < FRAME_MAC; i++)
		if (mac.mask[i] != UINT8_MAX)
			return false;
	memcpy(out, mac.value, FRAME_MAC);
	return true;
}

static const char *
ask_for_machine(const struct options *options, const uint8_t mac[FRAME_MAC],
    char out[STATUS_VIEW_QUESTION])
{
	struct story_style style;

	story_style_of_terminal(&style);
	return status_view_of_machine(mac, options->json, &style, out);
}

/* The question; NULL: said what is wrong. */
static const char *
question_of(const struct options *options, char out[STATUS_VIEW_QUESTION])
{
	const char *view = options->interfaces > 0 ? options->interface[0] :
	    "machines";
	uint8_t mac[FRAME_MAC];

	if (options->interfaces > 0 && read_machine(view, mac))
		return ask_for_machine(options, mac, out);
	if (options->json && options->interfaces > 0)
		log_error("status --json tells everything: %s is one word "
		    "too many", view);
	else if (options->json)
		return "json";
	else if (status_view_exists(view))
		return view;
	else
		log_error("status: %s is none of machines, rules, interfaces, "
		    "counters, nor a MAC address", view);
	return NULL;
}

/*
 * Print what is answered; *is_answered says whether anything was.  A terminal's
 * screen is cleared, when the new one is there.
 */
static int
print_once(const char *path, const char *question, bool on_screen,
    bool *is_answered)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);
	int status;

	*is_answered = false;
	if (to == NULL) {
		log_errno("status");
		return CONTROL_UNKNOWN;
	}
	status = control_ask(path, question, to);
	*is_answered = fclose(to) == 0 && n > 0;
	if (*is_answered)
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
	char room[STATUS_VIEW_QUESTION];
	const char *path = options->control != NULL ? options->control :
	    CONTROL_SOCKET, *question = question_of(options, room);
	bool on_screen = options->watch && isatty(STDOUT_FILENO), is_answered;
	int status;

	if (question == NULL)
		return EXIT_WORDS;
	status = print_once(path, question, on_screen, &is_answered);
	while (options->watch && is_answered) {
		(void)sleep(WATCH_SECONDS);
		status = print_once(path, question, on_screen, &is_answered);
	}
	return status;
}
