#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "unit/diagnosis/scene.h"
#include "unit/suite.h"

/* A finding of the running daemon: the line of the log, and the counts. */

#define ALONE "0 discover uefi; 0 offer us; 4 discover uefi secs=4;" \
    "8 discover uefi secs=8; 12 quiet;"

#define CLIENT "52:54:00:00:00:07"

static const struct {
	const char *what, *scene;
	const char *text;	/* begins so */
	const char *json;	/* begins so */
} events[] = {
	{ "no address server", ALONE,
	  CLIENT ": no-address-server (certain): no address server offers "
	  CLIENT " an address; it asked 3 times",
	  "\"event\":\"finding\",\"client\":\"" CLIENT "\","
	  "\"finding\":\"no-address-server\",\"sureness\":\"certain\","
	  "\"sentence\":\"no address server offers " CLIENT " an address; it "
	  "asked 3 times\",\"remedy\":\"A ProxyDHCP server gives no" },
	{ "a name that a sentence has from the wire",
	  "0 discover uefi; 0 offer us; .1 offer pool; 4 request; 4 ack;"
	  "4.1 ask us; 4.1 told us next=files file=BOOTX64.EFI;"
	  "5 rrq files BOOTX\".EFI; 5 terror 1; 9 quiet;",
	  CLIENT ": file-missing (likely): 10.0.0.3 has no file BOOTX\".EFI, "
	  "which " CLIENT " asks for",
	  "\"event\":\"finding\",\"client\":\"" CLIENT "\","
	  "\"finding\":\"file-missing\",\"sureness\":\"likely\","
	  "\"sentence\":\"10.0.0.3 has no file BOOTX\\\".EFI, which " CLIENT
	  " asks for\",\"remedy\":\"Put the file into" },
};

static void
take(void *context, struct span octets, int64_t when)
{
	if (octets.n == 0)
		diagnosis_now(context, when);
	else
		(void)diagnosis_frame(context, octets, when, 0);
}

START_TEST(test_events)
{
	struct diagnosis *diagnosis = malloc(sizeof(*diagnosis));
	struct in_addr ours = octets_address(SCENE_OUR_ADDRESS);
	char text[REPORT_LINE], json[REPORT_JSON];
	struct machine_finding finding[4];
	struct machine *machine;
	const char *wanted = events[_i].json;

	ck_assert(diagnosis != NULL);
	diagnosis_init(diagnosis, &ours, 1, NULL);
	scene_play(events[_i].scene, SCENE_LINK, take, diagnosis);
	machine = machine_by_mac(&diagnosis->table,
	    (const uint8_t *)"\x52\x54\0\0\0\x07");
	ck_assert(machine != NULL);
	ck_assert_msg(diagnosis_findings(diagnosis, machine, finding, 4) > 0,
	    "%s: no finding", events[_i].what);
	ck_assert_str_eq(findings_text(machine, &finding[0], text),
	    events[_i].text);
	findings_json(machine, &finding[0], json);
	json[strlen(wanted) < strlen(json) ? strlen(wanted) : 0] = '\0';
	ck_assert_str_eq(json, wanted);
	free(diagnosis);
}
END_TEST

/* The first row of that name. */
static size_t
row_of(const char *wanted)
{
	size_t id = 0;

	while (id < finding_count() && strcmp(finding_name(id), wanted) != 0)
		id++;
	ck_assert_msg(id < finding_count(), "%s is not there", wanted);
	return id;
}

/* Each name is there once, with the sum of the rows that have it. */
START_TEST(test_counts)
{
	struct findings findings = { { 0 } };
	unsigned long long sum = 0, rows = 0;
	size_t first, last = 0, names = 0;

	ck_assert_uint_le(finding_count(), FINDINGS_MAX);
	for (size_t id = 0; id < finding_count(); id++)
		findings_add(&findings,
		    &(struct machine_finding){ .id = (uint8_t)id });
	for (size_t id = 0; id < finding_count(); id++) {
		if (findings_name(id) == NULL)
			continue;
		ck_assert_str_eq(findings_name(id), finding_name(id));
		ck_assert_uint_eq(row_of(finding_name(id)), id);
		sum += findings_told(&findings, id);
		names++;
	}
	ck_assert_uint_eq(sum, finding_count());
	ck_assert_uint_lt(names, finding_count());
	first = row_of("request-4011-lost");
	for (size_t id = 0; id < finding_count(); id++)
		if (strcmp(finding_name(id), "request-4011-lost") == 0) {
			last = id;
			rows++;
		}
	ck_assert_uint_lt(first, last);
	ck_assert_uint_eq(findings_told(&findings, first), rows);
	ck_assert_ptr_null(findings_name(last));
	ck_assert_uint_eq(findings_told(&findings,
	    row_of("no-address-server")), 1);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("findings");
	TCase *tc = tcase_create("findings");

	tcase_add_loop_test(tc, test_events, 0, ROWS(events));
	tcase_add_test(tc, test_counts);
	suite_add_tcase(s, tc);
	return s;
}
