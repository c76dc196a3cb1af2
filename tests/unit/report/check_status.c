#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "report/status_json.h"
#include "report/status_metrics.h"
#include "report/status_view.h"
#include "unit/diagnosis/scene.h"
#include "unit/suite.h"

/*
 * The status of a daemon that observes: the machines, one machine, and the
 * metrics.  What was seen comes from scenes; what a machine asked us for is
 * said beside it.
 */

#define CLIENT "52:54:00:00:00:07"

#define LEASE "0 discover uefi; 0 offer us; .1 offer pool; 4 request; 4 ack;"
#define TOLD LEASE "4.1 ask us; 4.1 told us next=files file=BOOTX64.EFI;"
#define WHOLE TOLD "5 rrq files BOOTX64.EFI; 5 data 1 size=10 n=10;" \
    "5 tack 1;"
#define MISSING TOLD "5 rrq files BOOTX64.EFI; 5.25 terror 1; 10 quiet;" \
    "60 quiet;"

/* Seconds; a scene begins one second after the epoch. */
enum { NOW = 200 };

static const int64_t MICROS = 1000000;

struct world {
	struct status status;
	struct clients clients;
	struct counters counters;
	struct policy policy;
	struct findings findings;
	struct diagnosis diagnosis;
};

/* What is found is told once it has stood for a while, as by the observer. */
static void
take(void *context, struct span octets, int64_t when)
{
	struct diagnosis *diagnosis = context;
	struct machine_finding news[4];

	if (octets.n == 0)
		diagnosis_now(diagnosis, when);
	else
		(void)diagnosis_frame(diagnosis, octets, when, 0);
	for (uint16_t i = 0; i < diagnosis->table.n; i++)
		(void)diagnosis_news(diagnosis, &diagnosis->table.row[i], news,
		    ROWS(news));
}

static struct world *
make_world(void)
{
	struct world *world = calloc(1, sizeof(*world));
	struct in_addr ours = octets_address(SCENE_OUR_ADDRESS);

	ck_assert(world != NULL);
	clients_open(&world->clients);
	ck_assert(counters_open(&world->counters));
	diagnosis_init(&world->diagnosis, &ours, 1, NULL);
	diagnosis_live(&world->diagnosis);
	world->status = (struct status){ .policy = &world->policy,
	    .counters = &world->counters, .clients = &world->clients,
	    .diagnosis = &world->diagnosis, .findings = &world->findings,
	    .now = NOW };
	return world;
}

static void
free_world(struct world *world)
{
	clients_close(&world->clients);
	counters_close(&world->counters);
	free(world);
}

/* The machine of that last octet asked us, so many seconds after the epoch. */
static void
ask(struct world *world, uint8_t last, time_t when, enum verdict verdict)
{
	const uint8_t mac[FRAME_MAC] = { 0x52, 0x54, 0, 0, 0, last };
	struct responder_exchange *x = calloc(1, sizeof(*x));

	ck_assert(x != NULL);
	x->verdict = verdict;
	x->step = RESPONDER_DECISION;
	x->dhcp.hlen = FRAME_MAC;
	memcpy(x->dhcp.chaddr, mac, sizeof(mac));
	x->request.dhcp = &x->dhcp;
	x->request.has_arch = true;
	x->request.arch = 7;
	x->decision.form = FORM_BINL;
	x->decision.next_server = octets_address("10.0.0.3");
	(void)snprintf(x->decision.file, sizeof(x->decision.file),
	    "BOOTX64.EFI");
	clients_add(&world->clients, "eth0", (struct timespec){ when, 0 }, x);
	free(x);
}

static char *
answer(struct world *world, const char *question, int *outcome)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	ck_assert(to != NULL);
	*outcome = status_view_print(to, &world->status, question);
	(void)fclose(to);
	return text;
}

static void
expect(const char *what, const char *got, const char *wanted)
{
	ck_assert_msg(strcmp(got, wanted) == 0, "%s: \"%s\", not \"%s\"", what,
	    got, wanted);
}

/*
 * The table of the machines: from HOW FAR on, of the lines after the titles.
 */
