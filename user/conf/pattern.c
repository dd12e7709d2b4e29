// SPDX-License-Identifier: GPL-2.0
#include "conf/pattern.h"

#include "conf/syntax.h"

/* "anet 0" is short for "anet id=0". */
static int read_bare_key(struct conf_res *pattern, const struct lex_token *t,
			 struct zkz_err *err)
{
	const struct conf_type *type = pattern->type;
	char val[CONF_MAX_VALUE];

	if (type->key < 0 || pattern->val[type->key] ||
	    conf_canon(&type->prop[type->key], t->text, val, err)) {
		err_config_key(err, type->name);
		return conf_bad_token(t, err);
	}
	conf_res_set(pattern, type->key, val);
	return 0;
}

/* Is the word the name of something else that can be shown? */
static bool of_the_rest(const struct conf_type *type, const struct lex_token *t, struct lex after)
{
	struct lex_token next;

	if (conf_prop_find(type, t->text) >= 0)
		return lex_next(&after, &next, NULL) || next.kind != LEX_EQUALS;
	return conf_type_find(t->text) || conf_prop_find(&conf_global, t->text) >= 0;
}

/* Return: 1 if there was one more part, 0 at the end. */
static int read_part(struct conf_session *s, struct lex *lx, struct conf_res *pattern,
		     bool rest, struct zkz_err *err)
{
	const struct conf_type *type = pattern->type;
	struct lex before = *lx;
	char val[CONF_MAX_VALUE];
	struct lex_token t;
	int prop;

	if (lex_next(lx, &t, err))
		return -1;
	if (t.kind == LEX_END || t.kind == LEX_EOF ||
	    (rest && t.kind == LEX_WORD && of_the_rest(type, &t, *lx))) {
		*lx = before;
		return 0;
	}
	if (t.kind == LEX_WORD && conf_prop_find(type, t.text) < 0)
		return read_bare_key(pattern, &t, err) ? -1 : 1;
	if (conf_read_assignment(s, lx, &t, type, NULL, &prop, val, err))
		return -1;
	conf_res_set(pattern, prop, val);
	return 1;
}

struct conf_res *conf_read_pattern(struct conf_session *s, struct lex *lx,
				   const struct conf_type *type, bool rest, struct zkz_err *err)
{
	struct conf_res *pattern = conf_res_new(type);
	int i, rc;

	for (i = 0; i < CONF_MAX_PROPS; i++)
		conf_res_set(pattern, i, NULL);
	do {
		rc = read_part(s, lx, pattern, rest, err);
	} while (rc > 0);
	if (!rc && (rest || !conf_end_of_command(lx, err)))
		return pattern;
	conf_res_free(pattern);
	return NULL;
}

unsigned int conf_find_matches(const struct conf *c, const struct conf_res *pattern,
			       struct conf_res **first)
{
	struct conf_res *r;
	unsigned int n = 0;

	*first = NULL;
	for (r = c->first; r; r = r->next) {
		if (!conf_matches(pattern, r))
			continue;
		if (!n++)
			*first = r;
	}
	return n;
}
