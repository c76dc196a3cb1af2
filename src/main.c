#include "config/config.h"
#include "tools/ask_reload.h"
#include "tools/ask_status.h"
#include "tools/check.h"
#include "tools/diagnose.h"
#include "tools/explain.h"
#include "tools/probe.h"
#include "report/log.h"
#include "report/log_problem.h"
#include "config/options.h"
#include "tools/replay.h"
#include "report/policy_text.h"
#include "daemon/serve.h"
#include "daemon/wishes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };	/* bad usage, or bad configuration */

static enum log_level
level_of(const struct options *options)
{
	if (options->debug == 0)
		return options->verb == OPTIONS_PROBE ? LOG_LEVEL_WARNING :
		    LOG_LEVEL_INFO;
	return options->debug == 1 ? LOG_LEVEL_DEBUG : LOG_LEVEL_TRACE;
}

static int
run(const struct options *options, struct config **config)
{
	const struct policy *policy = config_policy(*config);

	if (options->test) {
		policy_text_print(stdout, policy, options->test > 1, NULL);
		policy_text_config(stdout, *config);
		return EXIT_SUCCESS;
	}
	if (options->check != NULL)
		return check_run(options, policy);
	if (options->diagnose != NULL)
		return diagnose_run(options, policy);
	if (options->explain != NULL && options->read == NULL)
		return explain_run(options, policy);
	if (options->read != NULL)
		return replay_run(options, policy);
	if (wishes_count(options, *config) == 0) {
		log_error("no interface is named, neither on the command line "
		    "nor in %s", options->config);
		return EXIT_USAGE;
	}
	return serve_run(options, config);
}

/*
 * A program may be started with descriptors 0 to 2 closed.  A savefile would
 * then be opened as one of them, and lines of the log be written into it.  So
 * each that is closed is opened for /dev/null.  false: that is impossible.
 */
static bool
open_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDWR) != fd)
			return false;
	return true;
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct problem_teller teller;
	struct config *config;
	int status;

	if (!open_standard_descriptors())
		return EXIT_FAILURE;
	switch (options_read(argc, argv, &options)) {
	case OPTIONS_RUN:
		break;
	case OPTIONS_EXIT:
		return EXIT_SUCCESS;
	case OPTIONS_BAD:
		return EXIT_USAGE;
	}
	if (options.verb == OPTIONS_STATUS)
		return ask_status_run(&options);
	if (options.verb == OPTIONS_RELOAD)
		return ask_reload_run(&options);
	log_open(level_of(&options), options.to_syslog, options.log_json);
	if (options.verb == OPTIONS_PROBE)
		return probe_run_all(&options);
	teller = log_problem_teller();
	if ((config = config_load(&options, &teller)) == NULL)
		return EXIT_USAGE;
	status = run(&options, &config);
	config_free(config);
	return status;
}
