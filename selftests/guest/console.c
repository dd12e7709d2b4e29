// SPDX-License-Identifier: GPL-2.0
/* The commands of the control port, typed on the console: a line, and an answer beside what else is printed there. */
#include <stdio.h>
#include <string.h>

#include "guest.h"

void *console_thread(void *arg)
{
	char line[512], out[ANSWER_MAX];

	while (fgets(line, sizeof(line), stdin)) {
		int ret;

		line[strcspn(line, "\r\n")] = '\0';
		if (!line[0])
			continue;
		out[0] = '\0';
		ret = control_execute(line, out, sizeof(out));
		say("console %s %s", ret ? "error" : "ok", out);
	}
	return arg;
}
