/* SPDX-License-Identifier: GPL-2.0 */
/* What can follow in a configuration's text: of the language, and of this host. */
#ifndef ZKZ_ZKZ_WORDS_H
#define ZKZ_ZKZ_WORDS_H

#include "conf/complete.h"

/**
 * struct words - what fits at the cursor
 * @word:    each as a whole, a property with the '=' that must follow; owned
 * @nr:      how many
 * @outside: CONF_OUTSIDE_FILES if names of files fit, which are not among @word
 */
struct words {
	char **word;
	size_t nr;
	enum conf_outside outside;
};

/** words_at() - for the end of @text, which session @s would get */
void words_at(const struct conf_session *s, const char *text, struct words *w);

/** words_free() - free what words_at() has found */
void words_free(struct words *w);

#endif
