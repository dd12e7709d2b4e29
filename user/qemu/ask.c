// SPDX-License-Identifier: GPL-2.0
#include "qemu/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io.h"
#include "qemu/qmp.h"

/*
 * A driver that QEMU finds, refuses an argument before it connects to anything; of one that it does not find it says
 * so. Nothing else tells: its schema is that of its build.
 */
static bool has_driver(struct qmp *q, const char *driver, json_t *args, deadline_t dl)
{
	char unknown[64];
	struct zkz_err why = { 0 };

	snprintf(unknown, sizeof(unknown), "Unknown driver '%s'", driver);
	json_object_set_new(args, "driver", json_string(driver));
	json_object_set_new(args, "node-name", json_string(driver));
	return qmp_exec(q, "blockdev-add", args, NULL, dl, &why) && err_is(&why, ERR_QMP) &&
	       !strstr(why.text, unknown) && !strstr(why.text, "Invalid parameter");
}

static void learn_drivers(struct qmp *q, struct ability *a, deadline_t dl)
{
	/* No file has an empty path, and no name for CHAP goes without a secret. */
	if (has_driver(q, "nfs", json_pack("{s:{s:s, s:s}, s:s}", "server", "type", "inet", "host", "127.0.0.1",
					   "path", ""), dl))
		a->can |= ABLE_NFS;
	if (has_driver(q, "iscsi", json_pack("{s:s, s:s, s:s, s:s}", "transport", "tcp", "portal", "127.0.0.1:1",
					     "target", "iqn.x:y", "user", "x"), dl))
		a->can |= ABLE_ISCSI;
}

/*
 * Never qom-list-types: for that QEMU loads all of its modules, and ends where one of them is of
 * another version, as while packages are upgraded.
 */
static int talk(struct qmp *q, struct ability *a, deadline_t dl, struct zkz_err *err)
{
	json_t *version = NULL, *machines = NULL, *schema = NULL;
	int rc = -1;

	if (!qmp_exec(q, "query-version", NULL, &version, dl, err) &&
	    !qmp_exec(q, "query-machines", NULL, &machines, dl, err) &&
	    !qmp_exec(q, "query-qmp-schema", NULL, &schema, dl, err))
		rc = ability_learn(a, version, machines, schema, err);
	if (!rc)
		learn_drivers(q, a, dl);
	json_decref(version);
	json_decref(machines);
	json_decref(schema);
	return rc;
}

/* Its monitor is standard input and output. Closes neither of the descriptors. */
static pid_t start(const char *path, const struct spawn_user *user, int monitor, int words, struct zkz_err *err)
{
	char *argv[] = {
		(char *)path, "-machine", "none", "-nodefaults", "-no-user-config", "-display", "none", "-qmp",
		"stdio", "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny", NULL,
	};
	struct spawn how = {
		.argv = argv, .fd = { monitor, monitor, words }, .setsid = 1, .death = SIGKILL, .user = user,
	};

	return spawn_start(&how, err);
}

/* The last line of what it wrote: by now it has ended. */
static void last_words(int fd, char *text, size_t size)
{
	ssize_t n = read(fd, text, size - 1);
	char *line;

	text[n > 0 ? n : 0] = '\0';
	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	line = strrchr(text, '\n');
	if (line)
		memmove(text, line + 1, strlen(line));
}

/* @fd: two ends of its monitor, ours first, and two of its standard error */
static int run(const char *path, const struct spawn_user *user, const char *zone, struct ability *a, int *fd,
	       deadline_t dl, struct zkz_err *err)
{
	pid_t pid = start(path, user, fd[1], fd[3], err);
	char words[512];
	struct qmp *q;
	int rc = -1;

	io_close(&fd[1]);
	io_close(&fd[3]);
	if (pid < 0)
		return -1;
	q = qmp_open_fd(zone, fd[0], dl, err);
	fd[0] = -1;
	if (q)
		rc = talk(q, a, dl, err);
	spawn_kill(pid, 0);
	qmp_close(q);
	if (!rc)
		return 0;
	last_words(fd[2], words, sizeof(words));
	return err_qemu_ask(err, path, words);
}

int ask_qemu(const char *path, const struct spawn_user *user, const char *zone, struct ability *a, deadline_t dl,
	     struct zkz_err *err)
{
	int fd[4] = { -1, -1, -1, -1 }, rc, i;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return err_system_call(err, "socketpair", errno);
	/* A QEMU that hangs in the kernel keeps its end: nobody waits for its words. */
	if (pipe2(fd + 2, O_CLOEXEC | O_NONBLOCK))
		rc = err_system_call(err, "pipe", errno);
	else
		rc = run(path, user, zone, a, fd, dl, err);
	for (i = 0; i < 4; i++)
		io_close(&fd[i]);
	return rc;
}
