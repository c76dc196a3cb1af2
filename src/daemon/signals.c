#include "daemon/signals.h"

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
