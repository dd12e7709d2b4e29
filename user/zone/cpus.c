// SPDX-License-Identifier: GPL-2.0
#include "zone/cpus.h"

#include <errno.h>

#include "lib/log.h"

static void to_cpu_set(const unsigned char *bits, cpu_set_t *set)
{
	unsigned int i;

	CPU_ZERO(set);
	for (i = 0; i < CONF_CPUS_MAX && i < CPU_SETSIZE; i++)
		if (bits[i / 8] & 1U << i % 8)
			CPU_SET(i, set);
}

int zone_cpus_enter(const struct zone_model *z, cpu_set_t *before, struct zkz_err *err)
{
	unsigned char bits[CONF_CPUS_MAX / 8];
	cpu_set_t want, have;

	if (sched_getaffinity(0, sizeof(*before), before))
		return err_system_call(err, "sched_getaffinity", errno);
	if (!conf_parse_cpus(z->cpus, bits))
		return 0;
	to_cpu_set(bits, &want);
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
