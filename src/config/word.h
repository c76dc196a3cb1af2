#ifndef WORD_H
#define WORD_H

#include "config/buffer.h"
#include "config/problem.h"

/*
 * word.h - the words of a configuration: what stands between blanks or quotes.
 *
 * Words stand bare, in double quotes (\\ and \" are escapes, and there is no
 * other) or in single quotes (nothing is an escape).  In all of them ${NAME}
 * must be a variable of template.h, and ${env:NAME} is replaced by what the
 * environment has under that name.
 */

/* A blank, a tab, or the end of a line. */
bool word_is_blank(char c);

/*
 * Read the word that begins here, which is no sign, into the buffer, and step
 * behind it.  What is wrong with it is told once, and *is_faulty.  false: there
 * is no memory.
 */
bool word_read(struct source_cursor *cursor, struct buffer *buffer,
    struct problems *problems, bool *is_faulty);

#endif
