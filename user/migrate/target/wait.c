// SPDX-License-Identifier: GPL-2.0
/* Target: what the module, QEMU and the keeper say, until the guest has started. */
#include <string.h>

#include "lib/jsonl.h"
#include "migrate/guard.h"
#include "migrate/target/wait.h"
#include "qemu/vm.h"

static void on_event(const struct session_info *info, void *arg)
{
	mover_note(arg, info);
}

/* A QEMU that has ended meanwhile cannot say why. */
static int load_failed(struct target *t, struct zkz_err *err)
{
	char why[ERR_ARG_MAX];

	return err_qemu_load_target(err, t->zone, vm_why_failed(t->qmp, why, sizeof(why)));
}

int target_look_at_qemu(struct target *t, struct zkz_err *err)
{
	struct qmp_event ev;
	int rc = qmp_pump(t->qmp, err);

	if (rc)
		return err_qemu_of_target(err, t->zone);

	while (!rc && qmp_take(t->qmp, &ev)) {
		const char *status = json_str(ev.data, "status");

		if (!strcmp(ev.name, "MIGRATION") && status) {
			if (!strcmp(status, "completed"))
				t->loaded_ns = ev.real_ns;
			if (!strcmp(status, "failed"))
				rc = load_failed(t, err);
		}
		qmp_event_clear(&ev);
	}
	return rc;
}

int target_look_at_keeper(const struct target *t, struct zkz_err *err)
{
	return guard_ended(t->guard) ? err_qemu_ended_target(err, t->zone) : 0;
}

int target_look_at_module(struct mover *m, struct zkz_err *err)
{
	if (mover_listen(m, on_event, m, err))
		return -1;
	if (m->reason[0] && !m->ended)
		return err_memory_stream(err, m->reason);
	return 0;
}
