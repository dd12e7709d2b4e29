// SPDX-License-Identifier: GPL-2.0
/* Target: what the module and QEMU say, until the guest has started. */
#include <stdio.h>
#include <string.h>

#include "lib/jsonl.h"
#include "migrate/target/target.h"

static void on_event(const struct session_info *info, void *arg)
{
	struct target *t = arg;

	t->heard_ns = clock_mono_ns();
	if (info->event == ZKZ_EVENT_END)
		t->ended = true;
	else if (info->event == ZKZ_EVENT_FETCH)
		t->fetching = true;
	else if (info->event == ZKZ_EVENT_ERROR || info->event == ZKZ_EVENT_LOST)
		snprintf(t->reason, sizeof(t->reason), "%s",
			 info->reason[0] ? info->reason : "no reason given");
}

int target_look_at_qemu(struct target *t, struct zkz_err *err)
{
	struct qmp_event ev;
	int rc = qmp_pump(t->qmp, err);

	while (!rc && qmp_take(t->qmp, &ev)) {
		const char *status = json_str(ev.data, "status");

		if (!strcmp(ev.name, "MIGRATION") && status) {
			if (!strcmp(status, "completed"))
				t->loaded_ns = ev.real_ns;
			if (!strcmp(status, "failed"))
				rc = err_set(err, ERR_QEMU, "QEMU of the target cannot load the device state");
		}
		qmp_event_clear(&ev);
	}
	if (rc)
		err_remedy(err, "'zkz log %s' on the target shows what QEMU said.", t->zone);
	return rc;
}

int target_look_at_module(struct target *t, struct zkz_err *err)
{
	if (session_events(t->genl, t->session, on_event, t, err))
		return -1;
	if (!t->ended && clock_mono_ns() - t->heard_ns > SESSION_QUIET_NS &&
	    session_look(t->genl, t->session, on_event, t, err))
		return -1;
	if (t->reason[0] && !t->ended)
		return err_set(err, ERR_KERNEL, "The memory stream failed: %s", t->reason);
	return 0;
}
