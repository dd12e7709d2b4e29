/* SPDX-License-Identifier: GPL-2.0 */
/* What can stand where the cursor is: commands, resource types, properties, values. Pure. */
#ifndef ZKZ_CONF_COMPLETE_H
#define ZKZ_CONF_COMPLETE_H

#include "conf/session.h"

/** enum conf_outside - what this room cannot know, and the caller adds */
enum conf_outside {
	CONF_OUTSIDE_NOTHING,
	CONF_OUTSIDE_LINKS,	/* bridges of the host */
	CONF_OUTSIDE_FILES,
	CONF_OUTSIDE_TEMPLATES,
};

/** typedef conf_word_fn - gets one word that fits; @more: something follows it at once ('=') */
typedef void (*conf_word_fn)(const char *word, bool more, void *arg);

/**
 * conf_complete() - all words that fit at the end of a text
 * @s:    session that the text would be given to; a resource may be open, and there need
 *        not be a configuration
 * @text: what was typed before the cursor
 * @fn:   called for each word, as a whole
 * @arg:  for @fn
 *
 * A word ends before the '=' of an assignment, and begins again behind it.
 * Return: what else would fit.
 */
enum conf_outside conf_complete(const struct conf_session *s, const char *text,
				conf_word_fn fn, void *arg);

#endif
