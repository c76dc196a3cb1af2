#include "daemon/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t
our_signals(void)
{
	sigset_t ours;

	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGINT);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGHUP);
	(void)sigaddset(&ours, SIGUSR1);
	return ours;
}

void
signals_block(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t ours = our_signals();

	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigprocmask(SIG_BLOCK, &ours, NULL);
}

/* Only a process with a controlling terminal can open /dev/tty. */
bool
signals_has_terminal(void)
{
	struct sigaction action;
	int terminal;

	if (sigaction(SIGHUP, NULL, &action) == 0 &&
	    action.sa_handler == SIG_IGN)
		return false;
	terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0)
		return false;
	(void)close(terminal);
	return true;
}

int
signals_open(void)
{
	sigset_t ours = our_signals();

	return signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool
signals_next(int descriptor, int *out)
{
	struct signalfd_siginfo signal;

	if (read(descriptor, &signal, sizeof(signal)) !=
	    (ssize_t)sizeof(signal))
		return false;
	*out = (int)signal.ssi_signo;
	return true;
}