static const struct {
	const char *what, *scene;
	enum verdict verdict;		/* of its request to us */
	bool is_blind;			/* observe = false */
	bool never_asked;
	const char *line;		/* NULL: it is not there */
	const char *json;		/* in the object of the machine */
	unsigned problems;
} rows[] = {
	{ "nothing is observed", "", VERDICT_ACK, true, false,
	  "got its file on port 4011  BOOTX64.EFI  -",
	  "\"progress\":\"asked-4011\",\"verdict\"", 0 },
	{ "nothing is observed, refused", "", VERDICT_ARCH_NO_FILE, true,
	  false, "no answer so far  -     the architecture has no usual boot "
	  "file, and no rule gives it one", "\"problem\":\"arch-no-file\"}", 1 },
	{ "observed, as far as we know ourselves", TOLD, VERDICT_ACK, false,
	  false, "got its file on port 4011  BOOTX64.EFI  -",
	  "\"progress\":\"asked-4011\",\"boot\":\"told\"", 0 },
	{ "observed, and further", WHOLE, VERDICT_ACK, false, false,
	  "its file was fetched  BOOTX64.EFI  -",
	  "\"progress\":\"asked-4011\",\"boot\":\"fetched\"", 0 },
	{ "the file is missing", MISSING, VERDICT_ACK, false, false,
	  "it asks for its file  BOOTX64.EFI  file-missing (certain)",
	  "\"findings\":[{\"finding\":\"file-missing\",\"sureness\":\"certain\","
	  "\"sentence\":\"10.0.0.3 has no file BOOTX64.EFI, which " CLIENT
	  " asks for\",\"remedy\":\"Put", 1 },
	{ "the times that show it", MISSING, VERDICT_ACK, false, false,
	  "it asks for its file  BOOTX64.EFI  file-missing (certain)",
	  "\"times\":[5.000,5.250]}]}", 1 },
	{ "the times of a boot before mean nothing", MISSING
	  "70 discover uefi xid=9;", VERDICT_ACK, false, false,
	  "got its file on port 4011  BOOTX64.EFI  file-missing (certain)",
	  "\"times\":[]}]}", 1 },
	{ "a finding says more than a verdict", MISSING, VERDICT_ARCH_NO_FILE,
	  false, false, "it asks for its file  -     file-missing (certain)",
	  "\"problem\":\"arch-no-file\",\"findings\"", 1 },
	{ "a rule ignores it", MISSING, VERDICT_IGNORED, false, false,
	  "it asks for its file  -     -", "\"verdict\":\"ignored\"", 0 },
	{ "a rule sends it to its local disk", "", VERDICT_LOCAL, true, false,
	  "no answer so far  -     -", "\"verdict\":\"local\"", 0 },
	{ "a note is no problem", WHOLE "200 quiet;", VERDICT_ACK, false,
	  false, "its file was fetched  BOOTX64.EFI  -",
	  "[{\"finding\":\"asks-nothing-more\",\"sureness\":\"note\",", 0 },
	{ "it did not ask us, and fails", MISSING, VERDICT_ACK, false, true,
	  "it asks for its file  -     file-missing (certain)",
	  "\"mac\":\"" CLIENT "\",\"architecture\":\"x64-uefi\","
	  "\"boot\":\"fetching\",\"findings\":[", 1 },
	{ "it did not ask us, and boots", WHOLE, VERDICT_ACK, false, true,
	  NULL, NULL, 0 },
	{ "the same, with a note", WHOLE "200 quiet;", VERDICT_ACK, false,
	  true, NULL, NULL, 0 },
};

static struct world *
row_world(size_t i)
{
	struct world *world = make_world();

	scene_play(rows[i].scene, SCENE_LINK, take, &world->diagnosis);
	if (rows[i].is_blind)
		world->status.diagnosis = NULL;
	if (!rows[i].never_asked)
		ask(world, 7, 4, rows[i].verdict);
	return world;
}

START_TEST(test_machines)
{
	struct world *world = row_world((size_t)_i);
	char summary[128], *text, *titles, *line = NULL;
	const char *end = "\n";
	int outcome;
	size_t at;

	(void)snprintf(summary, sizeof(summary), ": %s in the last hour, %u "
	    "with a problem\n", rows[_i].line == NULL ? "0 machines" :
	    "1 machine", rows[_i].problems);
	text = answer(world, "machines", &outcome);
	ck_assert_int_eq(outcome, 0);
	ck_assert_msg(strstr(text, summary) != NULL, "%s: %s", rows[_i].what,
	    text);
	titles = strchr(text, '\n') + 1;
	ck_assert_msg((rows[_i].line == NULL) == (*titles == '\0'), "%s: %s",
	    rows[_i].what, text);
	if (rows[_i].line != NULL) {
		at = (size_t)(strstr(titles, "HOW FAR") - titles);
		line = strtok(strchr(titles, '\n') + 1, end);
		ck_assert_uint_lt(at, strlen(line));
		expect(rows[_i].what, line + at, rows[_i].line);
		ck_assert(memcmp(line + 22, CLIENT, strlen(CLIENT)) == 0);
		line = strtok(NULL, end);
	}
	/* There is more on a finding, and only then is that said. */
	ck_assert_msg((line != NULL) == (rows[_i].problems > 0 &&
	    !rows[_i].is_blind), "%s: %s", rows[_i].what, line);
	free(text);
	free_world(world);
}
END_TEST

