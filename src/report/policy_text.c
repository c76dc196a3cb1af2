#include "report/policy_text.h"

#include "report/text.h"

#include <ctype.h>
#include <string.h>

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

void
policy_text_typed(FILE *to, const char *text)
{
	if (strpbrk(text, "\"\\") == NULL) {
		(void)fprintf(to, "\"%s\"", text);
		return;
	}
	if (strchr(text, '\'') == NULL) {
		(void)fprintf(to, "'%s'", text);
		return;
	}
	(void)fputc('"', to);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			(void)fputc('\\', to);
		(void)fputc(*text, to);
	}
	(void)fputc('"', to);
}

static void
put_address(FILE *to, struct in_addr address)
{
	char text[TEXT_ADDRESS];

	(void)fputs(text_address(address, text), to);
}

static void
put_matches(FILE *to, const struct match *match, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		(void)fprintf(to, "%s%s%s", i > 0 ? ", " : "",
		    match[i].negated ? "not " : "",
		    match_key_name(match[i].key));
		for (size_t j = 0; j < match[i].n; j++)
			(void)fprintf(to, "%s%s", j > 0 ? " or " : " ",
			    match[i].value[j].text);
	}
	if (n == 0)
		(void)fputs("every client", to);
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

void
policy_text_option(FILE *to, const struct policy_option *option)
{
	struct span value = option->value;
	bool is_text = value.n > 0;
	uint8_t octet;

	while (is_text && span_u8(&value, &octet))
		is_text = isprint(octet) && octet != '"' && octet != '\\';
	value = option->value;
	(void)fprintf(to, "%u %s", option->code, is_text ? "\"" : "hex ");
	while (span_u8(&value, &octet))
		(void)fprintf(to, is_text ? "%c" : "%02x", octet);
	(void)fputs(is_text ? "\"" : "", to);
}

static void
put_options(FILE *to, const struct policy_option *option, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		(void)fputs(", option ", to);
		policy_text_option(to, &option[i]);
	}
}

static void
put_menu(FILE *to, const struct form_menu *menu)
{
	(void)fputs("that of the item, prompt ", to);
	policy_text_typed(to, menu->prompt);
	(void)fprintf(to, ", timeout %u", menu->timeout);
	for (size_t i = 0; i < menu->n; i++) {
		const struct form_item *item = &menu->item[i];

		(void)fputs(", item ", to);
		policy_text_typed(to, item->text);
		(void)fputc(' ', to);
		if (item->file != NULL)
			policy_text_typed(to, item->file);
		else
			(void)fputs("local disk", to);
		if (item->has_next_server) {
			(void)fputs(" from ", to);
			put_address(to, item->next_server);
		}
	}
}

static void
put_origin(FILE *to, const char *origin)
{
	if (origin != NULL)
		(void)fprintf(to, " (%s)", origin);
}

static void
put_file(FILE *to, const struct policy *policy, const struct policy_rule *rule)
{
	const struct arch *arch = only_arch(rule);

	(void)fputs("bootfile-name ", to);
	if (rule->menu != NULL) {
		put_menu(to, rule->menu);
		return;
	}
	if (rule->hosts != NULL)
		(void)fputs("that of the host, else ", to);
	if (rule->file != NULL) {
		policy_text_typed(to, rule->file);
	} else if (policy->file != NULL) {
		policy_text_typed(to, policy->file);
		put_origin(to, policy->file_origin);
	} else if (arch != NULL && arch->file != NULL) {
		policy_text_typed(to, arch->file);
	} else {
		(void)fputs("that of the architecture", to);
	}
}

static void
put_top_next_server(FILE *to, const struct policy *policy)
{
	if (policy->has_next_server) {
		put_address(to, policy->next_server);
		put_origin(to, policy->next_server_origin);
	} else {
		(void)fputs("our own", to);
	}
}

static void
put_next_server(FILE *to, const struct policy *policy,
    const struct policy_rule *rule)
{
	(void)fputs(", next-server ", to);
	if (rule->next_server_text != NULL) {
		policy_text_typed(to, rule->next_server_text);
	} else if (rule->has_next_server) {
		put_address(to, rule->next_server);
	} else {
		if (policy->n_site > 0)
			(void)fputs("that of the site, else ", to);
		put_top_next_server(to, policy);
	}
}

static void
put_answer(FILE *to, const struct policy *policy,
    const struct policy_rule *rule)
{
	if (rule->ignore) {
		(void)fputs("nothing", to);
		return;
	}
	put_file(to, policy, rule);
	put_next_server(to, policy, rule);
	if (rule->http_root != NULL) {
		(void)fputs(", http-root ", to);
		policy_text_typed(to, rule->http_root);
	}
	(void)fprintf(to, ", form %s", form_name(likely_form(rule)));
	put_options(to, rule->option, rule->n_option);
	if (rule->min_secs > 0)
		(void)fprintf(to, ", min-secs %u", rule->min_secs);
	if (rule->delay > 0)
		(void)fprintf(to, ", delay %u ms", rule->delay);
}

static void
put_rule(FILE *to, const struct policy *policy, size_t i)
{
	const struct policy_rule *rule = &policy->rule[i];

	(void)fprintf(to, "%3zu  ", i + 1);
	policy_text_typed(to, rule->name);
	(void)fputs("  ", to);
	put_matches(to, rule->match, rule->n_match);
	(void)fputs(" -> ", to);
	put_answer(to, policy, rule);
	(void)fprintf(to, "  (%s)\n", rule->origin);
}

