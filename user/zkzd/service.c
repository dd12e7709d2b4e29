// SPDX-License-Identifier: GPL-2.0
#include "zkzd/service.h"

#include <limits.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

void service_ready(void)
{
	sd_notify(0, "READY=1");
}

/* Only what has changed: every wake-up comes by. */
void service_serves(unsigned int requests)
{
	static unsigned int told = UINT_MAX;

	if (requests == told)
		return;
	told = requests;
	sd_notifyf(0, "STATUS=Requests under way: %u", requests);
}

void service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void service_not_us(void)
{
	unsetenv("NOTIFY_SOCKET");
}
