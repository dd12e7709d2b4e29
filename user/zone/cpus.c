// SPDX-License-Identifier: GPL-2.0
#include "zone/cpus.h"

#include <errno.h>

#include "lib/log.h"

static void to_cpu_set(const struct conf_set *cpus, cpu_set_t *set)
{
	unsigned int i;

	CPU_ZERO(set);
	for (i = 0; i < CPU_SETSIZE; i++)
		if (conf_set_has(cpus, i))
			CPU_SET(i, set);
}

int zone_cpus_enter(const struct zone_model *z, cpu_set_t *before, struct zkz_err *err)
{
	struct conf_set cpus;
	cpu_set_t want, have;

	if (sched_getaffinity(0, sizeof(*before), before))
		return err_system_call(err, "sched_getaffinity", errno);
	if (!conf_set_parse(z->cpus, CONF_SET_MAX - 1, &cpus))
		return 0;
	to_cpu_set(&cpus, &want);
	/* Of these the kernel takes what is there, if anything is. */
	if (!sched_setaffinity(0, sizeof(want), &want) && !sched_getaffinity(0, sizeof(have), &have) &&
	    CPU_EQUAL(&want, &have))
		return 0;
	zone_cpus_leave(before);
	return err_zone_cpus(err, z->name, z->cpus);
}

void zone_cpus_leave(const cpu_set_t *before)
{
	if (sched_setaffinity(0, sizeof(*before), before))
		log_warn("sched_setaffinity: %m");
}
