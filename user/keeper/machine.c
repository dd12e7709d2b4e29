// SPDX-License-Identifier: GPL-2.0
/* Which QEMU runs the zone, and what machine it makes for it. */
#include "keeper/keeper.h"

#include <stdio.h>

#include "lib/log.h"
#include "qemu/cmdline.h"
#include "qemu/mtype.h"

int keeper_choose_machine(struct keeper *k, const char *coming, struct zkz_err *err)
{
	const struct ability *a = &k->vm.installed.able;
	const struct ability_type *t;

	if (installed_qemu(&k->vm.installed, qemu_needs(&k->z), k->z.name, err))
		return -1;
	if (k->mode == KEEPER_INCOMING)
		t = mtype_check(a, k->z.name, coming, err);
	else
		t = mtype_choose(a, k->z.machine_type, err);
	if (!t)
		return -1;
	snprintf(k->st.machine, sizeof(k->st.machine), "%s", t->name);
	log_note("QEMU %s, machine type %s%s", a->version, t->name,
		 t->deprecated ? ", which it calls deprecated; machine-type names another one, see zkz(8)" : "");
	return 0;
}
