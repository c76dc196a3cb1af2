#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/include.h"
#include "unit/suite.h"

/*
 * check_parser.c - texts, the trees that they are, and what is complained
 * about, each with its line and column.
 */

enum { SEEN = 2048 };

struct seen {
	char tree[SEEN];
	char problems[SEEN];
};

static void
note(void *with, const struct problem *problem)
{
	struct seen *seen = with;
	size_t n = strlen(seen->problems);
	const char *text = strchr(problem->text, ':');

	(void)snprintf(seen->problems + n, sizeof(seen->problems) - n, "%s\n",
	    text != NULL ? text + 1 : problem->text);
}

static void __attribute__((format(printf, 2, 3)))
add(char out[SEEN], const char *format, ...)
{
	size_t n = strlen(out);
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(out + n, SEEN - n, format, ap);
	va_end(ap);
}

static void
add_node(char out[SEEN], const struct parser_node *node)
{
	add(out, "%u:%u:%s%s", node->place.line, node->place.column,
	    node->name, node->is_faulty ? "!" : "");
	if (node->is_section) {
		add(out, "(%s){", node->title != NULL ? node->title : "-");
		for (const struct parser_node *child = node->child;
		    child != NULL; child = child->next)
			add_node(out, child);
		add(out, "}");
		return;
	}
	add(out, "%s%s", node->appends ? "+=" : "=", node->is_list ? "[" :
	    "");
	for (const struct parser_value *value = node->value; value != NULL;
	    value = value->next)
		add(out, "%s%s%s", value->text, value->is_faulty ? "!" : "",
		    value->next != NULL ? "," : "");
	add(out, "%s;", node->is_list ? "]" : "");
}

static void
parse(const char *text, struct seen *seen)
{
	char path[] = "/tmp/check-parser-XXXXXX";
	int fd = mkstemp(path);
	struct memory memory = { 0 };
	struct problems problems = { .teller = { note, seen } };
	struct parser_node root = { .child = NULL };

	*seen = (struct seen){ "", "" };
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	ck_assert_int_eq(close(fd), 0);
	include_read(path, &memory, &problems, &root);
	ck_assert_int_eq(unlink(path), 0);
	for (const struct parser_node *node = root.child; node != NULL;
	    node = node->next)
		add_node(seen->tree, node);
	ck_assert(!memory.starved);
	memory_release(&memory);
}

#define BETWEEN "stands =, and behind a section's title {\n"

static const struct {
	const char *what, *text, *tree, *problems;
} rows[] = {
	{ "nothing", "", "", "" },
	{ "a key", "a = 7\n", "1:1:a=7;", "" },
	{ "an empty value", "a = \"\"", "1:1:a=;", "" },
	{ "lists", "a = { }\nb = { 1 } c += { 2, 3, }",
	    "1:1:a=[];2:1:b=[1];2:11:c+=[2,3];", "" },
	{ "sections", "r \"x y\" { a = 1 i 'z' { } }\nr { }",
	    "1:1:r(x y){1:11:a=1;1:17:i(z){}}2:1:r(-){}", "" },
	{ "two keys on a line", "a=1 b=2", "1:1:a=1;1:5:b=2;", "" },
	{ "a name in quotes", "\"a\" = 1", "1:1:a=1;", "" },
	{ "no equal sign", "a 7\nb = 2", "2:1:b=2;",
	    "1:3: between \"a\" and its value " BETWEEN },
	{ "no value", "a =\n} b = 2", "1:1:a!=;2:3:b=2;",
	    "2:1: the value is missing: a word, a text in quotes, or a list "
	    "in { }\n2:1: this } ends nothing\n" },
	{ "a word alone", "a\nb = 2", "2:1:b=2;",
	    "1:1: between \"a\" and its value " BETWEEN },
	{ "a value alone", "= 7\nb = 2", "2:1:b=2;",
	    "1:1: here stands the name of a key or of a section\n" },
	{ "an error inside of a section", "r x { a 7 }\nb = 2",
	    "1:1:r(x){}2:1:b=2;",
	    "1:9: between \"a\" and its value " BETWEEN },
	{ "an error and a section behind it", "r x { a 7 i { c = 1 } }\nb = 2",
	    "1:1:r(x){}2:1:b=2;",
	    "1:9: between \"a\" and its value " BETWEEN },
	{ "a list without a comma", "r x { a = { 7 9 } }\nb = 2",
	    "1:1:r(x){1:7:a!=[7];}2:1:b=2;", "1:15: here the list goes on with "
	    "a comma and a value, or ends with }\n" },
	{ "a list without an end", "r x {\na = { 7,\nb = 2\n}\nc = 3",
	    "1:1:r(x){2:1:a!=[7,b];}5:1:c=3;", "3:3: here the list goes on "
	    "with a comma and a value, or ends with }\n" },
	{ "a section without an end", "r x {\nb = 2\n", "1:1:r(x){2:1:b=2;}",
	    "1:5: this section does not end: } is missing\n" },
	{ "sections in sections", "a{a{a{a{a{a{a{a{a{a=1}}}}}}}}} b = 2",
	    "1:1:a(-){1:3:a(-){1:5:a(-){1:7:a(-){1:9:a(-){1:11:a(-){"
	    "1:13:a(-){1:15:a(-){1:17:a(-){}}}}}}}}}1:32:b=2;",
	    "1:18: too many sections in one another\n" },
	{ "a call", "f(\"x\")\ninclude()\ninclude(a, b)\nb = 2", "4:1:b=2;",
	    "1:3: parentheses are for the name of one file: "
	    "include(\"FILE\")\n2:9: parentheses are for the name of one "
	    "file: include(\"FILE\")\n3:9: parentheses are for the name of "
	    "one file: include(\"FILE\")\n" },
	{ "a file that is not there", "include \"/nowhere/at all\"\nb = 2",
	    "2:1:b=2;", "1:9: /nowhere/at all: No such file or directory\n" },
	{ "no file for a pattern", "include \"/nowhere/*\"\nb = 2",
	    "2:1:b=2;", "" },
	{ "an include in a section", "r x { include \"y\" }\nb = 2",
	    "1:1:r(x){}2:1:b=2;",
	    "1:15: include stands outside of all sections\n" },
	{ "a faulty value", "a = \"\\x\"\nb = { '${x}', 2 }",
	    "1:1:a=\\x!;2:1:b=[${x}!,2];", NULL },
};

START_TEST(test_tree)
{
	struct seen seen;

	parse(rows[_i].text, &seen);
	ck_assert_msg(strcmp(seen.tree, rows[_i].tree) == 0, "%s: %s",
	    rows[_i].what, seen.tree);
	ck_assert_msg(rows[_i].problems == NULL ? seen.problems[0] != '\0' :
	    strcmp(seen.problems, rows[_i].problems) == 0, "%s: %s",
	    rows[_i].what, seen.problems);
}
END_TEST

/* Every beginning of every text is parsed to its end. */
START_TEST(test_beginnings)
{
	struct seen seen;
	char *text = strdup(rows[_i].text);

	for (size_t n = strlen(text); n > 0; n--) {
		text[n - 1] = '\0';
		parse(text, &seen);
	}
	free(text);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("parser");
	TCase *tc = tcase_create("parser");

	tcase_add_loop_test(tc, test_tree, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(tc, test_beginnings, 0,
	    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, tc);
	return s;
}
