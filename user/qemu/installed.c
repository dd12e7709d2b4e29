// SPDX-License-Identifier: GPL-2.0
#include "qemu/installed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "qemu/ask.h"
#include "qemu/user.h"
#include "zone/paths.h"

#define PROGRAM		INSTALLED_QEMU
/* As execvp(3). */
#define USUAL_PATH	"/bin:/usr/bin"
/* It answers within half a second, on a host that is idle. */
#define ASK_MS		45000

/* Where it is found when it is started, too. */
static bool find(struct program *p)
{
	const char *dirs = getenv("PATH");
	struct stat st;

	for (dirs = dirs ? dirs : USUAL_PATH; *dirs; dirs += strspn(dirs, ":")) {
		int len = (int)strcspn(dirs, ":");

		if (snprintf(p->path, sizeof(p->path), "%.*s/" PROGRAM, len, dirs) < (int)sizeof(p->path) &&
		    dirs[0] == '/' && !access(p->path, X_OK) && !stat(p->path, &st) && S_ISREG(st.st_mode)) {
			p->device = st.st_dev;
			p->inode = st.st_ino;
			p->size = (uint64_t)st.st_size;
			p->mtime_ns = (uint64_t)st.st_mtim.tv_sec * NSEC_PER_SEC + (uint64_t)st.st_mtim.tv_nsec;
			return true;
		}
		dirs += len;
	}
	return false;
}

static int ask(struct installed *q, const char *zone, struct zkz_err *err)
{
	struct zkz_err why = { 0 };
	struct spawn_user user;

	if (qemu_user(&user, err) ||
	    ask_qemu(q->program.path, &user, zone, &q->able, deadline_in_ms(ASK_MS), err))
		return -1;
	log_note("%s is QEMU %s", q->program.path, q->able.version);
	/* It is asked again then. */
	if (cache_write(ZKZ_QEMU_CACHE, &q->program, &q->able, &why) < 0)
		log_warn("%s", why.text);
	return 0;
}

int installed_qemu(struct installed *q, unsigned int needs, const char *zone, struct zkz_err *err)
{
	memset(q, 0, sizeof(*q));
	if (!find(&q->program))
		return err_program_missing(err, PROGRAM);
	if ((!cache_read(ZKZ_QEMU_CACHE, &q->program, &q->able) || (q->able.can & needs) != needs) &&
	    ask(q, zone, err))
		return -1;
	if (q->able.lacks[0])
		return err_qemu_lacks(err, q->able.version, q->able.lacks);
	return 0;
}
