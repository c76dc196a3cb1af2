#include "daemon/reload.h"

#include "daemon/listeners.h"
#include "daemon/monitoring.h"
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

/* Who is told of the problems of a file: the log, and who asked. */
struct reload_audience {
	struct problem_teller log;
	FILE *to;			/* or NULL */
};

static void
tell(void *with, const struct problem *problem)
{
	const struct reload_audience *audience = with;

	audience->log.tell(audience->log.with, problem);
	if (audience->to == NULL)
		return;
	(void)fprintf(audience->to, "%s%s\n",
	    problem->severity == PROBLEM_WARNING ? "warning: " : "",
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
	return true;
}

static enum reload_outcome
read_again(struct server *server, FILE *to)
{
	struct reload_audience audience = { log_problem_teller(), to };
	const struct problem_teller teller = { tell, &audience };
	struct config *config = config_load(server->options, &teller);

	if (config == NULL)
		return RELOAD_REFUSED;
	if (use_config(server, config))
		return RELOAD_DONE;
	config_free(config);
	return RELOAD_NO_MEMORY;
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
	const char *path = server->options->config;
	enum reload_outcome outcome;

	monitoring_reloading();
	outcome = read_again(server, to);
	server->reload_failed = outcome != RELOAD_DONE;
	if (server->reload_failed)
		log_error("%s", told[outcome]);
	else if (path != NULL)
		log_info("%s is read again and in force", path);
	if (to != NULL)
		(void)fprintf(to, "%s\n", told[outcome]);
	monitoring_reloaded(server);
	return outcome;
}
