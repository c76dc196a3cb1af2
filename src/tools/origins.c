#include "tools/origins.h"

#include "report/policy_text.h"
#include "report/text.h"

/* Of the three lists of options, in the order of policy_options(). */
static const enum policy_source list_source[POLICY_LISTS] = {
	POLICY_FROM_RULE, POLICY_FROM_SITE, POLICY_FROM_TOP,
};

/* Begin a line with the name of a value. */
static void
begin(FILE *to, const char *name)
{
	(void)fprintf(to, "  %s ", name);
}

static void
put_titled(FILE *to, const char *kind, const char *title, const char *origin)
{
	(void)fprintf(to, "%s ", kind);
	policy_text_typed(to, title);
	(void)fprintf(to, " (%s)", origin);
}

/* End the line with where the value comes from. */
static void
put_source(FILE *to, const struct policy_decision *decision,
    enum policy_source source, const char *top_origin, uint16_t arch)
{
	char text[TEXT_ARCH];

	(void)fputs(": ", to);
	switch (source) {
	case POLICY_FROM_RULE:
		put_titled(to, "rule", decision->rule->name,
		    decision->rule->origin);
		break;
	case POLICY_FROM_HOST:
		(void)fprintf(to, "hosts-file (%s:%u)",
		    decision->rule->hosts->path, decision->host->line);
		break;
	case POLICY_FROM_ITEM:
		put_titled(to, "item of rule", decision->rule->name,
		    decision->rule->origin);
		break;
	case POLICY_FROM_SITE:
		put_titled(to, "site", decision->site->name,
		    decision->site->origin);
		break;
	case POLICY_FROM_TOP:
		(void)fprintf(to, "top (%s)", top_origin);
		break;
	case POLICY_FROM_ARCH:
		(void)fprintf(to, "built-in, the usual one of %s",
		    text_arch(arch, text));
		break;
	case POLICY_FROM_US:
		(void)fputs("built-in, our own address", to);
		break;
	case POLICY_FROM_SERVER:
		(void)fputs("built-in, from the next-server", to);
		break;
	case POLICY_SOURCES:
		break;
	}
	(void)fputc('\n', to);
}

static void
put_file(FILE *to, const struct responder_exchange *x)
{
	const struct policy_decision *decision = &x->decision;

	if (decision->n == 0)
		return;
	begin(to, "bootfile-name");
	policy_text_typed(to, decision->file);
	put_source(to, decision, decision->file_from,
	    decision->policy->file_origin, x->request.arch);
}

static void
put_next_server(FILE *to, const struct responder_exchange *x)
{
	const struct policy_decision *decision = &x->decision;
	char text[TEXT_ADDRESS];

	begin(to, "next-server");
	(void)fputs(text_address(decision->next_server, text), to);
	put_source(to, decision, decision->next_server_from,
	    decision->policy->next_server_origin, 0);
}

static void
put_http_root(FILE *to, const struct responder_exchange *x)
{
	const struct policy_decision *decision = &x->decision;

	if (decision->http_root_from == POLICY_SOURCES)
		return;
	begin(to, "http-root");
	policy_text_typed(to, decision->http_root != NULL ?
	    decision->http_root : "http://${next-server}/");
	put_source(to, decision, decision->http_root_from,
	    decision->policy->http_root_origin, 0);
}

static void
put_form(FILE *to, const struct policy_decision *decision)
{
	begin(to, "form");
	(void)fputs(form_name(decision->form), to);
	if (decision->form == decision->rule->form) {
		put_source(to, decision, POLICY_FROM_RULE, NULL, 0);
		return;
	}
	(void)fputs(": built-in, that of such clients", to);
	if (decision->rule->form != FORM_DEFAULT)
		(void)fprintf(to, " where the rule says %s",
		    form_name(decision->rule->form));
	(void)fputc('\n', to);
}

static void
put_options(FILE *to, const struct policy_decision *decision)
{
	for (unsigned i = 0; i < POLICY_LISTS; i++) {
		size_t n;
		const struct policy_option *option = policy_options(decision,
		    i, &n);

		for (size_t j = 0; j < n; j++) {
			if (policy_has_option(decision, i, option[j].code))
				continue;
			begin(to, "option");
			policy_text_option(to, &option[j]);
			put_source(to, decision, list_source[i],
			    decision->policy->option_origin, 0);
		}
	}
}

void
origins_print(FILE *to, const struct responder_exchange *x)
{
	put_file(to, x);
	put_next_server(to, x);
	put_http_root(to, x);
	put_form(to, &x->decision);
	put_options(to, &x->decision);
}
