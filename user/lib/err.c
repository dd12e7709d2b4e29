// SPDX-License-Identifier: GPL-2.0
#include "lib/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUG_REMEDY "This is a bug of zkz, or hosts have different versions of it. Install the same version everywhere; " \
	"if that is so already, report it with the log of zkzd."

#define ERR_WANT_WORDS
#include "errors.gen.h"
#undef ERR_WANT_WORDS

static const struct err_entry catalogue[ERR_IDS] = {
	[ERR_NONE] = { "NONE", ERR_IS_BUG, "Nothing has failed", "", { { 0 } } },
	[ERR_FOREIGN] = { "FOREIGN", ERR_IS_ERROR, "No reason was given", "", { { 0 } } },
#define ERR_WANT_TABLE
#include "errors.gen.h"
#undef ERR_WANT_TABLE
};

const struct err_entry *err_entry(enum err_id id)
{
	return id > ERR_FOREIGN && id < ERR_IDS ? &catalogue[id] : NULL;
}

enum err_id err_find(const char *code)
{
	unsigned int id;

	for (id = ERR_FOREIGN + 1; code && id < ERR_IDS; id++)
		if (!strcmp(catalogue[id].id, code))
			return id;
	return ERR_FOREIGN;
}

unsigned short err_keep(struct zkz_err *err, const char *text)
{
	size_t at = err->used ? err->used : 1, room, n;

	if (!text || !*text || at + 2 > sizeof(err->store))
		return 0;
	room = sizeof(err->store) - at - 1;
	n = strnlen(text, room < ERR_ARG_MAX ? room : ERR_ARG_MAX);
	/* Not in the middle of a letter. */
	while (text[n] && n && (text[n] & 0xc0) == 0x80)
		n--;
	memcpy(err->store + at, text, n);
	err->store[at + n] = '\0';
	err->used = at + n + 1;
	return (unsigned short)at;
}

struct err_link *err_link_new(struct zkz_err *err, enum err_id id)
{
	struct err_link *l;

	if (err->links == ERR_LINKS)
		return NULL;
	l = &err->link[err->links++];
	memset(l, 0, sizeof(*l));
	l->id = id;
	return l;
}

/* What is longer than all texts of the store ends where the buffer does. */
static size_t put(char *out, size_t size, size_t at, const char *text)
{
	size_t n = strnlen(text, size - 1 - at);

	memcpy(out + at, text, n);
	out[at + n] = '\0';
	return at + n;
}

/* What a value of the store is for people. */
static const char *words_of(const struct err_entry *e, unsigned int i, const char *value)
{
	const struct err_word *w = e->arg[i].word;

	if (e->arg[i].type == ERR_ARG_HOST && !*value)
		return "another host";
	if (e->arg[i].type == ERR_ARG_SAID && !*value)
		return "no reason was given";
	if (e->arg[i].type == ERR_ARG_ERRNO)
		return strerror(atoi(value));
	while (w && w->key && strcmp(w->key, value))
		w++;
	return w && w->key ? w->words : value;
}

static const char *value_of(const struct zkz_err *err, const struct err_link *l, const char *name, size_t len,
			    const char *first)
{
	const struct err_entry *e = &catalogue[l->id];
	unsigned int i;

	if (len == 4 && !strncmp(name, "here", 4))
		return l->host ? err->store + l->host : *first ? "this host" : "This host";
	for (i = 0; i < ERR_ARGS && e->arg[i].type; i++)
		if (!strncmp(e->arg[i].name, name, len) && !e->arg[i].name[len])
			return words_of(e, i, err->store + l->arg[i]);
	return "?";
}

static void fill(const struct zkz_err *err, const struct err_link *l, const char *form, char *out, size_t size)
{
	size_t at = 0, len;

	out[0] = '\0';
	for (; *form && at + 1 < size; form += len) {
		char piece[ERR_ARG_MAX];

		len = strcspn(form, form[0] == '{' ? "}" : "{");
		if (form[0] == '{') {
			at = put(out, size, at, value_of(err, l, form + 1, len - 1, out));
			len++;
			continue;
		}
		snprintf(piece, sizeof(piece), "%.*s", (int)len, form);
		at = put(out, size, at, piece);
	}
}

const char *err_link_text(const struct zkz_err *err, const struct err_link *l, bool remedy, char *out, size_t size)
{
	const struct err_entry *e = &catalogue[l->id];

	if (l->id == ERR_FOREIGN)
		snprintf(out, size, "%s", l->arg[1] || remedy ? err->store + l->arg[remedy ? 2 : 1] : e->text);
	else if (remedy && e->severity == ERR_IS_BUG)
		snprintf(out, size, "%s", BUG_REMEDY);
	else
		fill(err, l, remedy ? e->remedy : e->text, out, size);
	return out;
}

static void render_remedy(struct zkz_err *err)
{
	char text[sizeof(err->remedy)];
	unsigned int i;

	err->remedy[0] = '\0';
	for (i = 0; i < err->links && !err->remedy[0]; i++) {
		const struct err_link *l = &err->link[i];

		if (!*err_link_text(err, l, true, text, sizeof(text)))
			continue;
		/* Where to do it goes without saying on the host itself, and if the remedy or a bug's says it. */
		if (!l->host || catalogue[l->id].severity == ERR_IS_BUG || strstr(catalogue[l->id].remedy, "{here}"))
			memcpy(err->remedy, text, sizeof(text));
		else
			snprintf(err->remedy, sizeof(err->remedy), "On %s: %.440s", err->store + l->host, text);
	}
}

