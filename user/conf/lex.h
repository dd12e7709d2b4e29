/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes to tokens of the configuration language. Pure.
 *
 * Commands end at a line end or a semicolon; '#' at the start of a word begins
 * a comment; words may be quoted with "..." in which \" and \\ are escapes. The
 * language is US-ASCII.
 */
#ifndef ZKZ_CONF_LEX_H
#define ZKZ_CONF_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/* A configuration as it is stored, and commands of a user, which may be a generated file. */
#define CONF_MAX_TEXT	(64 * 1024)
#define CONF_MAX_SCRIPT	(1024 * 1024)
#define CONF_MAX_WORD	2048

enum lex_kind {
	LEX_WORD,	/* word, @text holds it without quotes */
	LEX_EQUALS,	/* '=' between words */
	LEX_END,	/* end of a command */
	LEX_EOF,
};

/**
 * struct lex_token - one token
 * @kind:   what it is
 * @text:   the word, or how to show the token in a message
 * @quoted: the word was quoted
 * @line:   line it began on, from 1
 */
struct lex_token {
	enum lex_kind kind;
	char text[CONF_MAX_WORD];
	bool quoted;
	unsigned int line;
};

/** struct lex - position in the text */
struct lex {
	const char *p;
	const char *end;
	unsigned int line;
};

/** lex_init() - begin at @text; refuses texts above CONF_MAX_SCRIPT */
int lex_init(struct lex *lx, const char *text, size_t len, struct zkz_err *err);

/** lex_next() - next token, where '=' separates words */
int lex_next(struct lex *lx, struct lex_token *t, struct zkz_err *err);

/** lex_value() - next token as a value, where '=' and ',' are ordinary */
int lex_value(struct lex *lx, struct lex_token *t, struct zkz_err *err);

/** lex_must_quote() - true if @word must be quoted to be read back as it is */
bool lex_must_quote(const char *word);

#endif
