// SPDX-License-Identifier: GPL-2.0
#include "zkzd/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/io.h"
#include "zone/paths.h"

/* First descriptor that systemd passes, see sd_listen_fds(3). */
#define FIRST_PASSED	3

static int from_systemd(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *n = getenv("LISTEN_FDS");
	int accepts = 0;
	socklen_t len = sizeof(accepts);

	if (!pid || !n || strtol(pid, NULL, 10) != getpid() || strtol(n, NULL, 10) != 1)
		return -1;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (getsockopt(FIRST_PASSED, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &len) || !accepts)
		return -1;
	fcntl(FIRST_PASSED, F_SETFD, FD_CLOEXEC);
	return FIRST_PASSED;
}

static int refuse_second(struct zkz_err *err)
{
	int fd = io_connect_unix(ZKZ_SOCKET, deadline_in_ms(1000));

	if (fd < 0)
		return 0;
	io_close(&fd);
	return err_daemon_second(err, ZKZ_SOCKET);
}

int listen_open(bool *made, struct zkz_err *err)
{
	const struct group *gr;
	int fd = from_systemd();

	*made = false;
	if (fd >= 0)
		return fd;
	if (file_mkdirs(ZKZ_RUN_DIR, 0755, err) || refuse_second(err))
		return -1;

	fd = io_listen_unix(ZKZ_SOCKET, 0600);
	if (fd < 0)
		return err_daemon_listen(err, ZKZ_SOCKET, errno);
	/* Its members may ask, root may change. */
	gr = getgrnam(ZKZ_GROUP);
	if (gr && !chown(ZKZ_SOCKET, 0, gr->gr_gid))
		chmod(ZKZ_SOCKET, 0660);
	*made = true;
	return fd;
}
