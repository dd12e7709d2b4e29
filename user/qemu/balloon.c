// SPDX-License-Identifier: GPL-2.0
#include "qemu/balloon.h"

#include "lib/jsonl.h"

#define QMP_MS	20000

int balloon_set(struct qmp *q, uint64_t bytes, struct zkz_err *err)
{
	json_t *args = json_pack("{s:I}", "value", (json_int_t)bytes);

	return qmp_exec(q, "balloon", args, NULL, deadline_in_ms(QMP_MS), err);
}

int balloon_get(struct qmp *q, uint64_t *bytes, struct zkz_err *err)
{
	json_t *ret;

	if (qmp_exec(q, "query-balloon", NULL, &ret, deadline_in_ms(QMP_MS), err))
		return -1;
	*bytes = (uint64_t)json_int(ret, "actual", 0);
	json_decref(ret);
	return 0;
}
