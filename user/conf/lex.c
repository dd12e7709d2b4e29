// SPDX-License-Identifier: GPL-2.0
#include "conf/lex.h"

#include <stdio.h>
#include <string.h>

int lex_init(struct lex *lx, const char *text, size_t len, struct zkz_err *err)
{
	if (len > CONF_MAX_SCRIPT)
		return err_config_long(err, CONF_MAX_SCRIPT);
	lx->p = text;
	lx->end = text + len;
	lx->line = 1;
	return 0;
}

static int bad_byte(const struct lex *lx, unsigned char c, struct zkz_err *err)
{
	char byte[8];

	snprintf(byte, sizeof(byte), "0x%02x", c);
	return err_config_byte(err, lx->line, byte);
}

static bool is_text(unsigned char c)
{
	return c >= ' ' && c < 0x7f;
}

static void skip_blanks(struct lex *lx)
{
	while (lx->p < lx->end) {
		char c = *lx->p;

		if (c == '#') {
			while (lx->p < lx->end && *lx->p != '\n')
				lx->p++;
		} else if (c == '\\' && lx->p + 1 < lx->end && lx->p[1] == '\n') {
			lx->p += 2;
			lx->line++;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			lx->p++;
		} else {
			return;
		}
	}
}

static int put(struct lex_token *t, size_t *n, char c, struct zkz_err *err)
{
	if (*n + 1 >= sizeof(t->text))
		return err_config_word_long(err, t->line, sizeof(t->text) - 1);
	t->text[(*n)++] = c;
	return 0;
}

/* Inside quotes, after the opening one. */
static int read_quoted(struct lex *lx, struct lex_token *t, size_t *n,
		       struct zkz_err *err)
{
	while (lx->p < lx->end) {
		char c = *lx->p++;

		if (c == '"')
			return 0;
		if (c == '\n')
			break;
		if (c == '\\') {
			if (lx->p == lx->end || (*lx->p != '"' && *lx->p != '\\'))
				return err_config_escape(err, lx->line);
			c = *lx->p++;
		}
		if (!is_text((unsigned char)c))
			return bad_byte(lx, (unsigned char)c, err);
		if (put(t, n, c, err))
			return -1;
	}
	return err_config_quote(err, t->line);
}

static bool ends_word(char c, bool value)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' ||
	       (c == '=' && !value);
}

static int read_word(struct lex *lx, struct lex_token *t, bool value,
		     struct zkz_err *err)
{
	size_t n = 0;

	t->kind = LEX_WORD;
	while (lx->p < lx->end && !ends_word(*lx->p, value)) {
		char c = *lx->p++;

		if (c == '"') {
			t->quoted = true;
			if (read_quoted(lx, t, &n, err))
				return -1;
			continue;
		}
		if (!is_text((unsigned char)c))
			return bad_byte(lx, (unsigned char)c, err);
		if (put(t, &n, c, err))
			return -1;
	}
	t->text[n] = '\0';
	return 0;
}

static int next(struct lex *lx, struct lex_token *t, bool value, struct zkz_err *err)
{
	skip_blanks(lx);
	t->line = lx->line;
	t->quoted = false;

	if (lx->p == lx->end) {
		t->kind = LEX_EOF;
		strcpy(t->text, "end of the text");
		return 0;
	}
	if (*lx->p == '\n' || *lx->p == ';') {
		t->kind = LEX_END;
		strcpy(t->text, *lx->p == ';' ? ";" : "end of the line");
		if (*lx->p++ == '\n')
			lx->line++;
		return 0;
	}
	if (*lx->p == '=' && !value) {
		t->kind = LEX_EQUALS;
		strcpy(t->text, "=");
		lx->p++;
		return 0;
	}
	return read_word(lx, t, value, err);
}

int lex_next(struct lex *lx, struct lex_token *t, struct zkz_err *err)
{
	return next(lx, t, false, err);
}

int lex_value(struct lex *lx, struct lex_token *t, struct zkz_err *err)
{
	return next(lx, t, true, err);
}

bool lex_must_quote(const char *word)
{
	return word[0] == '\0' || strpbrk(word, " \t;\"\\#=(),") != NULL;
}