START_TEST(test_machines_json)
{
	struct world *world = row_world((size_t)_i);
	char problems[64], *text, *machines;
	int outcome;

	(void)snprintf(problems, sizeof(problems), "\"problems\":%u}",
	    rows[_i].problems);
	text = answer(world, "json", &outcome);
	ck_assert(strstr(text, problems) != NULL);
	machines = strstr(text, "\"machines\":[");
	ck_assert(machines != NULL);
	if (rows[_i].json == NULL)
		expect(rows[_i].what, machines, "\"machines\":[]}\n");
	else
		ck_assert_msg(strstr(machines, rows[_i].json) != NULL,
		    "%s: %s", rows[_i].what, machines);
	free(text);
	free_world(world);
}
END_TEST

/* Those that asked and those that did not are in one order. */
START_TEST(test_order)
{
	static const char *const wanted[] = { "52:54:00:00:00:02", CLIENT,
		"52:54:00:00:00:01" };
	struct world *world = make_world();
	char *text, *line;
	int outcome;

	scene_play(MISSING, SCENE_LINK, take, &world->diagnosis);
	ask(world, 1, 3, VERDICT_OFFER);
	ask(world, 2, 8, VERDICT_OFFER);
	text = answer(world, "machines", &outcome);
	(void)strtok(text, "\n");
	(void)strtok(NULL, "\n");
	for (size_t i = 0; i < ROWS(wanted); i++) {
		line = strtok(NULL, "\n");
		line[22 + strlen(wanted[i])] = '\0';
		expect("the order", line + 22, wanted[i]);
	}
	free(text);
	free_world(world);
}
END_TEST

/*
 * One machine.
 */

static const char *const questions[] = {
	"", "machine", "machine ", "machine x", "machine " CLIENT " x",
	"machine " CLIENT " columns=", "machine " CLIENT " columns=8x",
	"machine " CLIENT " json colour columns=80 json json json json json",
	"machines ", "x",
};

START_TEST(test_no_question)
{
	struct world *world = make_world();
	int outcome;
	char *text = answer(world, questions[_i], &outcome);

	ck_assert_msg(outcome == STATUS_VIEW_NO_QUESTION, "%s: %d",
	    questions[_i], outcome);
	expect(questions[_i], text, "");
	free(text);
	free_world(world);
}
END_TEST

