// SPDX-License-Identifier: GPL-2.0
#include "zkzd/listen.h"

#include <errno.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/io.h"
#include "zone/paths.h"

/* What zkzd.socket has opened, if that is one that clients can connect to. */
static int from_systemd(void)
{
	if (sd_listen_fds(1) != 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0) <= 0)
		return -1;
	return SD_LISTEN_FDS_START;
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
