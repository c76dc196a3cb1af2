#include "config/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 40 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Upper and lower case are no difference, and neither are - and _. */
static bool
same(char a, char b)
{
	return (a == '_' ? '-' : tolower((unsigned char)a)) ==
	    (b == '_' ? '-' : tolower((unsigned char)b));
}

/* How many places differ; words of up to WORD_MAX letters. */
static unsigned
distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
	unsigned row[WORD_MAX + 1][WORD_MAX + 1];

	for (unsigned i = 0; i <= n_a; i++)
		row[i][0] = i;
	for (unsigned j = 0; j <= n_b; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n_a; i++) {
		for (size_t j = 1; j <= n_b; j++) {
			unsigned other = !same(a[i - 1], b[j - 1]);

			row[i][j] = least(row[i - 1][j - 1] + other,
			    least(row[i - 1][j], row[i][j - 1]) + 1);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]))
				row[i][j] = least(row[i][j],
				    row[i - 2][j - 2] + 1);
		}
	}
	return row[n_a][n_b];
}

void
nearest_try(struct nearest *nearest, const char *candidate)
{
	size_t n = strlen(nearest->word), m = strlen(candidate);
	unsigned most = n < 4 ? 1 : 2, found;

	if (n == 0 || n > WORD_MAX || m > WORD_MAX ||
	    strcmp(nearest->word, candidate) == 0)
		return;
	if (nearest->found != NULL) {
		if (nearest->distance == 0)
			return;
		most = nearest->distance - 1;
	}
	found = distance(nearest->word, n, candidate, m);
	if (found > most || found >= m)
		return;
	nearest->found = candidate;
	nearest->distance = found;
}