static const struct {
	const char *what, *scene;
	bool is_blind, has_asked;
	int outcome;
	const char *text;		/* begins so, at 80 columns */
	const char *also;		/* and has this in it */
	const char *json;		/* begins so */
} ones[] = {
	{ "the file is missing", MISSING, false, true, STATUS_VIEW_WRONG,
	  CLIENT ": does not boot\n\n"
	  "  when           1970-01-01T00:00:04Z\n"
	  "  mac            " CLIENT "\n"
	  "  architecture   x64-uefi\n"
	  "  interface      eth0\n"
	  "  requests       1\n"
	  "  progress       got its file on port 4011\n"
	  "  boot           it asks for its file\n"
	  "  verdict        ack\n"
	  "  form           binl\n"
	  "  bootfile-name  BOOTX64.EFI\n"
	  "  next-server    10.0.0.3\n\n"
	  "its last boot, since 1970-01-01T00:00:01.000000Z:\n\n"
	  "          machine  address  us       others   files    \n"
	  "    0.000    o-------------------------->        |     "
	  "DISCOVER UEFI, 0 s\n"
	  "    0.000    <-----------------o        |        |     "
	  "OFFER of 10.0.0.2: no\n",
	  "\n  so far: it asks for its file\n"
	  "  file-missing (certain)\n"
	  "    10.0.0.3 has no file BOOTX64.EFI, which " CLIENT " asks for\n"
	  "    Put the file into the root of the TFTP server, or correct "
	  "bootfile-name.\n    Upper and lower case differ.\n"
	  "    at 5.000, 5.250 s; see file-missing in "
	  "pxeproxyd-troubleshooting(7)\n",
	  "{\"schema\":1,\"known\":true,\"when\":\"1970-01-01T00:00:04Z\","
	  "\"mac\":\"" CLIENT "\"," },
	{ "it boots", WHOLE, false, true, STATUS_VIEW_FINE,
	  CLIENT ": boots as far as is seen from here\n", "BOOTX64.EFI is "
	  "whole", "{\"schema\":1,\"known\":true," },
	{ "it did not ask us", MISSING, false, false, STATUS_VIEW_WRONG,
	  CLIENT ": does not boot\n\n  when           1970-01-01T00:00:06Z\n"
	  "  mac            " CLIENT "\n  architecture   x64-uefi\n"
	  "  boot           it asks for its file\n\nits last boot",
	  "file-missing (certain)\n", "{\"schema\":1,\"known\":true," },
	{ "what was wrong with the boot before", MISSING
	  "70 discover uefi xid=9; 70 offer us;", false, true,
	  STATUS_VIEW_WRONG, CLIENT ": does not boot\n", "\n  so far: it has "
	  "offers\n  file-missing (certain)\n    10.0.0.3 has no file BOOTX64.EFI, "
	  "which " CLIENT " asks for\n    Put the file into the root of the TFTP "
	  "server, or correct bootfile-name.\n    Upper and lower case differ.\n"
	  "    in a boot before this one; see file-missing in",
	  "{\"schema\":1,\"known\":true," },
	{ "nothing is observed", MISSING, true, true, STATUS_VIEW_FINE,
	  CLIENT ": no problem is known\n", "\n\nwhat becomes of its boot is "
	  "not observed (observe = false)\n", "{\"schema\":1,\"known\":true," },
	{ "nothing was seen", "0 discover uefi other;", false, true,
	  STATUS_VIEW_FINE, CLIENT ": no problem is known\n", "\n\nnothing was "
	  "seen of its boot since the daemon was started, or it is forgotten",
	  "{\"schema\":1,\"known\":true," },
	{ "nobody knows it", "0 discover uefi other;", false, false,
	  STATUS_VIEW_UNKNOWN,
	  CLIENT ": nothing is known of this machine: no request of it came "
	  "since\nthe daemon was started (1970-01-01T00:00:00Z), or many "
	  "other machines came after\nit\n", "",
	  "{\"schema\":1,\"known\":false,\"mac\":\"" CLIENT "\"}\n" },
};

/* The same machine by each way of writing its address. */
static const char *const spellings[] = {
	"52:54:00:00:00:07", "52-54-00-00-00-07", "525400000007",
	"5254.0000.0007", "5254-0000-0007",
};

static void
expect_beginning(const char *what, char *text, const char *wanted)
{
	if (strlen(text) > strlen(wanted))
		text[strlen(wanted)] = '\0';
	expect(what, text, wanted);
}

START_TEST(test_one)
{
	const uint8_t mac[FRAME_MAC] = { 0x52, 0x54, 0, 0, 0, 7 };
	const struct story_style style = { .width = 80 };
	struct world *world = make_world();
	char question[STATUS_VIEW_QUESTION], *text;
	int outcome;

	scene_play(ones[_i].scene, SCENE_LINK, take, &world->diagnosis);
	if (ones[_i].is_blind)
		world->status.diagnosis = NULL;
	if (ones[_i].has_asked)
		ask(world, 7, 4, VERDICT_ACK);
	text = answer(world, status_view_of_machine(mac, false, &style,
	    question), &outcome);
	ck_assert_msg(outcome == ones[_i].outcome, "%s: %d", ones[_i].what,
	    outcome);
	ck_assert_msg(strstr(text, ones[_i].also) != NULL, "%s: %s",
	    ones[_i].what, text);
	ck_assert(strchr(text, '\033') == NULL);
	expect_beginning(ones[_i].what, text, ones[_i].text);
	free(text);
	text = answer(world, status_view_of_machine(mac, true, &style,
	    question), &outcome);
	ck_assert_int_eq(outcome, ones[_i].outcome);
	ck_assert(strchr(text, '\n') == text + strlen(text) - 1);
	expect_beginning(ones[_i].what, text, ones[_i].json);
	free(text);
	free_world(world);
}
END_TEST

