#include "daemon/control.h"

#include "report/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	PEERS_MAX = 8,
	QUESTION_MAX = 64,
	PATIENCE_SECONDS = 10,		/* of control_ask() */
	NOBODY = -1,
};

struct control_peer {
	int descriptor;			/* or NOBODY */
	unsigned long number;		/* the lowest was there first */
	char *answer;			/* NULL: not asked yet */
	size_t n, sent;
};

struct control {
	int epoll, listener;
	unsigned long peers;		/* so far */
	struct control_peer peer[PEERS_MAX];
	struct sockaddr_un address;
};

static bool
make_address(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(out->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(out->sun_path, path, strlen(path) + 1);
	return true;
}

static int
connect_to(const struct sockaddr_un *address, int flags)
{
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags,
	    0), error;

	if (descriptor < 0)
		return -1;
	(void)setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience,
	    sizeof(patience));
	(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience));
	if (connect(descriptor,
	    (const struct sockaddr *)address, sizeof(*address)) == 0)
		return descriptor;
	error = errno;
	(void)close(descriptor);
	errno = error;
	return -1;
}

/* Somebody listens there; or nobody does, and then the way is free. */
static bool
is_taken(const struct sockaddr_un *address)
{
	struct stat status;
	int other = connect_to(address, SOCK_NONBLOCK);

	if (other >= 0) {
		(void)close(other);
		return true;
	}
	if (errno == ECONNREFUSED && stat(address->sun_path, &status) == 0 &&
	    S_ISSOCK(status.st_mode))
		(void)unlink(address->sun_path);
	return errno == EAGAIN;
}

static bool
add(struct control *control, int descriptor, uint32_t events, void *who)
{
	struct epoll_event event = { .events = events, .data.ptr = who };

	return epoll_ctl(control->epoll, EPOLL_CTL_ADD, descriptor,
	    &event) == 0;
}

/* Only our user and group may connect, from the first moment on. */
static bool
listen_at(struct control *control)
{
	mode_t mask = umask(S_IXUSR | S_IXGRP | S_IRWXO);
	bool bound = bind(control->listener,
	    (const struct sockaddr *)&control->address,
	    sizeof(control->address)) == 0;

	(void)umask(mask);
	if (!bound) {
		control->address.sun_path[0] = '\0';	/* not ours */
		return false;
	}
	return listen(control->listener, PEERS_MAX) == 0 &&
	    add(control, control->listener, EPOLLIN, NULL);
}

struct control *
control_open(const char *path, char error[CONTROL_ERROR_SIZE])
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL)
		goto fail;
	for (unsigned i = 0; i < PEERS_MAX; i++)
		control->peer[i].descriptor = NOBODY;
	control->listener = NOBODY;
	control->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (control->epoll < 0 || !make_address(path, &control->address))
		goto fail;
	if (is_taken(&control->address)) {
		control->address.sun_path[0] = '\0';
		errno = EADDRINUSE;
		goto fail;
	}
	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (control->listener >= 0 && listen_at(control))
		return control;
fail:
	(void)snprintf(error, CONTROL_ERROR_SIZE, "%.180s: %s", path,
	    strerror(errno));
	control_close(control);
	return NULL;
}

int
control_descriptor(const struct control *control)
{
	return control->epoll;
}

static void
dismiss(struct control_peer *peer)
{
	(void)close(peer->descriptor);
	free(peer->answer);
	*peer = (struct control_peer){ .descriptor = NOBODY };
}

/* A free place, if need be that of the peer that was there first. */
static struct control_peer *
place(struct control *control)
{
	struct control_peer *first = &control->peer[0];

	for (unsigned i = 0; i < PEERS_MAX; i++) {
		struct control_peer *peer = &control->peer[i];

		if (peer->descriptor == NOBODY)
			return peer;
		if (peer->number < first->number)
			first = peer;
	}
	dismiss(first);
	return first;
}

