// SPDX-License-Identifier: GPL-2.0
#include "wire/ssh.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/jsonl.h"
#include "lib/spawn.h"
#include "wire/protocol.h"

/*
 * zkz is where root finds it; other users need not have that in their path. The user's
 * shell reads this first, and it may be csh or fish: to those a text in single quotes is
 * the same as to sh, and $PATH in double ones is not.
 */
#define REMOTE	"exec /bin/sh -c 'exec env PATH=\"$PATH:/usr/local/sbin:/usr/sbin\" zkz serve'"

#define MAX_ARGS	32
#define ERRS_SIZE	65536
#define LAST_WORDS_MS	1000

/* How often a host is tried again that is too busy with logins, and after how long first. */
#define TRIES		5
#define AGAIN_MS	500

static void make_argv(const struct host_uri *uri, char *port, char **argv)
{
	static const char * const fixed[] = {
		"ssh", "-T", "-e", "none",
		"-o", "BatchMode=yes", "-o", "ConnectTimeout=15",
		"-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3",
		"-o", "ControlMaster=no", "-o", "ControlPath=none",
		"-o", "ClearAllForwardings=yes", "-o", "ForwardAgent=no",
		/* Banners and debugging would drown the reason of a failure. */
		"-o", "LogLevel=ERROR",
	};
	size_t i, n = 0;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		argv[n++] = (char *)fixed[i];
	if (uri->port) {
		sprintf(port, "%u", uri->port);
		argv[n++] = (char *)"-p";
		argv[n++] = port;
	}
	if (uri->user[0]) {
		argv[n++] = (char *)"-l";
		argv[n++] = (char *)uri->user;
	}
	argv[n++] = (char *)"--";
	argv[n++] = (char *)uri->host;
	argv[n++] = (char *)REMOTE;
	argv[n] = NULL;
}

/*
 * Where ssh writes its errors: nobody has to read while it runs, and neither it
 * nor the other host can fill more than ERRS_SIZE.
 */
static int open_errs(struct zkz_err *err)
{
	int fd = memfd_create("zkz-ssh", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (ftruncate(fd, ERRS_SIZE) || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW)))
		io_close(&fd);
	if (fd < 0)
		err_system_call(err, "memfd_create", errno);
	return fd;
}

static int start(struct ssh *s, const struct host_uri *uri, int *sock, struct zkz_err *err)
{
	char *argv[MAX_ARGS], port[8];
	struct spawn how = { .argv = argv, .setsid = 1, .death = SIGTERM };
	int pair[2];

	s->errs = open_errs(err);
	if (s->errs < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		err_system_call(err, "socketpair", errno);
		goto err_errs;
	}
	make_argv(uri, port, argv);
	how.fd[0] = how.fd[1] = pair[1];
	how.fd[2] = s->errs;
	s->pid = spawn_start(&how, err);
	close(pair[1]);
	if (s->pid < 0)
		goto err_pair;
	*sock = pair[0];
	return 0;

err_pair:
	close(pair[0]);
err_errs:
	io_close(&s->errs);
	return -1;
}

/* The last line that ssh, or the command that it ran, wrote to standard error. */
static void last_words(int fd, char *text, size_t size)
{
	/* The writers share the offset with this descriptor. */
	off_t end = lseek(fd, 0, SEEK_CUR), from = end >= (off_t)size ? end - (off_t)size + 1 : 0;
	ssize_t n = end > 0 ? pread(fd, text, end - from, from) : 0;
	char *line;

	if (n < 0)
		n = 0;
	while (n > 0 && (unsigned char)text[n - 1] <= ' ')
		n--;
	text[n] = '\0';
	line = strrchr(text, '\n');
	if (line)
		memmove(text, line + 1, strlen(line));
	for (; *text; text++)
		if ((unsigned char)*text < ' ')
			*text = ' ';
}

/* ssh says on its standard error why it could not connect. */
static void add_words(struct ssh *s, struct zkz_err *err)
{
	char text[512];
	int status;

	/* It may still be writing. */
	if (!spawn_wait(s->pid, deadline_in_ms(LAST_WORDS_MS), &status))
		s->pid = 0;
	last_words(s->errs, text, sizeof(text));
	if (!text[0])
		return;
	err_peer_ssh(err, s->peer, text);
}

/*
 * Did sshd end the connection before a word? So it does with some of those that log in while
 * others do (MaxStartups), which whoever moves many zones at once will meet.
 */
static bool turned_away(const struct ssh *s)
{
	char text[4096];
	ssize_t n = s->errs >= 0 ? pread(s->errs, text, sizeof(text) - 1, 0) : 0;

	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "kex_exchange_identification");
}

static int take_hello(struct ssh *s, json_t *hello, struct zkz_err *err)
{
	const char *host = json_str(hello, "host-id");
	bool known = id_ok(host);

	s->newest = protocol_newest(hello);
	s->speaks = protocol_pick(hello);
	s->stores = json_bool(hello, "stores", false);
	s->machines = json_bool(hello, "machines", false);
	if (known)
		memcpy(s->host, host, sizeof(s->host));
	json_decref(hello);
	if (known)
		return 0;
	return err_incompatible_no_identity(err, s->peer, s->newest, PROTOCOL_NEWEST);
}

int ssh_agree(const struct ssh *s, struct zkz_err *err)
{
	if (s->speaks)
		return 0;
	return err_incompatible_protocol(err, s->peer, s->newest, PROTOCOL_NEWEST);
}

/* One try. @away: whether another one might have more luck */
static int greet(struct ssh *s, struct channel *c, const struct host_uri *uri, int watch,
		 deadline_t dl, bool *away, struct zkz_err *err)
{
	json_t *hello;
	int sock;

	*away = false;
	memset(s, 0, sizeof(*s));
	s->errs = -1;
	snprintf(s->peer, sizeof(s->peer), "%s", uri->host);
	if (start(s, uri, &sock, err))
		return -1;
	channel_init(c, sock, sock, s->peer);
	c->watch = watch;
	/* The target speaks first: by then its worker owns the connection. */
	if (channel_recv_type(c, "hello", &hello, dl, err)) {
		if (err_is(err, ERR_PEER) || err_is(err, ERR_PEER_READ) || err_is(err, ERR_PEER_SEND) ||
		    err_is(err, ERR_PEER_SILENT))
			add_words(s, err);
		*away = turned_away(s);
		channel_fini(c);
		ssh_close(s);
		return -1;
	}
	if (take_hello(s, hello, err)) {
		channel_fini(c);
		ssh_close(s);
		return -1;
	}
	return 0;
}

int ssh_open(struct ssh *s, struct channel *c, const struct host_uri *uri, int watch,
	     deadline_t dl, struct zkz_err *err)
{
	struct pollfd cancelled = { .fd = watch, .events = POLLRDHUP };
	int tries, ms = AGAIN_MS;
	bool away;

	for (tries = 1; greet(s, c, uri, watch, dl, &away, err); tries++, ms *= 2) {
		int left = deadline_left_ms(dl);

		if (!away || tries == TRIES || (left >= 0 && left < 2 * ms))
			return -1;
		/* Not all at the same time. */
		if (poll(&cancelled, 1, ms + (int)(clock_mono_ns() / 1000 % (unsigned int)ms)) > 0)
			return err_cancelled(err);
	}
	err_clear(err);
	return 0;
}

void ssh_close(struct ssh *s)
{
	if (s->pid > 0)
		spawn_kill(s->pid, 2000);
	s->pid = 0;
	io_close(&s->errs);
}
