// SPDX-License-Identifier: GPL-2.0
/* The way to another host, with an ssh that is a script. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io.h"
#include "unit.h"
#include "wire/ssh.h"

static char room[] = "/tmp/test_ssh.XXXXXX";

static void make_hello(const char *path)
{
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	struct channel c;

	NEED(fd >= 0);
	channel_init(&c, fd, fd, "host2");
	NEED(!channel_send(&c, "hello", json_pack("{s:i, s:s}", "protocol", CHANNEL_PROTOCOL, "host-id",
						  "00112233445566778899aabbccddeeff"), NULL));
	channel_fini(&c);
}

/* The next ones to log in are turned away as sshd does it, @times of them. */
static void make_ssh(int times)
{
	char path[64], *old = getenv("PATH"), *paths;
	FILE *f;

	NEED(mkdtemp(room));
	snprintf(path, sizeof(path), "%s/ssh", room);
	f = fopen(path, "w");
	NEED(f);
	fprintf(f, "#!/bin/sh\n"
		"echo >>%s/tries\n"
		"if [ $(wc -l <%s/tries) -le %d ]; then\n"
		"	echo 'kex_exchange_identification: Connection closed by remote host' >&2\n"
		"	echo 'Connection closed by 192.0.2.1 port 22' >&2\n"
		"	exit 255\n"
		"fi\n"
		"cat %s/hello\n"
		"read line\n", room, room, times, room);
	NEED(!fclose(f) && !chmod(path, 0755));
	snprintf(path, sizeof(path), "%s/hello", room);
	make_hello(path);
	NEED(asprintf(&paths, "%s:%s", room, old ? old : "/bin:/usr/bin") > 0);
	setenv("PATH", paths, 1);
	free(paths);
}

static unsigned int tries(void)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "%s/tries", room);
	return stat(path, &st) ? 0 : (unsigned int)st.st_size;
}

static void take_away(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/ssh", room);
	unlink(path);
	snprintf(path, sizeof(path), "%s/tries", room);
	unlink(path);
	snprintf(path, sizeof(path), "%s/hello", room);
	unlink(path);
	rmdir(room);
	snprintf(room, sizeof(room), "/tmp/test_ssh.XXXXXX");
}

TEST(a_host_busy_with_logins_is_tried_again)
{
	struct host_uri uri = { .host = "host2" };
	struct zkz_err err = { 0 };
	struct channel c;
	struct ssh s;

	make_ssh(2);
	CHECK(!ssh_open(&s, &c, &uri, -1, deadline_in_ms(60000), &err));
	CHECK(tries() == 3);
	CHECK(!ssh_same_version(&s, &err));
	channel_fini(&c);
	ssh_close(&s);
	take_away();
}

TEST(but_not_for_ever)
{
	struct host_uri uri = { .host = "host2" };
	struct zkz_err err = { 0 };
	struct channel c;
	struct ssh s;

	make_ssh(1000);
	CHECK(ssh_open(&s, &c, &uri, -1, deadline_in_ms(120000), &err));
	CHECK(tries() == 5);
	CHECK(err_has(&err, ERR_PEER_SSH));
	take_away();
}

TEST(whoever_gives_up_waits_no_longer)
{
	struct host_uri uri = { .host = "host2" };
	struct zkz_err err = { 0 };
	struct channel c;
	struct ssh s;
	int p[2];

	make_ssh(1000);
	NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p));
	io_close(&p[1]);
	CHECK(ssh_open(&s, &c, &uri, p[0], deadline_in_ms(60000), &err));
	CHECK(err_is(&err, ERR_CANCELLED));
	CHECK(tries() <= 1);
	io_close(&p[0]);
	take_away();
}
