#include "report/log_problem.h"

#include "report/log.h"

static void
tell(void *with, const struct problem *problem)
{
	enum log_level level = problem->severity == PROBLEM_ERROR ?
	    LOG_LEVEL_ERROR : LOG_LEVEL_WARNING;

	(void)with;
	log_line(level, "%s", problem->text);
	if (problem->line == NULL || log_is_json())
		return;
	log_line(level, "    %s", problem->line);
	log_line(level, "    %s", problem->caret);
}

struct problem_teller
log_problem_teller(void)
{
	return (struct problem_teller){ tell, NULL };
}
