#include "report/field.h"

#include "report/json.h"

#include <string.h>

enum {
	WIRE_MAX = 64,			/* octets of the wire that are shown */
	VALUE_MAX = 2048,		/* octets of a value */
	COLUMNS_MAX = 16,
};

bool
field_get(const struct field *field, const void *of, struct field_value *out)
{
	if (field->when != NULL && !field->when(of))
		return false;
	*out = (struct field_value){ .kind = field->kind };
	if (field->get != NULL)
		field->get(of, out);
	return true;
}

/* The octets of a text; none where there is no text. */
static struct span
span_of(const char *text)
{
	return text != NULL ? span_text(text) : (struct span){ 0 };
}

/*
 * A line.
 */

static void
add_address(struct text_line *line, struct in_addr address)
{
	char text[TEXT_ADDRESS];

	text_add_word(line, text_address(address, text));
}

/* Each tag, with what stands before the first one too. */
static void
add_vlans(struct text_line *line, const struct field_value *value,
    const char *before)
{
	for (unsigned i = 0; i < value->tags; i++)
		text_add(line, "%s%u", i > 0 ? before : "",
		    frame_vlan(value->tag[i]));
}

static void
add_value(struct text_line *line, const struct field_value *value,
    const char *before)
{
	switch (value->kind) {
	case FIELD_NOTHING:
		break;
	case FIELD_WORD:
		text_add_word(line, value->word);
		break;
	case FIELD_LABEL:
		text_add_word(line, value->word);
		text_add_word(line, ": ");
		break;
	case FIELD_SENTENCE:
		text_add_word(line, value->sentence);
		break;
	case FIELD_TEXT:
		text_add_quoted(line, span_of(value->word), value->most);
		break;
	case FIELD_WIRE:
		text_add_quoted(line, value->octets, WIRE_MAX);
		break;
	case FIELD_ADDRESS:
		add_address(line, value->address);
		break;
	case FIELD_PLACE:
		add_address(line, value->address);
		text_add(line, ":%u", value->port);
		break;
	case FIELD_VLANS:
		add_vlans(line, value, before);
		break;
	case FIELD_NUMBER:
	case FIELD_IDENTIFIER:
		text_add(line, "%llu", value->number);
		break;
	case FIELD_FLAG:
		text_add_word(line, value->flag ? "yes" : "no");
		break;
	}
}

void
field_add_line(struct text_line *line, const struct field fields[], size_t n,
    const void *of)
{
	struct field_value value;

	for (size_t i = 0; i < n; i++) {
		if (fields[i].text == NULL ||
		    !field_get(&fields[i], of, &value))
			continue;
		text_add_word(line, fields[i].text);
		add_value(line, &value, fields[i].text);
	}
}

/*
 * JSON.
 */

static void
json_vlans(struct text_line *line, const struct field_value *value)
{
	text_add_word(line, "[");
	for (unsigned i = 0; i < value->tags; i++)
		text_add(line, "%s%u", i > 0 ? "," : "",
		    frame_vlan(value->tag[i]));
	text_add_word(line, "]");
}

static void
json_address(struct text_line *line, struct in_addr address)
{
	text_add_word(line, "\"");
	add_address(line, address);
	text_add_word(line, "\"");
}

static void
json_value(struct text_line *line, const char *name,
    const struct field_value *value)
{
	char text[VALUE_MAX];

	switch (value->kind) {
	case FIELD_NOTHING:
		text_add_word(line, "null");
		break;
	case FIELD_WORD:
	case FIELD_LABEL:
	case FIELD_SENTENCE:
	case FIELD_TEXT:
		text_add_word(line, value->word == NULL ? "null" :
		    json_text(value->word, text, sizeof(text)));
		break;
	case FIELD_WIRE:
		text_add_word(line, json_wire(value->octets, WIRE_MAX, text,
		    sizeof(text)));
		break;
	case FIELD_ADDRESS:
		json_address(line, value->address);
		break;
	case FIELD_PLACE:
		/* Two members: the address, and then the port by itself. */
		json_address(line, value->address);
		text_add(line, ",\"%s_port\":%u", name, value->port);
		break;
	case FIELD_VLANS:
		json_vlans(line, value);
		break;
	case FIELD_NUMBER:
	case FIELD_IDENTIFIER:
		text_add(line, "%llu", value->number);
		break;
	case FIELD_FLAG:
		text_add_word(line, value->flag ? "true" : "false");
		break;
	}
}