static void
put_site(FILE *to, const struct policy_site *site)
{
	(void)fputs("site ", to);
	policy_text_typed(to, site->name);
	(void)fputs("  ", to);
	put_matches(to, site->match, site->n_match);
	(void)fputs(" ->", to);
	if (site->has_next_server || site->next_server_text != NULL) {
		(void)fputs(" next-server ", to);
		if (site->next_server_text != NULL)
			policy_text_typed(to, site->next_server_text);
		else
			put_address(to, site->next_server);
	}
	if (site->http_root != NULL) {
		(void)fputs(" http-root ", to);
		policy_text_typed(to, site->http_root);
	}
	put_options(to, site->option, site->n_option);
	(void)fprintf(to, "  (%s)\n", site->origin);
}

static void
put_networks(FILE *to, const char *name,
    const struct policy_networks *networks)
{
	if (networks->n == 0)
		(void)fprintf(to, "%s all\n", name);
	for (size_t i = 0; i < networks->n; i++) {
		(void)fprintf(to, "%s ", name);
		put_address(to, networks->network[i].address);
		(void)fprintf(to, "/%d\n",
		    __builtin_popcount(networks->network[i].mask.s_addr));
	}
}

static void
put_top(FILE *to, const struct policy *policy)
{
	const struct arch *arch = policy->has_default_arch ?
	    arch_by_number(policy->default_arch) : NULL;

	(void)fputs("next-server ", to);
	put_top_next_server(to, policy);
	(void)fputs("\nbootfile-name ", to);
	if (policy->file != NULL) {
		policy_text_typed(to, policy->file);
		put_origin(to, policy->file_origin);
	} else {
		(void)fputs("that of the architecture", to);
	}
	(void)fputs("\nhttp-root ", to);
	if (policy->http_root != NULL) {
		policy_text_typed(to, policy->http_root);
		put_origin(to, policy->http_root_origin);
	} else {
		(void)fputs("http://NEXT-SERVER/", to);
	}
	for (size_t i = 0; i < policy->n_option; i++) {
		(void)fputs("\noption ", to);
		policy_text_option(to, &policy->option[i]);
		put_origin(to, policy->option_origin);
	}
	(void)fputs("\ndefault-arch ", to);
	if (arch != NULL)
		(void)fputs(arch->name, to);
	else if (policy->has_default_arch)
		(void)fprintf(to, "%u", policy->default_arch);
	else
		(void)fputs("none", to);
	(void)fputs("\naccept-vendor-class PXEClient, HTTPClient", to);
	for (size_t i = 0; i < policy->classes.n; i++)
		(void)fprintf(to, ", %.*s", (int)policy->classes.prefix[i].n,
		    (const char *)policy->classes.prefix[i].p);
	(void)fputc('\n', to);
	put_networks(to, "allow-relay", &policy->allow_relay);
	put_networks(to, "allow-client", &policy->allow_client);
}

/* A limit of 0 is none. */
static void
put_rate(FILE *to, const char *name, unsigned rate)
{
	(void)fprintf(to, rate > 0 ? "%s %u a second\n" : "%s no limit\n",
	    name, rate);
}

static void
put_capture(FILE *to, const struct config_capture *capture)
{
	(void)fprintf(to, "ring-size %zuK\npromiscuous %s\nobserve %s\n",
	    capture->ring_octets / 1024,
	    capture->promiscuous ? "true" : "false",
	    capture->observe ? "true" : "false");
	for (size_t i = 0; i < capture->n; i++) {
		const struct config_interface *interface =
		    &capture->interface[i];

		(void)fprintf(to, "interface \"%s\" promiscuous %s",
		    interface->name, interface->promiscuous ? "true" :
		    "false");
		if (interface->has_address) {
			(void)fputs(" address ", to);
			put_address(to, interface->address);
		}
		(void)fputc('\n', to);
	}
}

/* How many rules are the file's; the others are built in. */
static size_t
count_own(const struct policy *policy)
{
	size_t n = 0;

	while (n < policy->n && policy->rule[n].is_own)
		n++;
	return n;
}

void
policy_text_print(FILE *to, const struct policy *policy, bool all,
    const unsigned long long requests[])
{
	size_t own = count_own(policy);

	if (requests != NULL)
		(void)fprintf(to, "  REQUESTS  RULE\n");
	for (size_t i = 0; i < (all ? policy->n : own); i++) {
		if (requests != NULL)
			(void)fprintf(to, "%10llu  ", requests[i]);
		put_rule(to, policy, i);
	}
	if (!all)
		(void)fprintf(to, "%3zu to %zu  built in: iPXE, HTTP Boot, "
		    "each architecture with its usual file\n", own + 1,
		    policy->n);
	for (size_t i = 0; i < policy->n_site; i++)
		put_site(to, &policy->site[i]);
	put_top(to, policy);
}

void
policy_text_config(FILE *to, const struct config *config)
{
	const struct config_rates *rates = config_rates(config);

	put_rate(to, "client-rate", rates->client);
	put_rate(to, "total-rate", rates->total);
	put_capture(to, config_capture(config));
}
