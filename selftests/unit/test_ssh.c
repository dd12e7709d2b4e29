// SPDX-License-Identifier: GPL-2.0
/* The way to another host, with an ssh that is a script. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io.h"
#include "lib/log.h"
#include "migrate/commit/resolve.h"
#include "unit.h"
#include "wire/protocol.h"
#include "wire/ssh.h"

#define OTHER_ID "00112233445566778899aabbccddeeff"

static char room[] = "/tmp/test_ssh.XXXXXX";

/* What the other host says: who it is, and what became of a zone, where it is to be asked. */
static struct {
	int protocol;
	const char *outcome;
	bool runs;
} other = { .protocol = PROTOCOL_NEWEST };

static void make_hello(const char *path)
{
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	struct channel c;

	NEED(fd >= 0);
	channel_init(&c, fd, fd, "host2");
	NEED(!channel_send(&c, "hello",
			   json_pack("{s:i, s:s}", "protocol", other.protocol, "host-id", OTHER_ID), NULL));
	if (other.outcome)
		NEED(!channel_send(&c, "query-ok",
				   json_pack("{s:s, s:b}", "outcome", other.outcome, "runs", other.runs), NULL));
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
	CHECK(!ssh_agree(&s, &err));
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

/* What a source hears of a host of zkz's version @protocol, whose answer that is; -1 if it is left in doubt. */
static int heard(int protocol, const char *outcome, bool runs, const char *host, struct zkz_err *err)
{
	struct commit c = { .zone = "z1", .migration = "ffeeddccbbaa99887766554433221100" };
	enum commit_event event = COMMIT_EVENTS;
	int rc;

	snprintf(c.host, sizeof(c.host), "%s", host);
	other.protocol = protocol;
	other.outcome = outcome;
	other.runs = runs;
	err_clear(err);
	make_ssh(0);
	rc = resolve_ask(&c, "ssh://root@host2", false, deadline_in_ms(1500), &event, err);
	take_away();
	other.protocol = PROTOCOL_NEWEST;
	other.outcome = NULL;
	return rc ? -1 : (int)event;
}

/* Hosts are upgraded while a zone is in doubt: what is asked and answered then is understood by all versions. */
TEST(who_owns_a_zone_is_asked_across_versions)
{
	struct zkz_err err = { 0 };

	log_init("test_ssh", open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_ERROR);
	CHECK_INT(heard(PROTOCOL_NEWEST + 1, "refused", false, OTHER_ID, &err), COMMIT_HEARD_BACK);
	CHECK_INT(heard(PROTOCOL_NEWEST + 1, "owned", true, OTHER_ID, &err), COMMIT_HEARD_RUNS);
	CHECK_INT(heard(PROTOCOL_NEWEST - 1, "owned", false, OTHER_ID, &err), COMMIT_HEARD_OWNED);
	/* What is new in some version is no answer to an older one. */
	CHECK_INT(heard(PROTOCOL_NEWEST + 1, "undecided", false, OTHER_ID, &err), -1);
	CHECK(err_is(&err, ERR_IN_DOUBT) && err_has(&err, ERR_NO_CLEAR_ANSWER));
	CHECK_INT(heard(PROTOCOL_NEWEST, "refused", false, "ffffffffffffffffffffffffffffffff", &err), -1);
	CHECK(err_has(&err, ERR_WRONG_HOST));
}