START_TEST(test_spellings)
{
	struct world *world = make_world();
	char question[STATUS_VIEW_QUESTION], *text;
	int outcome;

	ask(world, 7, 4, VERDICT_ACK);
	(void)snprintf(question, sizeof(question), "machine %s json",
	    spellings[_i]);
	text = answer(world, question, &outcome);
	ck_assert_msg(outcome == 0, "%s: %s", spellings[_i], text);
	ck_assert(strstr(text, "\"known\":true") != NULL);
	free(text);
	free_world(world);
}
END_TEST

/* All that a terminal can do fits into a question, and is asked for. */
START_TEST(test_style)
{
	const uint8_t mac[FRAME_MAC] = { 0x52, 0x54, 0, 0, 0, 7 };
	const struct story_style style = { .colour = true,
	    .width = UINT16_MAX };
	struct world *world = make_world();
	char question[STATUS_VIEW_QUESTION], *text;
	int outcome;

	expect("the question", status_view_of_machine(mac, true, &style,
	    question), "machine " CLIENT " json colour columns=65535");
	scene_play(MISSING, SCENE_LINK, take, &world->diagnosis);
	text = answer(world, "machine " CLIENT " colour columns=65535",
	    &outcome);
	ck_assert(strstr(text, "\033[1;31m  file-missing (certain)\033[0m\n") !=
	    NULL);
	ck_assert(strstr(text, "bootfile-name. Upper and lower case differ.\n")
	    != NULL);
	free(text);
	free_world(world);
}
END_TEST

/* A ladder whose beginning is lost has the times of the boot all the same. */
START_TEST(test_long_ladder)
{
	struct world *world = make_world();
	char *text;
	int outcome;

	scene_play(TOLD, SCENE_LINK, take, &world->diagnosis);
	for (unsigned i = 0; i < MACHINE_STEPS; i++)
		scene_play(i % 2 == 0 ? "6 offer us;" : "6.5 offer pool;",
		    SCENE_LINK, take, &world->diagnosis);
	text = answer(world, "machine " CLIENT, &outcome);
	ck_assert_msg(strstr(text, "(the last events of it)") != NULL, "%s",
	    text);
	ck_assert_msg(strstr(text, "    6.500 ") != NULL, "%s", text);
	ck_assert_msg(strstr(text, "    0.000 ") == NULL, "%s", text);
	free(text);
	free_world(world);
}
END_TEST

/*
 * Metrics, and the same numbers elsewhere.
 */

static char *
metrics_of(struct world *world)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	ck_assert(to != NULL);
	status_metrics(to, &world->status);
	(void)fclose(to);
	return text;
}

static const struct {
	const char *line;
	bool is_blind;
	bool is_there;
} metrics[] = {
	{ "\npxeproxyd_findings_total{finding=\"file-missing\"} 1\n", false,
	  true },
	{ "\npxeproxyd_findings_total{finding=\"no-address-server\"} 0\n",
	  false, true },
	{ "\npxeproxyd_findings_total", true, false },
	{ "\npxeproxyd_machines{progress=\"fetching\"} 1\n", false, true },
	{ "\npxeproxyd_machines{progress=\"asking\"} 1\n", false, true },
	{ "\npxeproxyd_machines{progress=\"system\"} 0\n", false, true },
	{ "\npxeproxyd_machines", true, false },
	{ "\n# TYPE pxeproxyd_machines gauge\n", false, true },
	{ "\n# TYPE pxeproxyd_findings_total counter\n", false, true },
};

START_TEST(test_metrics)
{
	struct world *world = make_world();
	struct machine_finding found;
	char *text;

	scene_play(MISSING "60 discover uefi other;", SCENE_LINK, take,
	    &world->diagnosis);
	ck_assert_uint_eq(diagnosis_findings(&world->diagnosis,
	    &world->diagnosis.table.row[0], &found, 1), 1);
	findings_add(&world->findings, &found);
	if (metrics[_i].is_blind) {
		world->status.diagnosis = NULL;
		world->status.findings = NULL;
	}
	text = metrics_of(world);
	ck_assert_msg((strstr(text, metrics[_i].line) != NULL) ==
	    metrics[_i].is_there, "%s in: %s", metrics[_i].line, text);
	free(text);
	free_world(world);
}
END_TEST

static uint8_t
id_of(const char *name)
{
	uint8_t id = 0;

	while (id < finding_count() && strcmp(finding_name(id), name) != 0)
		id++;
	return id;
}

