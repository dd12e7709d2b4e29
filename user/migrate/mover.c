// SPDX-License-Identifier: GPL-2.0
#include "migrate/mover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/io.h"
#include "zone/paths.h"

void mover_init(struct mover *m)
{
	memset(m, 0, sizeof(*m));
	m->memory = -1;
}

int mover_open(struct mover *m, const char *zone, struct zkz_err *err)
{
	char path[ZONE_PATH_MAX];

	m->memory = open(zone_path(ZF_MEMORY, zone, path), O_RDWR | O_CLOEXEC);
	if (m->memory < 0)
		return err_file_open(err, path, errno);
	m->genl = genl_open(err);
	return m->genl ? 0 : -1;
}

static void close_streams(int *fd, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		io_close(&fd[i]);
}

int mover_begin(struct mover *m, enum zkz_role role, const char *migration, enum cipher cipher, int *fd,
		unsigned int nr, struct zkz_err *err)
{
	struct session_want want = {
		.role = role, .memory_fd = m->memory, .stream_fd = fd, .streams = nr,
		.cookie = session_cookie(migration), .timeout_ms = SESSION_TIMEOUT_MS,
		.limit = cipher_limit(cipher),
	};

	if (session_new(m->genl, &want, &m->session, err))
		return -1;
	close_streams(fd, nr);
	return 0;
}

int mover_resume(struct mover *m, int *fd, unsigned int nr, struct zkz_err *err)
{
	int rc = session_resume(m->genl, m->session, fd, nr, err);

	close_streams(fd, nr);
	return rc;
}

void mover_hear(struct mover *m, const struct session_info *info)
{
	m->info = *info;
	m->heard_ns = clock_mono_ns();
}

void mover_note(struct mover *m, const struct session_info *info)
{
	mover_hear(m, info);
	switch (info->event) {
	case ZKZ_EVENT_PASS_END:
		/* Made up from the state, see session_look(), it may be an old one. */
		if (info->pass + 1 > m->passes)
			m->passes = info->pass + 1;
		break;
	case ZKZ_EVENT_FETCH:
		/* Likewise, and so more than once. */
		if (!m->fetching)
			m->passes = info->pass + 1;
		m->fetching = true;
		break;
	case ZKZ_EVENT_END:
		m->passes = info->pass + 1;
		m->ended = true;
		break;
	case ZKZ_EVENT_LOST:
	case ZKZ_EVENT_ERROR:
		snprintf(m->reason, sizeof(m->reason), "%s", info->reason[0] ? info->reason : "no reason given");
		break;
	}
}

bool mover_talks(const struct mover *m)
{
	return m->session && !m->ended;
}

bool mover_quiet(const struct mover *m, uint64_t now)
{
	return now - m->heard_ns > SESSION_QUIET_NS;
}

int mover_listen(struct mover *m, session_fn fn, void *arg, struct zkz_err *err)
{
	if (!mover_talks(m))
		return 0;
	if (session_events(m->genl, m->session, fn, arg, err))
		return -1;
	/* An event may have been lost; the module has deadlines for the rest. */
	if (mover_talks(m) && mover_quiet(m, clock_mono_ns()) &&
	    session_look(m->genl, m->session, fn, arg, err))
		return 1;
	return 0;
}

void mover_close(struct mover *m)
{
	genl_close(m->genl);
	m->genl = NULL;
	io_close(&m->memory);
}
