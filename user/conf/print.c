// SPDX-License-Identifier: GPL-2.0
/* Texts from a configuration: canonical export, info for people. */
#include "conf/model.h"

#include <string.h>

#include "conf/lex.h"

static void print_value(const char *val, FILE *f)
{
	if (!lex_must_quote(val)) {
		fputs(val, f);
		return;
	}
	fputc('"', f);
	for (; *val; val++) {
		if (*val == '"' || *val == '\\')
			fputc('\\', f);
		fputc(*val, f);
	}
	fputc('"', f);
}

static void export_props(const struct conf_res *r, FILE *f)
{
	int i;

	for (i = 0; i < CONF_MAX_PROPS; i++) {
		if (!r->val[i])
			continue;
		fprintf(f, "set %s=", r->type->prop[i].name);
		print_value(r->val[i], f);
		fputc('\n', f);
	}
}

void conf_export(const struct conf *c, FILE *f)
{
	const struct conf_res *r;

	fputs("create -b\n", f);
	export_props(&c->global, f);
	for (r = c->first; r; r = r->next) {
		fprintf(f, "add %s\n", r->type->name);
		export_props(r, f);
		fputs("end\n", f);
	}
}

static void info_props(const struct conf_res *r, const char *indent, FILE *f)
{
	int i;

	for (i = 0; i < CONF_MAX_PROPS && r->type->prop[i].name; i++) {
		fprintf(f, "%s%s: ", indent, r->type->prop[i].name);
		if (r->val[i])
			print_value(r->val[i], f);
		fputc('\n', f);
	}
}

void conf_info_res(const struct conf_res *r, FILE *f)
{
	fprintf(f, "%s:\n", r->type->name);
	info_props(r, "\t", f);
}

int conf_info(const struct conf *c, const char *what, FILE *f)
{
	const struct conf_type *type = what ? conf_type_find(what) : NULL;
	const struct conf_res *r;
	int prop = what ? conf_prop_find(&conf_global, what) : -1;

	if (what && !type && prop < 0)
		return -1;
	if (!what)
		info_props(&c->global, "", f);
	if (prop >= 0)
		fprintf(f, "%s: %s\n", what, c->global.val[prop] ? c->global.val[prop] : "");
	for (r = c->first; r; r = r->next)
		if (!what || r->type == type)
			conf_info_res(r, f);
	return 0;
}