/* A known id with other arguments than are known is that failure all the same. */
static enum err_id id_of(const struct zkz_err *err, const struct err_link *l)
{
	return l->id == ERR_FOREIGN ? err_find(err->store + l->arg[0]) : l->id;
}

static enum err_id what_failed(const struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; i < err->links; i++)
		if (catalogue[err->link[i].id].severity != ERR_IS_CONTEXT)
			return id_of(err, &err->link[i]);
	return err->links ? err->link[0].id : ERR_NONE;
}

void err_render(struct zkz_err *err)
{
	const char *host = "", *next;
	char text[sizeof(err->text)];
	unsigned int i;
	size_t at = 0;

	err->text[0] = '\0';
	err->id = what_failed(err);
	for (i = 0; i < err->links; i++, host = next) {
		next = err->store + err->link[i].host;
		if (i)
			at = put(err->text, sizeof(err->text), at, err->link[i].also ? "; " : ": ");
		if (*next && strcmp(next, host)) {
			at = put(err->text, sizeof(err->text), at, "on ");
			at = put(err->text, sizeof(err->text), at, next);
			at = put(err->text, sizeof(err->text), at, ": ");
		}
		at = put(err->text, sizeof(err->text), at,
			 err_link_text(err, &err->link[i], false, text, sizeof(text)));
	}
	render_remedy(err);
}

/* Links of @from go to the end of @err, with what they need of the store. */
static void append(struct zkz_err *err, const struct zkz_err *from)
{
	unsigned int i, k;

	for (i = 0; i < from->links; i++) {
		struct err_link *l = err_link_new(err, from->link[i].id);

		if (!l)
			return;
		l->also = from->link[i].also;
		l->host = err_keep(err, from->store + from->link[i].host);
		for (k = 0; k < ERR_ARGS; k++)
			l->arg[k] = err_keep(err, from->store + from->link[i].arg[k]);
	}
}

static void keep_args(struct zkz_err *err, struct err_link *l, va_list ap)
{
	char text[320];	/* of the largest double */
	unsigned int i;

	for (i = 0; i < ERR_ARGS && catalogue[l->id].arg[i].type; i++) {
		const char *value = text;

		switch (catalogue[l->id].arg[i].type) {
		case ERR_ARG_STR:
		case ERR_ARG_HOST:
		case ERR_ARG_SAID:
			value = va_arg(ap, const char *);
			break;
		case ERR_ARG_REAL:
			snprintf(text, sizeof(text), "%.1f", va_arg(ap, double));
			break;
		case ERR_ARG_WORD:
			value = catalogue[l->id].arg[i].word[va_arg(ap, unsigned int)].key;
			break;
		case ERR_ARG_INT:
			snprintf(text, sizeof(text), "%lld", va_arg(ap, long long));
			break;
		case ERR_ARG_UINT:
			snprintf(text, sizeof(text), "%llu", va_arg(ap, unsigned long long));
			break;
		default:
			snprintf(text, sizeof(text), "%d", va_arg(ap, int));
			break;
		}
		l->arg[i] = err_keep(err, value);
	}
}

int err_raise(struct zkz_err *err, enum err_id id, ...)
{
	struct zkz_err fresh = { 0 };
	va_list ap;

	if (!err)
		return -1;

	va_start(ap, id);
	keep_args(&fresh, err_link_new(&fresh, id), ap);
	va_end(ap);
	if (catalogue[id].severity == ERR_IS_CONTEXT || catalogue[id].severity == ERR_IS_WARNING)
		append(&fresh, err);
	err_render(&fresh);
	*err = fresh;
	return -1;
}

int err_cause(struct zkz_err *err, const struct zkz_err *why)
{
	if (!err)
		return -1;
	append(err, why);
	err_render(err);
	return -1;
}

int err_also(struct zkz_err *err, const struct zkz_err *other)
{
	unsigned int first;

	if (!err)
		return -1;
	first = err->links;
	append(err, other);
	if (first && first < err->links)
		err->link[first].also = true;
	err_render(err);
	return -1;
}

int err_at(struct zkz_err *err, const char *host)
{
	unsigned int i;

	for (i = 0; err && i < err->links; i++)
		if (!err->link[i].host)
			err->link[i].host = err_keep(err, host);
	if (err)
		err_render(err);
	return -1;
}

bool err_has(const struct zkz_err *err, enum err_id id)
{
	unsigned int i;

	for (i = 0; err && i < err->links; i++)
		if (id_of(err, &err->link[i]) == id)
			return true;
	return false;
}

void err_clear(struct zkz_err *err)
{
	if (err)
		memset(err, 0, sizeof(*err));
}

const char *err_code(const struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; err->id == ERR_FOREIGN && i < err->links; i++)
		if (err->link[i].id == ERR_FOREIGN)
			return err->store + err->link[i].arg[0];
	return catalogue[err->id].id;
}
