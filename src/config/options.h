#ifndef OPTIONS_H
#define OPTIONS_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * options.h - the command line.
 *
 * One table drives both the parsing and --help.
 */

enum options_outcome {
	OPTIONS_RUN,		/* go on */
	OPTIONS_EXIT,		/* help or version was printed: status 0 */
	OPTIONS_BAD,		/* said what is wrong: status 2 */
};

enum options_verb {
	OPTIONS_SERVE,		/* no verb: serve, replay, test or explain */
	OPTIONS_RELOAD,		/* have a running daemon read its file again */
	OPTIONS_STATUS,		/* ask a running daemon for its status */
	OPTIONS_CHECK,		/* does each client get what it must? */
	OPTIONS_PROBE,		/* what would a machine on this port get? */
	OPTIONS_DIAGNOSE,	/* why did the machines of a capture not boot? */
};

enum options_port_67 {
	OPTIONS_PORT_67_AUTO,	/* hold it where relays are configured */
	OPTIONS_PORT_67_HOLD,	/* --hold-port-67 */
	OPTIONS_PORT_67_LEAVE,	/* --leave-port-67 */
};

/* What the command line says.  Strings are borrowed from argv. */
struct options {
	const char *config;		/* -c, or NULL */
	const char *read;		/* -r, or NULL */
	const char *write;		/* -w, or NULL */
	bool listen_only;		/* -n */
	unsigned test;			/* -t, how often */
	unsigned debug;			/* -d, how often */
	bool has_promiscuous;		/* -p or --promiscuous, and which */
	bool promiscuous;
	bool bypass_queue;
	bool require_all;
	bool quiet;			/* -q */
	bool to_syslog;
	bool log_json;
	const char *metrics;		/* --metrics-file, or NULL */
	enum options_port_67 port_67;
	bool has_next_server;
	struct in_addr next_server;
	const char *file;		/* --bootfile-name, or NULL */
	bool has_address;
	struct in_addr address;
	enum options_verb verb;
	const char *diagnose;		/* "diagnose": its savefile, or NULL */
	const char *check;		/* "check": its clients, or NULL */
	const char *probe;		/* "probe": its interface, or NULL */
	const char *client;		/* --client, or NULL */
	bool all;			/* --all */
	bool lease;			/* --lease */
	unsigned wait;			/* --wait, in seconds; 0: none */
	struct in_addr relay, server;	/* --relay, --server; 0.0.0.0: none */
	bool json;
	bool watch;
	const char *control;		/* --control-socket, or NULL */
	const char *explain;		/* --explain, or NULL */
	const char *link;		/* --interface, or NULL */
	const char *user;		/* --user, or NULL; "": keep ours */
	bool has_mac;
	uint8_t mac[6];
	char *const *interface;		/* the other arguments */
	unsigned interfaces;
};

/* Read the command line.  Errors and help go out by themselves. */
enum options_outcome options_read(int argc, char *argv[],
    struct options *out);

/* Print the help text. */
void options_help(FILE *to);

#endif
