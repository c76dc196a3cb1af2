#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/wishes.h"
#include "report/text.h"
#include "unit/octets.h"
#include "unit/suite.h"

/*
 * check_wishes.c - the interfaces of the command line and of the
 * configuration, and what is to hold for each.
 */

enum { SEEN = 512, NAMES = 3 };

static const struct {
	const char *what;
	const char *config;
	const char *name[NAMES];	/* on the command line */
	const char *address;		/* of --address, or NULL */
	int promiscuous;		/* of the command line; -1: it says nothing */
	const char *wishes;		/* NAME[@ADDRESS][p], each; -: it
				 * is not observed */
	size_t ring;
} rows[] = {
	{ "none", "", { NULL }, NULL, -1, "", 32 << 20 },
	{ "of the command line, in its order", "", { "eth1", "eth0" }, NULL,
	    -1, "eth1 eth0 ", 32 << 20 },
	{ "of the configuration, in its order",
	    "interface \"eth1\" { }\ninterface \"eth0\" { }\n", { NULL },
	    NULL, -1, "eth1 eth0 ", 32 << 20 },
	{ "of both: the command line says which, the configuration how",
	    "interface \"eth0\" { address = 10.0.0.2 }\n"
	    "interface \"eth9\" { }\n", { "eth1", "eth0" }, NULL, -1,
	    "eth1 eth0@10.0.0.2 ", 32 << 20 },
	{ "promiscuous, all but one", "promiscuous = true\n"
	    "interface \"eth0\" { promiscuous = false }\n"
	    "interface \"eth1\" { }\n", { NULL }, NULL, -1, "eth0 eth1p ",
	    32 << 20 },
	{ "promiscuous, one", "interface \"eth0\" { promiscuous = true }\n"
	    "interface \"eth1\" { }\n", { NULL }, NULL, -1, "eth0p eth1 ",
	    32 << 20 },
	{ "the command line wins for all", "promiscuous = true\n"
	    "interface \"eth0\" { promiscuous = true address = 10.0.0.2 }\n"
	    "interface \"eth1\" { }\n", { NULL }, "10.0.0.7", 0,
	    "eth0@10.0.0.7 eth1@10.0.0.7 ", 32 << 20 },
	{ "and the other way", "interface \"eth0\" { promiscuous = false }\n",
	    { NULL }, NULL, 1, "eth0p ", 32 << 20 },
	{ "not to observe", "observe = false\n", { "eth0" }, NULL, -1,
	    "eth0- ", 32 << 20 },
	{ "the rings", "ring-size = 64M\n", { "eth0" }, NULL, -1, "eth0 ",
	    64 << 20 },
};

static void
add(char out[SEEN], const struct wish *wish)
{
	char address[TEXT_ADDRESS];
	size_t n = strlen(out);

	(void)snprintf(out + n, SEEN - n, "%s%s%s%s%s ", wish->name,
	    wish->has_address ? "@" : "",
	    wish->has_address ? text_address(wish->address, address) : "",
	    wish->promiscuous ? "p" : "", wish->observe ? "" : "-");
}

START_TEST(test_wishes)
{
	char path[] = "/tmp/check_wishes.XXXXXX", seen[SEEN] = "";
	char *names[NAMES];
	struct options options = { .config = path, .interface = names };
	const struct problem_teller nobody = { NULL, NULL };
	struct config *config;
	struct wish wish;
	FILE *file = fdopen(mkstemp(path), "w");

	ck_assert_ptr_nonnull(file);
	(void)fputs(rows[_i].config, file);
	ck_assert_int_eq(fclose(file), 0);
	for (unsigned i = 0; i < NAMES && rows[_i].name[i] != NULL; i++) {
		names[i] = strdup(rows[_i].name[i]);
		options.interfaces++;
	}
	if (rows[_i].address != NULL) {
		options.has_address = true;
		options.address = octets_address(rows[_i].address);
	}
	options.has_promiscuous = rows[_i].promiscuous >= 0;
	options.promiscuous = rows[_i].promiscuous > 0;
	config = config_load(&options, &nobody);
	ck_assert_ptr_nonnull(config);
	ck_assert_int_eq(unlink(path), 0);
	for (unsigned i = 0; i < wishes_count(&options, config); i++) {
		wishes_get(&options, config, i, &wish);
		add(seen, &wish);
	}
	ck_assert_msg(strcmp(seen, rows[_i].wishes) == 0, "%s: %s",
	    rows[_i].what, seen);
	ck_assert_uint_eq(wishes_ring(config), rows[_i].ring);
	config_free(config);
	for (unsigned i = 0; i < options.interfaces; i++)
		free(names[i]);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("wishes");
	TCase *tc = tcase_create("wishes");

	tcase_add_loop_test(tc, test_wishes, 0,
	    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, tc);
	return s;
}
