#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/lexer.h"
#include "unit/suite.h"

/*
 * check_lexer.c - texts, and the tokens that they have.
 */

enum { SEEN = 1024 };

/* What a lexer made of a text, and what it complained about. */
struct seen {
	char tokens[SEEN];
	char problems[SEEN];
};

static void
note(void *with, const struct problem *problem)
{
	struct seen *seen = with;
	size_t n = strlen(seen->problems);

	(void)snprintf(seen->problems + n, sizeof(seen->problems) - n, "%s\n",
	    problem->text);
}

/* Words in < >, with ! where they are faulty; signs by their number. */
static void
add_token(char out[SEEN], const struct token *token)
{
	static const char *const signs[] = {
		[TOKEN_EQUALS] = "=", [TOKEN_APPENDS] = "+=",
		[TOKEN_OPEN] = "{", [TOKEN_CLOSE] = "}",
		[TOKEN_COMMA] = ",", [TOKEN_LEFT] = "(", [TOKEN_RIGHT] = ")",
	};
	size_t n = strlen(out);

	if (token->kind == TOKEN_WORD)
		(void)snprintf(out + n, SEEN - n, "%s<%s>%s",
		    token->is_first ? "|" : "", token->word,
		    token->is_faulty ? "!" : "");
	else
		(void)snprintf(out + n, SEEN - n, "%s%s",
		    token->is_first ? "|" : "", signs[token->kind]);
}

static void
lex(const char *text, struct seen *seen)
{
	char *heap = strdup(text);
	const struct source source = { .path = "f", .text = heap,
	    .n = strlen(heap) };
	struct memory memory = { 0 };
	struct problems problems = { .teller = { note, seen } };
	struct lexer lexer;
	struct token token;

	*seen = (struct seen){ "", "" };
	lexer_begin(&lexer, &source, &memory, &problems);
	while ((token = lexer_next(&lexer)).kind != TOKEN_END)
		add_token(seen->tokens, &token);
	ck_assert_int_eq(lexer_next(&lexer).kind, TOKEN_END);
	lexer_end(&lexer);
	memory_release(&memory);
	free(heap);
}

#define ESCAPE ": write \\\\ for a backslash, or put the text into single " \
	"quotes, in which a backslash is one\n"

