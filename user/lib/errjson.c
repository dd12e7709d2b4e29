// SPDX-License-Identifier: GPL-2.0
#include "lib/errjson.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/jsonl.h"

/* An errno travels by its name; no machine that runs zkz has higher ones. */
#define ERRNO_MAX	200
#define CODE_MAX	64
#define HOST_MAX	256

static const char *const severities[] = {
	[ERR_IS_ERROR] = "error", [ERR_IS_WARNING] = "warning", [ERR_IS_BUG] = "bug", [ERR_IS_CONTEXT] = "context",
};

static json_t *arg_to_json(enum err_arg_type type, const char *value)
{
	const char *name;

	switch (type) {
	case ERR_ARG_INT:
		return json_integer(strtoll(value, NULL, 10));
	case ERR_ARG_UINT:
		return json_integer((json_int_t)strtoull(value, NULL, 10));
	case ERR_ARG_REAL:
		return json_real(strtod(value, NULL));
	case ERR_ARG_ERRNO:
		name = strerrorname_np(atoi(value));
		return json_text(name ? name : value);
	default:
		return json_text(value);
	}
}

/* The members that tell what failed. */
static void put_link(json_t *obj, const struct zkz_err *err, const struct err_link *l)
{
	const struct err_entry *e = err_entry(l->id);
	json_t *args = json_object();
	unsigned int i;

	for (i = 0; e && i < ERR_ARGS && e->arg[i].type; i++)
		json_object_set_new(args, e->arg[i].name,
				    arg_to_json(e->arg[i].type, err->store + l->arg[i]));
	json_object_set_new(obj, "code", json_text(e ? e->id : err->store + l->arg[0]));
	json_object_set_new(obj, "severity", json_string(severities[e ? e->severity : ERR_IS_ERROR]));
	json_object_set_new(obj, "host", l->host ? json_text(err->store + l->host) : json_null());
	json_object_set_new(obj, "args", args);
}

static json_t *link_to_json(const struct zkz_err *err, const struct err_link *l)
{
	char text[sizeof(err->text)];
	json_t *obj = json_object();

	put_link(obj, err, l);
	json_object_set_new(obj, "also", json_boolean(l->also));
	json_object_set_new(obj, "text", json_text(err_link_text(err, l, false, text, sizeof(text))));
	json_object_set_new(obj, "remedy", json_text(err_link_text(err, l, true, text, sizeof(text))));
	return obj;
}

/* The link that is the failure, of which the others are contexts or causes. */
static const struct err_link *failure(const struct zkz_err *err)
{
	unsigned int i;

	for (i = 0; i < err->links; i++) {
		const struct err_entry *e = err_entry(err->link[i].id);

		if (!e || e->severity != ERR_IS_CONTEXT)
			return &err->link[i];
	}
	return &err->link[0];
}

json_t *err_to_json(const struct zkz_err *err)
{
	json_t *obj = json_object(), *chain;
	unsigned int i;

	json_object_set_new(obj, "type", json_string("error"));
	if (!err->links)
		json_object_set_new(obj, "code", json_string("INTERNAL"));
	else
		put_link(obj, err, failure(err));
	json_object_set_new(obj, "text", json_text(err->text));
	json_object_set_new(obj, "remedy", json_text(err->remedy));
	/* The whole text says on which host; whoever has to take a text as it comes needs that of the link. */
	if (!err->links || (err->links == 1 && !err->link[0].host && err->link[0].id != ERR_FOREIGN))
		return obj;
	chain = json_array();
	for (i = 0; i < err->links; i++)
		json_array_append_new(chain, link_to_json(err, &err->link[i]));
	json_object_set_new(obj, "chain", chain);
	return obj;
}

static bool word_known(const struct err_word *w, const char *key)
{
	while (key && w->key && strcmp(w->key, key))
		w++;
	return key && w->key;
}

/* Text of argument @n as the store has it; false if @v is not of its type. */
static bool arg_from_json(const struct err_entry *e, unsigned int n, const json_t *v, char *out, size_t size)
{
	const char *name;
	int i;

	switch (e->arg[n].type) {
	case ERR_ARG_WORD:
		if (!word_known(e->arg[n].word, json_string_value(v)))
			return false;
		/* fall through */
	case ERR_ARG_STR:
	case ERR_ARG_HOST:
	case ERR_ARG_SAID:
		if (json_is_string(v))
			snprintf(out, size, "%s", json_string_value(v));
		return json_is_string(v);
	case ERR_ARG_INT:
		snprintf(out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		return json_is_integer(v);
	case ERR_ARG_UINT:
		snprintf(out, size, "%" PRIu64, (uint64_t)json_integer_value(v));
		return json_is_integer(v);
	case ERR_ARG_REAL:
		snprintf(out, size, "%.1f", json_number_value(v));
		return json_is_number(v);
	default:
		for (i = 1; json_is_string(v) && i < ERRNO_MAX; i++) {
			name = strerrorname_np(i);
			if (name && !strcmp(name, json_string_value(v))) {
				snprintf(out, size, "%d", i);
				return true;
			}
		}
		return false;
	}
}

/* Arguments of an entry; false if @args are not those that this version knows. */
static bool take_args(struct zkz_err *err, struct err_link *l, const json_t *args)
{
	const struct err_entry *e = err_entry(l->id);
	char text[ERR_ARG_MAX + 4];
	unsigned int i;

	for (i = 0; i < ERR_ARGS && e->arg[i].type; i++) {
		if (!arg_from_json(e, i, json_object_get(args, e->arg[i].name), text, sizeof(text)))
			return false;
		l->arg[i] = err_keep(err, text);
	}
	return true;
}

/* Something that scripts can match, or nothing. */
static bool code_ok(const char *code)
{
	return code && *code && strlen(code) < CODE_MAX &&
	       strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(code);
}

static void take_link(struct zkz_err *err, const json_t *obj)
{
	const char *code = json_str(obj, "code"), *host = json_str(obj, "host"), *text = json_str(obj, "text");
	struct err_link *l = err_link_new(err, err_find(code));

	if (!l)
		return;
	l->also = json_bool(obj, "also", false);
	if (host && strlen(host) < HOST_MAX)
		l->host = err_keep(err, host);
	if (l->id != ERR_FOREIGN && take_args(err, l, json_object_get(obj, "args")))
		return;
	l->id = ERR_FOREIGN;
	l->arg[0] = err_keep(err, code_ok(code) ? code : "INTERNAL");
	l->arg[1] = err_keep(err, text && *text ? text : "No reason was given");
	l->arg[2] = err_keep(err, json_str(obj, "remedy"));
}

int err_from_json(struct zkz_err *err, const json_t *obj, const char *who)
{
	const json_t *chain = json_object_get(obj, "chain");
	size_t i;

	if (!err)
		return -1;
	err_clear(err);
	for (i = 0; i < json_array_size(chain) && i < ERR_LINKS; i++)
		take_link(err, json_array_get(chain, i));
	if (!i)
		take_link(err, obj);
	if (who)
		return err_at(err, who);
	err_render(err);
	return -1;
}
