// SPDX-License-Identifier: GPL-2.0
#include "lib/errjson.h"

#include "lib/jsonl.h"

json_t *err_to_json(const struct zkz_err *err)
{
	json_t *obj = json_object();

	json_object_set_new(obj, "type", json_string("error"));
	json_object_set_new(obj, "code", json_string(err->code ? err->code : ERR_INTERNAL));
	json_object_set_new(obj, "text", json_text(err->text));
	json_object_set_new(obj, "remedy", json_text(err->remedy));
	return obj;
}

int err_from_json(struct zkz_err *err, const json_t *obj, const char *who)
{
	const char *text = json_str(obj, "text"), *remedy = json_str(obj, "remedy");

	err_set(err, err_code_intern(json_str(obj, "code")), "%s%s%s", who ? who : "",
		who ? ": " : "", text && *text ? text : "No reason was given");
	if (remedy && *remedy)
		err_remedy(err, "%s", remedy);
	return -1;
}