static void
welcome(struct control *control)
{
	int descriptor = accept4(control->listener, NULL, NULL,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct control_peer *peer;

	if (descriptor < 0)
		return;
	peer = place(control);
	peer->descriptor = descriptor;
	peer->number = control->peers++;
	if (!add(control, descriptor, EPOLLIN, peer))
		dismiss(peer);
}

/* Send what the peer takes now; the rest when it takes more. */
static void
go_on(struct control *control, struct control_peer *peer)
{
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = peer };
	ssize_t n = send(peer->descriptor, peer->answer + peer->sent,
	    peer->n - peer->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		peer->sent += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		dismiss(peer);
	if (peer->descriptor != NOBODY && (peer->sent == peer->n ||
	    epoll_ctl(control->epoll, EPOLL_CTL_MOD, peer->descriptor,
	    &event) < 0))
		dismiss(peer);
}

/* The exit status is known when the text is there, and goes before it. */
static bool
make_answer(struct control_peer *peer,
    const struct control_question *question, control_answer *answer, void *context)
{
	FILE *to = open_memstream(&peer->answer, &peer->n);
	int status;

	if (to == NULL)
		return false;
	(void)fputs("0\n", to);
	status = answer(context, question, to);
	if (fclose(to) != 0 || peer->n == 0)
		return false;
	peer->answer[0] = (char)('0' + status);
	return true;
}

/* Who may change something: root, and our own user as in ExecReload=. */
static bool
is_trusted(int descriptor)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer,
	    &n) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

static void
hear(struct control *control, struct control_peer *peer,
    control_answer *answer, void *context)
{
	char text[QUESTION_MAX] = "";
	struct control_question question = { text,
	    is_trusted(peer->descriptor) };
	ssize_t n = recv(peer->descriptor, text, sizeof(text) - 1,
	    MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	text[strcspn(text, "\n")] = '\0';
	if (n <= 0 || !make_answer(peer, &question, answer, context))
		dismiss(peer);
	else
		go_on(control, peer);
}

void
control_serve(struct control *control, control_answer *answer, void *context)
{
	struct epoll_event event;

	/* One at a time: a peer may be dismissed on the way. */
	for (unsigned i = 0; i < 2 * PEERS_MAX &&
	    epoll_wait(control->epoll, &event, 1, 0) > 0; i++) {
		struct control_peer *peer = event.data.ptr;

		if (peer == NULL)
			welcome(control);
		else if (peer->answer == NULL)
			hear(control, peer, answer, context);
		else
			go_on(control, peer);
	}
}

void
control_close(struct control *control)
{
	if (control == NULL)
		return;
	for (unsigned i = 0; i < PEERS_MAX; i++)
		if (control->peer[i].descriptor != NOBODY)
			dismiss(&control->peer[i]);
	if (control->listener >= 0) {
		(void)close(control->listener);
		if (control->address.sun_path[0] != '\0' &&
		    unlink(control->address.sun_path) < 0)
			log_warning("%s is left behind: %s",
			    control->address.sun_path, strerror(errno));
	}
	if (control->epoll >= 0)
		(void)close(control->epoll);
	free(control);
}

/* Copy all that comes; false and errno. */
static bool
copy_answer(int descriptor, FILE *to, int *status)
{
	char octets[4096];
	ssize_t n;
	size_t skip = sizeof("0\n") - 1;	/* of the first line */

	while ((n = read(descriptor, octets, sizeof(octets))) > 0) {
		size_t got = (size_t)n, from = got < skip ? got : skip;

		if (skip == sizeof("0\n") - 1)
			*status = octets[0] - '0';
		skip -= from;
		(void)fwrite(octets + from, 1, got - from, to);
	}
	return n == 0 && skip == 0;
}

int
control_ask(const char *path, const char *question, FILE *to)
{
	struct sockaddr_un address;
	int descriptor, status = CONTROL_UNKNOWN;

	if (!make_address(path, &address) ||
	    (descriptor = connect_to(&address, 0)) < 0) {
		bool is_nobody = errno == ENOENT || errno == ECONNREFUSED;

		log_errno("no pxeproxyd answers at %s", path);
		return is_nobody ? CONTROL_NOBODY : CONTROL_UNKNOWN;
	}
	if (dprintf(descriptor, "%s\n", question) < 0 ||
	    !copy_answer(descriptor, to, &status)) {
		log_errno("%s", path);
		status = CONTROL_UNKNOWN;
	}
	(void)close(descriptor);
	return status;
}
