/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Errors that a person can act on. What can fail is written down once, in
 * lib/errors.def: an id for scripts, a sentence that names the thing that
 * failed, and the remedy, both with named arguments. For each entry
 * scripts/regen-errors makes a function of its arguments, so that the compiler
 * checks every use:
 *
 *	return err_zone_busy(err, zone);
 *
 * Functions that can fail return 0 or -1 and fill a struct zkz_err that the
 * caller owns. The first failure wins where it matters: callers that clean up
 * after a failure pass NULL, which every function here accepts.
 *
 * A failure travels as id and arguments (lib/errjson.h) and becomes a text
 * where it is shown. It is a chain of links: the failure, and its causes. An
 * entry of the severity "context" goes before the failure that is there
 * already: it says which device, line or host that was about. So does one of
 * the severity "warning", which says what has come of that failure.
 */
#ifndef ZKZ_LIB_ERR_H
#define ZKZ_LIB_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* enum err_id: ERR_NONE, ERR_FOREIGN, and one for each entry of the catalogue */
#define ERR_WANT_IDS
#include "errors.gen.h"
#undef ERR_WANT_IDS

#define ERR_LINKS	6
#define ERR_ARGS	6
/* Most bytes of one argument, and of a ready-made text of another version. */
#define ERR_ARG_MAX	400
#define ERR_STORE	2560

/**
 * struct err_link - one entry of a chain
 * @id:   what failed; ERR_FOREIGN for what only another version of zkz knows
 * @also: no cause of the link before, but one more failure beside it
 * @host: where, as offset into the store; 0 for this host
 * @arg:  the arguments, as offsets; of a foreign link id, sentence and remedy
 */
struct err_link {
	enum err_id id;
	bool also;
	unsigned short host;
	unsigned short arg[ERR_ARGS];
};

/**
 * struct zkz_err - one failure; all zero while nothing has failed
 * @id:     what failed: that of the first link that is no context
 * @text:   the whole chain as a sentence, without its stop
 * @remedy: what to do about it, of the first link that has one
 * @links:  how many of @link there are
 * @used:   bytes of @store in use
 * @link:   the chain
 * @store:  strings, from offset 1; at 0 is the empty one
 */
struct zkz_err {
	enum err_id id;
	char text[1024];
	char remedy[512];
	unsigned int links;
	size_t used;
	struct err_link link[ERR_LINKS];
	char store[ERR_STORE];
};

enum err_arg_type {
	ERR_ARG_NONE, ERR_ARG_STR, ERR_ARG_HOST, ERR_ARG_SAID, ERR_ARG_INT, ERR_ARG_UINT, ERR_ARG_REAL, ERR_ARG_ERRNO,
	ERR_ARG_WORD
};

enum err_severity { ERR_IS_ERROR, ERR_IS_WARNING, ERR_IS_BUG, ERR_IS_CONTEXT };

/**
 * struct err_word - what an argument can be that is one of a few
 * @key:   for scripts and other hosts
 * @words: what people read
 */
struct err_word {
	const char *key;
	const char *words;
};

/**
 * struct err_entry - one entry of the catalogue
 * @id:       for scripts, which match it: it never changes its meaning
 * @severity: of what a bug causes the remedy is always the same
 * @text:     sentence, with {NAME} for arguments and {here} for the host
 * @remedy:   likewise; empty for a context and a bug
 * @arg:      what the arguments are; of a word, the list of those it can be
 */
struct err_entry {
	const char *id;
	enum err_severity severity;
	const char *text;
	const char *remedy;
	struct {
		enum err_arg_type type;
		const char *name;
		const struct err_word *word;
	} arg[ERR_ARGS];
};

/**
 * err_raise() - record a failure; for the functions of the catalogue only
 * @err: where to record it, NULL if the caller does not care
 * @id:  entry, followed by its arguments in the types of the catalogue
 *
 * What @err said before is forgotten, or becomes the cause if @id is a context
 * or a warning.
 * Arguments may point into @err. Return: always -1, so that callers can return it.
 */
int err_raise(struct zkz_err *err, enum err_id id, ...);

/** err_cause() - what @err says comes of @why: its links follow. Return: -1. */
int err_cause(struct zkz_err *err, const struct zkz_err *why);

/** err_also() - @other has failed, too; its remedy counts only if it is the first. Return: -1. */
int err_also(struct zkz_err *err, const struct zkz_err *other);

/** err_at() - what @err says is about @host, where it does not say so itself. Return: -1. */
int err_at(struct zkz_err *err, const char *host);

/** err_is() - whether @err, which may be NULL, is the failure @id */
static inline bool err_is(const struct zkz_err *err, enum err_id id)
{
	return err && err->id == id;
}

/** err_has() - whether @id is the failure or one of its causes */
bool err_has(const struct zkz_err *err, enum err_id id);

/** err_clear() - forget the failure. */
void err_clear(struct zkz_err *err);

/** err_code() - the id as scripts see it, also of a foreign failure; never NULL */
const char *err_code(const struct zkz_err *err);

/** err_entry() - the catalogue's entry, NULL for what is none */
const struct err_entry *err_entry(enum err_id id);

/** err_find() - the id of that name, ERR_FOREIGN if it is none of this catalogue */
enum err_id err_find(const char *code);

/*
 * For lib/errjson.c, which takes chains apart and puts them together.
 */

/** err_link_new() - one more link, NULL if the chain is full */
struct err_link *err_link_new(struct zkz_err *err, enum err_id id);

/** err_keep() - offset of a copy of @text in the store, cut off where it is full */
unsigned short err_keep(struct zkz_err *err, const char *text);

/** err_link_text() - sentence (or remedy) of one link. Return: @out. */
const char *err_link_text(const struct zkz_err *err, const struct err_link *l, bool remedy, char *out, size_t size);

/** err_render() - make id, text and remedy of the links */
void err_render(struct zkz_err *err);

#define ERR_WANT_FUNCTIONS
#include "errors.gen.h"
#undef ERR_WANT_FUNCTIONS

#endif
