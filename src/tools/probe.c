#include "tools/probe.h"

#include "daemon/control.h"
#include "daemon/privs.h"
#include "report/log.h"
#include "report/micros.h"
#include "report/text.h"
#include "tools/probe_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	EXIT_BOOTS = 0,
	EXIT_DOES_NOT = 1,
	EXIT_CANNOT = 2,
	LATER = 60 * MICROS,
};

static void
take_step(void *context, const struct machine *machine,
    const struct machine_step *step, bool was_last)
{
	struct probe_run *run = context;

	/* Others ask meanwhile. */
	if (memcmp(machine->mac, run->machine.mac, FRAME_MAC) == 0 &&
	    !story_take(&run->story, run->diagnosis->now, machine, step,
	    was_last))
		run->has_failed = true;
}

/* Transactions of its own. */
static bool
choose_xids(struct probe_machine *machine)
{
	uint32_t word[2];

	if (getrandom(word, sizeof(word), 0) != (ssize_t)sizeof(word)) {
		log_errno("probe: random numbers");
		return false;
	}
	machine->xid = word[0];
	machine->xid_4011 = word[1];
	return true;
}

/*
 * Nothing more comes of it, and the diagnosis hears of that: time goes on; and
 * where nothing could be taken, the firmware goes on to something else.
 */
static void
give_up(struct probe_run *run)
{
	struct machine *machine = machine_by_mac(&run->diagnosis->table,
	    run->machine.mac);

	if (machine == NULL || run->fault[0] == '\0')
		return;
	diagnosis_now(run->diagnosis, run->diagnosis->now + LATER);
	if (machine->boot.end == END_OPEN && run->choice.name == NULL)
		machine->boot.end = END_GAVE_UP;
}

static void
ask_as_client(struct probe_run *run)
{
	const struct diagnosis_hooks hooks = { .context = run,
	    .step = take_step };

	diagnosis_init(run->diagnosis, NULL, 0, &hooks);
	probe_wire_tell(run->wire, run->diagnosis);
	memcpy(run->machine.mac, probe_wire_mac(run->wire), FRAME_MAC);
	if (choose_xids(&run->machine))
		probe_ask(run);
	else
		run->is_stopped = true;
	if (run->options->lease && run->choice.name != NULL &&
	    run->fault[0] == '\0' && !run->is_stopped) {
		struct span file = run->choice.file;

		run->next = run->choice.next;
		if (!is_set(run->choice.asks))
			(void)span_copy(&file, file.n < sizeof(run->file) ?
			    file.n : sizeof(run->file) - 1,
			    (uint8_t *)run->file);
		probe_lease(run);
	}
	give_up(run);
	probe_wire_tell(run->wire, NULL);
}

/* One client; answers its part of the exit status. */
static int
probe_one(const struct options *options, struct probe_wire *wire,
    const struct probe_machine *machine, bool is_first)
{
	struct probe_run *run = calloc(1, sizeof(*run));
	int status = EXIT_CANNOT;

	if (run == NULL || (run->diagnosis = malloc(sizeof(*run->diagnosis)))
	    == NULL) {
		log_errno("memory");
		free(run);
		return status;
	}
	run->options = options;
	run->wire = wire;
	run->machine = *machine;
	ask_as_client(run);
	if (run->has_failed)
		log_error("no memory for all events");
	probe_tell(run, is_first);
	status = run->is_stopped ? EXIT_CANNOT :
	    probe_boots(run) ? EXIT_BOOTS : EXIT_DOES_NOT;
	story_free(&run->story);
	free(run->diagnosis);
	free(run);
	return status;
}

/* Each kind of client, until one cannot be asked as. */
static int
probe_each(const struct options *options, struct probe_wire *wire)
{
	const struct probe_client *client;
	struct probe_machine machine;
	int status = EXIT_BOOTS, one;
	size_t n;

	client = probe_client_table(&n);
	for (size_t i = 0; i < n && status != EXIT_CANNOT; i++) {
		probe_machine_of(&client[i], &machine);
		one = probe_one(options, wire, &machine, i == 0);
		if (one > status)
			status = one;
	}
	return status;
}

/* Does the table of "status interfaces" say that it serves this one? */
static bool
is_served(char *table, const char *mac)
{
	char *line, *rest = NULL;

	for (line = strtok_r(table, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest))
		if (strstr(line, mac) != NULL && strstr(line, " yes ") != NULL)
			return true;
	return false;
}

/*
 * What this host sends leaves by the interface, and a pxeproxyd of the same
 * host and interface does not hear it: then it is missing from what comes.
 */
static void
warn_of_own(const struct options *options, const struct probe_wire *wire)
{
	const char *path = options->control != NULL ? options->control :
	    CONTROL_SOCKET;
	char *table = NULL, mac[TEXT_MAC];
	size_t n;
	FILE *to;

	if (access(path, W_OK) != 0 ||
	    (to = open_memstream(&table, &n)) == NULL)
		return;
	(void)control_ask(path, "interfaces", to);
	(void)text_mac(probe_wire_own_mac(wire), FRAME_MAC, mac);
	if (fclose(to) == 0 && is_served(table, mac))
		log_warning("probe: the pxeproxyd of this host serves %s, and "
		    "does not hear what this host itself sends: probe from "
		    "another one", options->probe);
	free(table);
}

static int
probe_with(const struct options *options, struct probe_wire *wire,
    const struct probe_machine *machine)
{
	int status;

	if (options->json)
		(void)printf("{\"probes\":[");
	status = options->all ? probe_each(options, wire) :
	    probe_one(options, wire, machine, true);
	if (options->json)
		(void)printf("\n],\"frames\":%lu}\n",
		    probe_wire_frames(wire));
	if (fflush(stdout) != 0) {
		log_errno("standard output");
		status = EXIT_CANNOT;
	}
	return status;
}

int
probe_run_all(const struct options *options)
{
	struct probe_wire_place place = { .interface = options->probe,
	    .savefile = options->write,
	    .mac = options->has_mac ? options->mac : NULL,
	    .as_host = is_set(options->relay) };
	struct probe_machine machine;
	struct probe_wire *wire;
	int status = EXIT_CANNOT;

	if (!probe_machine_read(options->client != NULL ? options->client :
	    "x64-uefi", &machine))
		return status;
	if (machine.has_words && machine.words.has_mac && !options->has_mac)
		place.mac = machine.words.mac;
	place.vlan = machine.words.vlan;
	if ((wire = probe_wire_open(&place)) == NULL)
		return status;
	warn_of_own(options, wire);
	if (privs_drop(options))
		status = probe_with(options, wire, &machine);
	probe_wire_close(wire);
	return status;
}