static const struct {
	const char *what, *text, *tokens, *problems;
} rows[] = {
	{ "nothing", "", "", "" },
	{ "blanks", " \t\r\n\n ", "", "" },
	{ "words and signs", "a = 7\nb+={ 8,c }", "|<a>=<7>|<b>+={<8>,<c>}",
	    "" },
	{ "signs need no blanks", "a={b,}(c)", "|<a>={<b>,}(<c>)", "" },
	{ "a plus inside of a word", "a+b+=c", "|<a+b>+=<c>", "" },
	{ "addresses and paths", "10.0.0.1 52:54:00:* a/b-c_d http://x/y//z",
	    "|<10.0.0.1><52:54:00:*><a/b-c_d><http://x/y//z>", "" },
	{ "comments", "a#b\n//c\nd//e\nf/*g*/h /* * / ** // */ i",
	    "|<a>|<d//e>|<f><h><i>", "" },
	{ "a comment over lines", "/*\n*/a\n/**/b", "|<a>|<b>", "" },
	{ "a comment without an end", "a /* b", "|<a>",
	    "f:1:3: this comment does not end: */ is missing\n" },
	{ "double quotes", "\"a b\" \"\" \"#{}=,'//\"",
	    "|<a b><><#{}=,'//>", "" },
	{ "single quotes", "'a \"b\"' '' '\\' '\\\\x'",
	    "|<a \"b\"><><\\><\\\\x>", "" },
	{ "escapes", "\"\\\\a\\\"\"", "|<\\a\">", "" },
	{ "no escape", "\"a\\x64\\n\"", "|<a\\x64\\n>!",
	    "f:1:3: \\x is no escape" ESCAPE },
	{ "a backslash and a blank", "\"a\\ \"", "|<a\\ >!",
	    "f:1:3: a backslash alone is no escape: write \\\\, or put the "
	    "text into single quotes\n" },
	{ "a backslash at the end", "\"a\\", "|<a\\>!",
	    "f:1:3: a backslash alone is no escape: write \\\\, or put the "
	    "text into single quotes\n" },
	{ "a backslash without quotes", "a\\b", "|<a\\b>", "" },
	{ "double quotes without an end", "\"a\nb", "|<a>!|<b>",
	    "f:1:1: this text has no closing \" on its line\n" },
	{ "single quotes without an end, CRLF", " 'a\r\nb", "|<a>!|<b>",
	    "f:1:2: this text has no closing ' on its line\n" },
	{ "our variables", "\"${mac}\" 'x${uuid}y' ${ip-hex}.cfg",
	    "|<${mac}><x${uuid}y><${ip-hex}.cfg>", "" },
	{ "a dollar alone", "\"$x $ {\" '$'", "|<$x $ {><$>", "" },
	{ "the environment's", "\"${env:T}/a\" '${env:T}' ${env:T}",
	    "|<val/a><val><val>", "" },
	{ "not in the environment", "'a' 'b${env:NONE}'", "|<a><b${env:NONE}>!",
	    "f:1:7: the environment has no variable NONE\n" },
	{ "nothing out of the environment that is more than text",
	    "'${env:BAD}'", "|<${env:BAD}>!", "f:1:2: BAD of the environment has a "
	    "control character or a variable in it\n" },
	{ "a near variable", "\"${mac_hyphen}\"", "|<${mac_hyphen}>!",
	    "f:1:2: there is no variable ${mac_hyphen}: did you mean "
	    "${mac-hyphen}?\n" },
	{ "a variable without an end", "\"${mac\" b", "|<>!<b>",
	    "f:1:2: this variable does not end: } is missing\n" },
	{ "semicolons", "a = b; c = \"d\"; }", "|<a>=<b;>!<c>=<d><;>!}",
	    "f:1:5: a line does not end with a semicolon: leave it out\n"
	    "f:1:15: a line does not end with a semicolon: leave it out\n" },
	{ "a semicolon inside", "http://x/a;b", "|<http://x/a;b>", "" },
	{ "a control character in quotes", "\"a\033b\tc\"",
	    "|<a\033b\tc>!", "f:1:3: a control character\n" },
	{ "a control character", "a\001", "|<a\001>!",
	    "f:1:2: a control character\n" },
	{ "the mark of UTF-8", "\xef\xbb\xbf" "a", "|<a>", "" },
	{ "columns are characters", "\"\xc3\xa4\" \"\\x\"",
	    "|<\xc3\xa4><\\x>!", "f:1:6: \\x is no escape" ESCAPE },
	{ "two faults of one word are one problem", "\"\\x${host}\"",
	    "|<\\x${host}>!", "f:1:2: \\x is no escape" ESCAPE },
};

START_TEST(test_tokens)
{
	struct seen seen;

	ck_assert_int_eq(setenv("T", "val", 1), 0);
	ck_assert_int_eq(setenv("BAD", "a${mac}", 1), 0);
	ck_assert_int_eq(unsetenv("NONE"), 0);
	lex(rows[_i].text, &seen);
	ck_assert_msg(strcmp(seen.tokens, rows[_i].tokens) == 0 &&
	    strcmp(seen.problems, rows[_i].problems) == 0, "%s: %s, %s",
	    rows[_i].what, seen.tokens, seen.problems);
}
END_TEST

/* Every beginning of every text is lexed to its end. */
START_TEST(test_beginnings)
{
	struct seen seen;
	char *text = strdup(rows[_i].text);

	for (size_t n = strlen(text); n > 0; n--) {
		text[n - 1] = '\0';
		lex(text, &seen);
	}
	free(text);
}
END_TEST

Suite *
suite(void)
{
	Suite *s = suite_create("lexer");
	TCase *tc = tcase_create("lexer");

	tcase_add_loop_test(tc, test_tokens, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(tc, test_beginnings, 0,
	    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, tc);
	return s;
}