void
field_add_json(struct text_line *line, const struct field fields[], size_t n,
    const void *of)
{
	struct field_value value;
	const char *comma = "";

	for (size_t i = 0; i < n; i++) {
		if (fields[i].json == NULL ||
		    !field_get(&fields[i], of, &value))
			continue;
		text_add(line, "%s\"%s\":", comma, fields[i].json);
		json_value(line, fields[i].json, &value);
		comma = ",";
	}
}

/*
 * A table.
 */

/* What stands in a column. */
static size_t
form_cell(const struct field *field, const void *of, char out[VALUE_MAX])
{
	struct text_line line = text_begin(out, VALUE_MAX);
	struct field_value value;

	if (!field_get(field, of, &value))
		text_add_word(&line, "-");
	else if (value.kind == FIELD_TEXT)
		text_add_cell(&line, span_of(value.word));
	else
		add_value(&line, &value, " ");
	return line.n;
}

static void
measure(const struct field fields[], size_t n, const void *of,
    size_t width[COLUMNS_MAX])
{
	char cell[VALUE_MAX];

	for (size_t i = 0; i < n; i++) {
		size_t wide = fields[i].text == NULL ? 0 :
		    form_cell(&fields[i], of, cell);

		if (wide > width[i])
			width[i] = wide;
	}
}

/* One line; of NULL it is that of the titles.  Numbers end below each other. */
static void
print_row(FILE *to, const struct field fields[], size_t n, const void *of,
    const size_t width[COLUMNS_MAX])
{
	char cell[VALUE_MAX];
	size_t blanks = 0;

	for (size_t i = 0; i < n; i++) {
		const char *text = fields[i].text;
		size_t wide;

		if (text == NULL)
			continue;
		if (of != NULL) {
			(void)form_cell(&fields[i], of, cell);
			text = cell;
		}
		wide = width[i] - strlen(text);
		if (fields[i].kind == FIELD_NUMBER ||
		    fields[i].kind == FIELD_IDENTIFIER) {
			blanks += wide;
			wide = 0;
		}
		(void)fprintf(to, "%*s%s", (int)blanks, "", text);
		blanks = wide + 2;
	}
	(void)fputc('\n', to);
}

void
field_print_table(FILE *to, const struct field fields[], size_t n,
    const void *(*next)(const void *list, const void *last),
    const void *list)
{
	size_t width[COLUMNS_MAX] = { 0 };
	const void *of = NULL;

	for (size_t i = 0; i < n; i++)
		if (fields[i].text != NULL)
			width[i] = strlen(fields[i].text);
	while ((of = next(list, of)) != NULL)
		measure(fields, n, of, width);
	print_row(to, fields, n, NULL, width);
	while ((of = next(list, of)) != NULL)
		print_row(to, fields, n, of, width);
}

/*
 * One of them, alone.
 */

/* Our texts have hyphens where names in JSON have underscores. */
static void
print_name(FILE *to, const char *name, size_t width)
{
	size_t n = strlen(name);

	(void)fputs("  ", to);
	for (size_t i = 0; i < n; i++)
		(void)fputc(name[i] == '_' ? '-' : name[i], to);
	(void)fprintf(to, "%*s", (int)(width - n), "");
}

void
field_print_pairs(FILE *to, const struct field fields[], size_t n,
    const void *of)
{
	char cell[VALUE_MAX];
	struct field_value value;
	size_t width = 0;

	for (size_t i = 0; i < n; i++)
		if (fields[i].json != NULL && strlen(fields[i].json) > width)
			width = strlen(fields[i].json);
	for (size_t i = 0; i < n; i++) {
		if (fields[i].json == NULL ||
		    !field_get(&fields[i], of, &value))
			continue;
		(void)form_cell(&fields[i], of, cell);
		print_name(to, fields[i].json, width);
		(void)fprintf(to, "  %s\n", cell);
	}
}
