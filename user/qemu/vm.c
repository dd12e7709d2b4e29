// SPDX-License-Identifier: GPL-2.0
#include "qemu/vm.h"

#include <stdio.h>
#include <string.h>

#include "lib/jsonl.h"

#define QMP_MS		20000
#define CANCEL_MS	30000
#define LOOK_AGAIN_MS	20

/*
 * QEMU decides by these when its own migration may finish. It carries no guest
 * memory here, so it must never wait for a rate or a downtime of its own.
 */
#define QEMU_BANDWIDTH		(1LL << 40)
#define QEMU_DOWNTIME_MS	2000000

static deadline_t soon(void)
{
	return deadline_in_ms(QMP_MS);
}

int vm_version(struct qmp *q, char *buf, size_t size, struct zkz_err *err)
{
	json_t *ret, *v;

	if (qmp_exec(q, "query-version", NULL, &ret, soon(), err))
		return -1;
	v = json_object_get(ret, "qemu");
	snprintf(buf, size, "%lld.%lld.%lld", json_int(v, "major", 0),
		 json_int(v, "minor", 0), json_int(v, "micro", 0));
	json_decref(ret);
	return 0;
}

int vm_running(struct qmp *q, struct zkz_err *err)
{
	json_t *ret;
	int rc;

	if (qmp_exec(q, "query-status", NULL, &ret, soon(), err))
		return -1;
	rc = json_bool(ret, "running", false);
	json_decref(ret);
	return rc;
}

int vm_ends_marked(struct qmp *q, struct zkz_err *err)
{
	json_t *ret;
	int rc;

	if (qmp_exec(q, "qom-get", json_pack("{s:s, s:s}", "path", "/machine", "property", "suppress-vmdesc"),
		     &ret, soon(), err))
		return -1;
	rc = json_is_true(ret);
	json_decref(ret);
	return rc;
}

static json_t *cap(const char *name, bool on)
{
	return json_pack("{s:s, s:b}", "capability", name, "state", on);
}

static int set_caps(struct qmp *q, json_t *list, struct zkz_err *err)
{
	return qmp_exec(q, "migrate-set-capabilities",
			json_pack("{s:o}", "capabilities", list), NULL, soon(), err);
}

int vm_prepare_out(struct qmp *q, bool pause, struct zkz_err *err)
{
	json_t *params = json_pack("{s:I, s:I}", "max-bandwidth", (json_int_t)QEMU_BANDWIDTH,
				   "downtime-limit", (json_int_t)QEMU_DOWNTIME_MS);

	if (set_caps(q, json_pack("[o, o, o]", cap("events", true), cap("x-ignore-shared", true),
				  cap("pause-before-switchover", pause)), err)) {
		json_decref(params);
		return -1;
	}
	return qmp_exec(q, "migrate-set-parameters", params, NULL, soon(), err);
}

int vm_go_on(struct qmp *q, struct zkz_err *err)
{
	return qmp_exec(q, "migrate-continue", json_pack("{s:s}", "state", VM_PAUSED), NULL, soon(), err);
}

int vm_incoming(struct qmp *q, int fd, bool survive, struct zkz_err *err)
{
	json_t *args;

	if (qmp_getfd(q, fd, "zkz-in", soon(), err))
		return -1;
	args = json_pack("{s:s}", "uri", "fd:zkz-in");
	if (survive)
		json_object_set_new(args, "exit-on-error", json_false());
	return qmp_exec(q, "migrate-incoming", args, NULL, soon(), err);
}

const char *vm_why_failed(struct qmp *q, char *why, size_t size)
{
	const char *said;
	json_t *ret;

	why[0] = '\0';
	if (qmp_exec(q, "query-migrate", NULL, &ret, soon(), NULL))
		return why;
	said = json_str(ret, "error-desc");
	snprintf(why, size, "%s", said ? said : "");
	json_decref(ret);
	return why;
}

int vm_migrate(struct qmp *q, int fd, struct zkz_err *err)
{
	if (qmp_getfd(q, fd, "zkz-out", soon(), err))
		return -1;
	return qmp_exec(q, "migrate", json_pack("{s:s}", "uri", "fd:zkz-out"), NULL,
			soon(), err);
}

/* Nothing of QEMU's migration is going on any more? 1, 0 or -1 */
static int at_rest(struct qmp *q, struct zkz_err *err)
{
	static const char * const resting[] = { "none", "cancelled", "failed", "completed" };
	const char *status;
	json_t *ret;
	size_t i;
	int rc = 0;

	if (qmp_exec(q, "query-migrate", NULL, &ret, soon(), err))
		return -1;
	status = json_str(ret, "status");
	for (i = 0; i < sizeof(resting) / sizeof(resting[0]); i++)
		rc |= !status || !strcmp(status, resting[i]);
	json_decref(ret);
	return rc;
}

int vm_stop(struct qmp *q, deadline_t dl, struct zkz_err *err)
{
	return qmp_exec(q, "stop", NULL, NULL, dl, err);
}

/*
 * QEMU's migration may be about to give its disks away while it is cancelled. It would
 * let a guest that ran go on without them then: the guest's next write, or its next
 * migration, is the end of QEMU. One that stands still it leaves to us.
 */
static int cancel(struct qmp *q, struct zkz_err *err)
{
	deadline_t dl = deadline_in_ms(CANCEL_MS);
	int rc = at_rest(q, err);

	if (rc)
		return rc < 0 ? -1 : 0;
	if (vm_stop(q, soon(), err) || qmp_exec(q, "migrate_cancel", NULL, NULL, soon(), err))
		return -1;
	while (!(rc = at_rest(q, err))) {
		if (!deadline_left_ms(dl))
			return err_qemu_stops_not(err, qmp_zone(q));
		clock_sleep_ms(LOOK_AGAIN_MS);
	}
	return rc < 0 ? -1 : 0;
}

/* Does it stand still for an I/O error? 1, 0 or -1 */
static int waits_for_storage(struct qmp *q, struct zkz_err *err)
{
	const char *status;
	json_t *ret;
	int rc;

	if (qmp_exec(q, "query-status", NULL, &ret, soon(), err))
		return -1;
	status = json_str(ret, "status");
	rc = status && !strcmp(status, "io-error");
	json_decref(ret);
	return rc;
}

int vm_resume(struct qmp *q, struct zkz_err *err)
{
	int rc;

	if (cancel(q, err))
		return -1;
	set_caps(q, json_pack("[o, o]", cap("x-ignore-shared", false), cap("pause-before-switchover", false)), NULL);
	rc = waits_for_storage(q, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	/* Also one that runs: it may lack its disks, see above, and gets them by this. */
	if (qmp_exec(q, "cont", NULL, NULL, soon(), err))
		return -1;
	rc = vm_running(q, err);
	if (!rc)
		err_qemu_runs_not(err, qmp_zone(q));
	return rc == 1 ? 0 : -1;
}