START_TEST(test_counters)
{
	const struct machine_finding finding = {
		.id = id_of("file-missing") };
	struct world *world = make_world();
	int outcome;
	char *text;

	text = answer(world, "counters", &outcome);
	ck_assert(strstr(text, "\nfindings:\nanswers, by the time") != NULL);
	free(text);
	text = answer(world, "json", &outcome);
	ck_assert(strstr(text, ",\"findings\":{\"all\":0},") != NULL);
	free(text);
	findings_add(&world->findings, &finding);
	findings_add(&world->findings, &finding);
	text = answer(world, "counters", &outcome);
	ck_assert(strstr(text, "\nfindings:\n           2  file-missing\n"
	    "answers, by the time") != NULL);
	free(text);
	text = answer(world, "json", &outcome);
	ck_assert(strstr(text, ",\"findings\":{\"all\":2,"
	    "\"file-missing\":2},") != NULL);
	free(text);
	world->status.findings = NULL;
	text = answer(world, "counters", &outcome);
	ck_assert(strstr(text, "findings") == NULL);
	free(text);
	text = answer(world, "json", &outcome);
	ck_assert(strstr(text, "findings") == NULL);
	free(text);
	free_world(world);
}
END_TEST

/* Who was silent for an hour is not counted any more. */
START_TEST(test_metrics_hour)
{
	const int64_t hour = 3600 * MICROS;
	struct world *world = make_world();
	char *text;

	scene_play("9 discover uefi;", SCENE_LINK, take, &world->diagnosis);
	diagnosis_now(&world->diagnosis, 10 * MICROS + hour - 1);
	text = metrics_of(world);
	ck_assert(strstr(text, "{progress=\"asking\"} 1\n") != NULL);
	free(text);
	diagnosis_now(&world->diagnosis, 10 * MICROS + hour);
	text = metrics_of(world);
	ck_assert(strstr(text, "{progress=\"asking\"} 0\n") != NULL);
	free(text);
	free_world(world);
}
END_TEST

/* The diagnosis has a clock of its own, and we tell times of the system's. */
START_TEST(test_clocks)
{
	struct world *world = make_world();
	int outcome;
	char *text;

	scene_play(MISSING, SCENE_LINK, take, &world->diagnosis);
	world->status.ahead = 20 * MICROS + 500000;
	text = answer(world, "machine " CLIENT " json", &outcome);
	ck_assert_msg(strstr(text, "\"when\":\"1970-01-01T00:00:26Z\"") !=
	    NULL && strstr(text, "\"began\":\"1970-01-01T00:00:21.500000Z\"")
	    != NULL && strstr(text, "\"ladder\":[{\"time\":21.500000,\"event"
	    "\":\"discover\"") != NULL && strstr(text, "\"times\":[5.000,"
	    "5.250]") != NULL, "%s", text);
	free(text);
	free_world(world);
}
END_TEST

/* What is not sure enough to be told, or was not told yet, is no problem. */
START_TEST(test_untold)
{
	struct world *world = make_world();
	int outcome;
	char *text;

	scene_play(MISSING, SCENE_LINK, take, &world->diagnosis);
	memset(world->diagnosis.table.row[0].told, 0,
	    sizeof(world->diagnosis.table.row[0].told));
	ask(world, 7, 4, VERDICT_ACK);
	text = answer(world, "machines", &outcome);
	ck_assert_msg(strstr(text, "file-missing") == NULL, "%s", text);
	free(text);
	text = answer(world, "machine " CLIENT, &outcome);
	ck_assert_int_eq(outcome, STATUS_VIEW_FINE);
	ck_assert_msg(strstr(text, "file-missing") == NULL, "%s", text);
	free(text);
	free_world(world);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("status");
	TCase *tc = tcase_create("status");

	tcase_add_loop_test(tc, test_machines, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_machines_json, 0, ROWS(rows));
	tcase_add_test(tc, test_order);
	tcase_add_loop_test(tc, test_no_question, 0, ROWS(questions));
	tcase_add_loop_test(tc, test_one, 0, ROWS(ones));
	tcase_add_loop_test(tc, test_spellings, 0, ROWS(spellings));
	tcase_add_test(tc, test_style);
	tcase_add_test(tc, test_long_ladder);
	tcase_add_loop_test(tc, test_metrics, 0, ROWS(metrics));
	tcase_add_test(tc, test_counters);
	tcase_add_test(tc, test_metrics_hour);
	tcase_add_test(tc, test_clocks);
	tcase_add_test(tc, test_untold);
	suite_add_tcase(s, tc);
	return s;
}
