// SPDX-License-Identifier: GPL-2.0
#include "zkzd/audit.h"

#include <libaudit.h>
#include <stdio.h>

#include "lib/io.h"

/* Records of virtual machines, as those of other programs that run them. Names of zones and verbs need no quoting. */
void audit_tell(const struct request *rq, const char *zone, bool done)
{
	char text[256];
	int fd = audit_open();

	/* A kernel without audit is none of our affairs. */
	if (fd < 0)
		return;
	snprintf(text, sizeof(text), "virt=zkz op=%s vm=\"%s\" id=%u", rq->op, zone ? zone : "?",
		 (unsigned int)rq->uid);
	audit_log_user_message(fd, AUDIT_VIRT_CONTROL, text, NULL, NULL, NULL, done);
	io_close(&fd);
}
