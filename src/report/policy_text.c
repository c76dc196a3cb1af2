#include "report/policy_text.h"

#include "report/text.h"

#include <string.h>

static void
add_text(struct text_line *line, const char *text)
{
	text_add_quoted(line, (struct span){ (const uint8_t *)text,
	    strlen(text) }, POLICY_FILE_MAX);
}

static void
add_address(struct text_line *line, struct in_addr address)
{
	char text[TEXT_ADDRESS];

	text_add_word(line, text_address(address, text));
}

static void
add_match(struct text_line *line, const struct match *match)
{
	text_add(line, "%s%s ", match->negated ? "not " : "",
	    match_key_name(match->key));
	for (size_t i = 0; i < match->n; i++) {
		text_add(line, "%s", i > 0 ? " or " : "");
		text_add(line, "%s", match->value[i].text);
	}
}

const char *
policy_text_match(const struct match *match, char out[POLICY_TEXT_LINE])
{
	struct text_line line = text_begin(out, POLICY_TEXT_LINE);

	add_match(&line, match);
	return out;
}

static void
add_matches(struct text_line *line, const struct policy_rule *rule)
{
	for (size_t i = 0; i < rule->n_match; i++) {
		text_add(line, "%s", i > 0 ? ", " : "");
		add_match(line, &rule->match[i]);
	}
	if (rule->n_match == 0)
		text_add(line, "every client");
}

/* The one architecture that the rule is for, or NULL. */
static const struct arch *
only_arch(const struct policy_rule *rule)
{
	const struct match *match = rule->match;

	if (rule->n_match != 1 || match->key != MATCH_ARCH ||
	    match->negated || match->n != 1 || match->value->is.arch.is_family)
		return NULL;
	return arch_by_number(match->value->is.arch.number);
}

/* The form that the table can tell: that of the only kind it is for. */
static enum form
likely_form(const struct policy_rule *rule)
{
	const struct arch *arch = only_arch(rule);
	const struct match *match = rule->match;

	if (rule->form != FORM_DEFAULT)
		return rule->form;
	if (arch != NULL)
		return arch->transport == ARCH_HTTP ? FORM_HTTP :
		    form_by_kind(form_kind_of(arch->family));
	if (rule->n_match != 1 || match->key != MATCH_CLIENT)
		return FORM_DEFAULT;
	if (match->value->is.client == MATCH_CLIENT_IPXE)
		return FORM_IPXE;
	return match->value->is.client == MATCH_CLIENT_HTTP ? FORM_HTTP :
	    FORM_DEFAULT;
}

static void
add_file(struct text_line *line, const struct policy *policy,
    const struct policy_rule *rule)
{
	const struct arch *arch = only_arch(rule);

	if (rule->menu != NULL)
		text_add(line, "that of %zu items", rule->menu->n);
	else if (rule->hosts != NULL)
		text_add(line, "that of the host");
	else if (rule->file != NULL)
		add_text(line, rule->file);
	else if (policy->file != NULL)
		add_text(line, policy->file);
	else if (arch != NULL && arch->file != NULL)
		add_text(line, arch->file);
	else
		text_add(line, "that of the architecture");
}

static void
add_next_server(struct text_line *line, const struct policy *policy,
    const struct policy_rule *rule)
{
	if (rule->next_server_text != NULL)
		add_text(line, rule->next_server_text);
	else if (rule->has_next_server)
		add_address(line, rule->next_server);
	else if (policy->has_next_server)
		add_address(line, policy->next_server);
	else
		text_add(line, "our own");
}

static void
add_answer(struct text_line *line, const struct policy *policy,
    const struct policy_rule *rule)
{
	if (rule->ignore) {
		text_add(line, "nothing");
		return;
	}
	text_add(line, "bootfile-name ");
	add_file(line, policy, rule);
	text_add(line, ", next-server ");
	add_next_server(line, policy, rule);
	text_add(line, ", form %s", form_name(likely_form(rule)));
	for (size_t i = 0; i < rule->n_option; i++)
		text_add(line, ", option %u", rule->option[i].code);
	if (rule->min_secs > 0)
		text_add(line, ", min-secs %u", rule->min_secs);
	if (rule->delay > 0)
		text_add(line, ", delay %u ms", rule->delay);
}

static void
print_networks(FILE *to, const char *name,
    const struct policy_networks *networks)
{
	char address[TEXT_ADDRESS];

	for (size_t i = 0; i < networks->n; i++)
		(void)fprintf(to, "%s %s/%d\n", name,
		    text_address(networks->network[i].address, address),
		    __builtin_popcount(networks->network[i].mask.s_addr));
}

void
policy_text_print(FILE *to, const struct policy *policy,
    const unsigned long long requests[])
{
	char name[POLICY_TEXT_LINE], matches[4 * POLICY_TEXT_LINE],
	    answer[POLICY_TEXT_LINE];

	if (requests != NULL)
		(void)fprintf(to, "  REQUESTS  RULE\n");
	for (size_t i = 0; i < policy->n; i++) {
		const struct policy_rule *rule = &policy->rule[i];
		struct text_line names = text_begin(name, sizeof(name));
		struct text_line left = text_begin(matches,
		    sizeof(matches));
		struct text_line right = text_begin(answer,
		    sizeof(answer));

		add_text(&names, rule->name);
		add_matches(&left, rule);
		add_answer(&right, policy, rule);
		if (requests != NULL)
			(void)fprintf(to, "%10llu  ", requests[i]);
		(void)fprintf(to, "%3zu  %-28s %-26s -> %s  (%s)\n", i + 1,
		    name, matches, answer, rule->origin);
	}
	print_networks(to, "allow-relay", &policy->allow_relay);
	print_networks(to, "allow-client", &policy->allow_client);
}
