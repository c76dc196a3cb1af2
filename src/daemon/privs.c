#include "daemon/privs.h"

#include "daemon/confine.h"
#include "report/log.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define OWN_USER "pxeproxyd"
#define LAST_RESORT "nobody"

enum { ROOT = 0 };

static bool
is_replay(const struct options *options)
{
	return options->read != NULL;
}

/* All that it needs a privilege for is open before. */
static bool
is_probe(const struct options *options)
{
	return options->verb == OPTIONS_PROBE;
}

/*
 * This system lacks a protection.  A replay is started without privileges as
 * a rule, so there the line is for -d only.
 */
static void
tell_missing(const struct options *options, enum log_level level,
    const char *what, int error)
{
	log_line(is_replay(options) ? LOG_LEVEL_DEBUG : level,
	    "going on without %s: %s", what, strerror(error));
}

static void
go_without(const struct options *options, const char *what, int error)
{
	tell_missing(options, LOG_LEVEL_WARNING, what, error);
}

static bool
has_any_bound(void)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) > 0)
			return true;
	return false;
}

/* Does the bounding set hold more than the capabilities that we have? */
static bool
has_wider_bound(void)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) > 0 &&
		    capng_have_capability(CAPNG_PERMITTED,
		    (unsigned)cap) != 1)
			return true;
	return false;
}

/*
 * This needs CAP_SETPCAP, so it comes before capabilities are dropped.  Where
 * the service manager has narrowed the set to what we need, that is as it
 * should be, and no warning.
 */
static void
empty_bounding_set(const struct options *options)
{
	enum log_level level;
	bool may;

	if (!has_any_bound())
		return;
	may = capng_get_caps_process() == 0 &&
	    capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) == 1;
	level = has_wider_bound() ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO;
	capng_clear(CAPNG_SELECT_BOTH);
	/* Without CAP_SETPCAP libcap-ng would write a warning to stderr. */
	if (!may || capng_apply(CAPNG_SELECT_BOUNDS) != 0 || has_any_bound())
		tell_missing(options, level,
		    "an empty capability bounding set", EPERM);
}

/*
 * Look a user up in /etc/passwd.  getpwnam() is no good for a user who may not
 * exist: it then loads all libraries that /etc/nsswitch.conf names, and they
 * stay loaded (two thirds of a MiB with systemd's).
 */
static const struct passwd *
find_system_user(const char *name)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *user;

	if (file == NULL)
		return NULL;
	do
		user = fgetpwent(file);
	while (user != NULL && strcmp(user->pw_name, name) != 0);
	(void)fclose(file);
	return user;
}

/* The user to become; NULL: stay who we are, or with *found false: fail. */
static const struct passwd *
find_user(const struct options *options, bool *found)
{
	const struct passwd *user;

	*found = true;
	if (options->user != NULL) {
		if (options->user[0] == '\0')
			return NULL;
		user = getpwnam(options->user);
		*found = user != NULL;
		if (!*found)
			log_error("--user: there is no user %s",
			    options->user);
		return user;
	}
	if (geteuid() != ROOT)
		return NULL;
	if ((user = find_system_user(OWN_USER)) != NULL)
		return user;
	user = find_system_user(LAST_RESORT);
	log_line(is_replay(options) ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
	    "there is no user %s: going on as %s", OWN_USER,
	    user != NULL ? LAST_RESORT : "we are");
	return user;
}

/* The groups first: only root can change them. */
static bool
become(const struct passwd *user)
{
	return setgroups(0, NULL) == 0 &&
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
	    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 &&
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0 &&
	    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0;
}

static bool
change_user(const struct options *options)
{
	bool found;
	const struct passwd *user = find_user(options, &found);

	if (user == NULL)
		return found;
	if (user->pw_uid == geteuid() && geteuid() != ROOT)
		return true;
	if (become(user))
		return true;
	if (options->user == NULL) {
		go_without(options, "a user of our own (see --user)", errno);
		return true;
	}
	log_errno("--user: cannot become %s", options->user);
	return false;
}

/* Inheritable and ambient capabilities go with the rest. */
static bool
keep_capabilities(const struct options *options)
{
	capng_clear(CAPNG_SELECT_BOTH);
	if ((is_replay(options) || is_probe(options) || capng_update(CAPNG_ADD,
	    CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW) == 0) &&
	    capng_apply(CAPNG_SELECT_CAPS) == 0)
		return true;
	log_errno("giving up capabilities");
	return false;
}

bool
privs_shed(const struct options *options)
{
	empty_bounding_set(options);
	if (!change_user(options) || !keep_capabilities(options))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		go_without(options, "no_new_privs", errno);
	return true;
}

bool
privs_drop(const struct options *options)
{
	int error = 0;

	if (!privs_shed(options))
		return false;
#ifdef INSTRUMENTED
	/* Sanitizers and coverage make calls of their own, at the end too. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	error = ENOTSUP;
#else
	error = confine(is_replay(options) ? CONFINE_REPLAY :
	    is_probe(options) ? CONFINE_PROBE : CONFINE_SERVE);
#endif
	if (error != 0)
		go_without(options, "the seccomp filter", error);
	return true;
}

void
privs_give(const struct options *options, const char *path)
{
	const struct passwd *user;

	if (geteuid() != ROOT)
		return;
	user = options->user != NULL ? getpwnam(options->user) :
	    find_system_user(OWN_USER);
	if (user != NULL && chown(path, user->pw_uid, user->pw_gid) < 0)
		log_warning("%s cannot be given to the user %s: %s", path,
		    user->pw_name, strerror(errno));
}
