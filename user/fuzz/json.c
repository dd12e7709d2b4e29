// SPDX-License-Identifier: GPL-2.0
/* Lines of JSON: requests to zkzd, answers, and what QEMU's monitor says. */
#include <string.h>

#include "fuzz.h"
#include "lib/jsonl.h"
#include "qemu/qmp.h"

static void members(const json_t *obj)
{
	json_str(obj, "op");
	json_int(obj, "pass", -1);
	json_bool(obj, "final", false);
}

static void event(json_t *obj)
{
	struct qmp_event ev = { 0 };

	if (qmp_event_parse(json_incref(obj), &ev)) {
		json_decref(obj);
		return;
	}
	FUZZ_ASSERT(ev.name && ev.raw == obj);
	qmp_event_clear(&ev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zkz_err err = { 0 };
	json_t *obj = jsonl_parse((const char *)data, size, &err);

	if (!obj) {
		FUZZ_ASSERT(err.id && err.text[0]);
		return 0;
	}
	FUZZ_ASSERT(json_is_object(obj));
	members(obj);
	event(obj);
	json_decref(obj);
	return 0;
}
