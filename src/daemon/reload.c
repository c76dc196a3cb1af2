#include "daemon/reload.h"

#include "daemon/listeners.h"
#include "daemon/monitoring.h"
#include "daemon/observer.h"
#include "daemon/ports.h"
#include "report/log.h"
#include "report/log_problem.h"

#include <malloc.h>

void
reload_trim_heap(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}

/* Who is told of the problems of a file: who asked, or the log. */
struct reload_audience {
	struct problem_teller log;
	FILE *to;			/* or NULL */
	unsigned errors, warnings;	/* so far */
};

static void
tell(void *with, const struct problem *problem)
{
	struct reload_audience *audience = with;
	bool is_warning = problem->severity == PROBLEM_WARNING;

	(*(is_warning ? &audience->warnings : &audience->errors))++;
	if (audience->to == NULL) {
		audience->log.tell(audience->log.with, problem);
		return;
	}
	(void)fprintf(audience->to, "%s%s\n", is_warning ? "warning: " : "",
	    problem->text);
	if (problem->line != NULL)
		(void)fprintf(audience->to, "    %s\n    %s\n", problem->line,
		    problem->caret);
}

/* Put it in the place of the old one; false when out of memory. */
static bool
use_config(struct server *server, struct config *config)
{
	if (!handler_use(&server->handler, config))
		return false;
	server->read_at = time(NULL);
	config_free(*server->config);
	*server->config = config;
	reload_trim_heap();
	ports_renew(server);
	(void)listeners_configure(server);
	observer_configure(server);
	return true;
}

static enum reload_outcome
read_again(struct server *server, struct reload_audience *audience)
{
	const struct problem_teller teller = { tell, audience };
	struct config *config = config_load(server->options, &teller);

	if (config == NULL)
		return RELOAD_REFUSED;
	if (use_config(server, config))
		return RELOAD_DONE;
	config_free(config);
	return RELOAD_NO_MEMORY;
}

static const char *
plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

/* One line.  What the log was not told in full it has the number of. */
static void
log_outcome(const struct reload_audience *audience, enum reload_outcome outcome,
    const char *sentence, const char *path)
{
	unsigned errors = audience->errors, warnings = audience->warnings;
	bool is_more = errors > PROBLEMS_TOLD;

	if (outcome == RELOAD_REFUSED && audience->to != NULL)
		log_error("%s; whoever asked for the reload was told %s%u "
		    "error%s", sentence, is_more ? "more than " : "",
		    errors - is_more, plural(errors - is_more));
	else if (outcome != RELOAD_DONE)
		log_error("%s", sentence);
	else if (path != NULL && warnings > 0 && audience->to != NULL)
		log_warning("%s is read again and in force; whoever asked for "
		    "the reload was told %u warning%s", path, warnings,
		    plural(warnings));
	else if (path != NULL)
		log_info("%s is read again and in force", path);
}

enum reload_outcome
reload_run(struct server *server, FILE *to)
{
	static const char *const told[] = {
		[RELOAD_DONE] = "the configuration is in force",
		[RELOAD_NO_MEMORY] = "out of memory; the configuration stays "
		    "as it was",
		[RELOAD_REFUSED] = "the configuration stays as it was",
	};
	struct reload_audience audience = { log_problem_teller(), to, 0, 0 };
	enum reload_outcome outcome;

	monitoring_reloading();
	outcome = read_again(server, &audience);
	server->reload_failed = outcome != RELOAD_DONE;
	log_outcome(&audience, outcome, told[outcome],
	    server->options->config);
	if (to != NULL)
		(void)fprintf(to, "%s\n", told[outcome]);
	monitoring_reloaded(server);
	return outcome;
}
