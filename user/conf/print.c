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

	fprintf(f, CONF_FORMAT_LINE "%d\ncreate -b\n", CONF_FORMAT);
	export_props(&c->global, f);
	for (r = c->first; r; r = r->next) {
		fprintf(f, "add %s\n", r->type->name);
		export_props(r, f);
		fputs("end\n", f);
	}
}

void conf_info_prop(const struct conf_res *r, int prop, const char *indent, FILE *f)
{
	fprintf(f, "%s%s: ", indent, r->type->prop[prop].name);
	if (r->val[prop])
		print_value(r->val[prop], f);
	fputc('\n', f);
}

static void info_props(const struct conf_res *r, const char *indent, FILE *f)
{
	int i;

	for (i = 0; i < CONF_MAX_PROPS && r->type->prop[i].name; i++)
		conf_info_prop(r, i, indent, f);
}

void conf_info_res(const struct conf_res *r, FILE *f)
{
	fprintf(f, "%s:\n", r->type->name);
	info_props(r, "\t", f);
}

void conf_info(const struct conf *c, FILE *f)
{
	const struct conf_res *r;

	info_props(&c->global, "", f);
	for (r = c->first; r; r = r->next)
		conf_info_res(r, f);
}
