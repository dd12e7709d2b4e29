// SPDX-License-Identifier: GPL-2.0
/* Control channel: refusals, strangers' words, and an ssh that is only a script. */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/io.h"
#include "unit.h"
#include "wire/channel.h"
#include "wire/protocol.h"
#include "wire/ssh.h"

#define TEXT(number)	#number
#define TEXT_OF(macro)	TEXT(macro)
#define HELLO	"ZKZ\\001\\112\\000\\000\\000{\"type\":\"hello\",\"protocol\":" TEXT_OF(PROTOCOL_NEWEST) \
	",\"host-id\":\"00112233445566778899aabbccddeeff\"}"

static void open_pair(struct channel *c, int *other)
{
	int p[2];

	NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p));
	channel_init(c, p[0], p[0], "host2");
	*other = p[1];
}

static void hear(const char *text, struct zkz_err *err)
{
	struct channel c;
	json_t *msg;
	int other;

	open_pair(&c, &other);
	NEED(!io_write_full(other, text, strlen(text), deadline_in_ms(5000)));
	CHECK_INT(channel_recv(&c, &msg, deadline_in_ms(5000), err), -1);
	io_close(&other);
	channel_fini(&c);
}

TEST(a_stranger_is_quoted_to_the_end_of_the_line)
{
	struct zkz_err err;

	hear("Welcome to \033host2, dear administrator!\nYou have mail.\n", &err);
	CHECK_STR(err.text, "host2 does not speak zkz; it says 'Welcome to  host2, dear administrator!'");
}

TEST(an_error_frame_is_the_failure)
{
	struct zkz_err why, err;
	struct channel a, b;
	json_t *msg;
	int other;

	open_pair(&a, &other);
	channel_init(&b, other, other, "source");
	err_denied_operation(&why, 1000, "\xff");
	channel_send_error(&b, &why);
	CHECK_INT(channel_recv(&a, &msg, deadline_in_ms(5000), &err), -1);
	CHECK_INT(err.id, ERR_DENIED_OPERATION);
	CHECK_STR(err.text, "on host2: User 1000 may not use '?'");
	CHECK_STR(err.remedy, "Ask an administrator of host2, or use sudo.");
	channel_fini(&b);
	channel_fini(&a);
}

/* Runs ssh_open() with a script in the place of ssh. */
static void open_script(const char *script, int watch, int *rc, struct zkz_err *err)
{
	struct host_uri uri = { .host = "host2" };
	char dir[] = "/tmp/zkz-unit-XXXXXX", path[64], text[512], *before = strdup(getenv("PATH"));
	struct channel c;
	struct ssh s;
	int n;

	NEED(before && mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/ssh", dir);
	n = snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	NEED(!file_write_atomic(path, text, n, 0755, err));
	snprintf(text, sizeof(text), "%s:%s", dir, before);
	setenv("PATH", text, 1);
	*rc = ssh_open(&s, &c, &uri, watch, deadline_in_ms(20000), err);
	setenv("PATH", before, 1);
	free(before);
	unlink(path);
	rmdir(dir);
	if (!*rc) {
		channel_fini(&c);
		ssh_close(&s);
	}
}

TEST(the_last_line_of_ssh_is_the_reason)
{
	struct zkz_err err;
	int rc = 0;

	open_script("echo 'All is logged.' >&2; echo >&2; echo 'Permission denied (publickey).' >&2",
		    -1, &rc, &err);
	CHECK_INT(rc, -1);
	CHECK_INT(err.id, ERR_PEER_SSH);
	CHECK_STR(err.text, "Cannot run zkz on host2: Permission denied (publickey).");
}

TEST(a_talkative_ssh_does_not_block)
{
	struct zkz_err err = { 0 };
	int rc = -1;

	open_script("head -c 300000 /dev/zero | tr '\\0' x >&2; printf '" HELLO "'; exec cat", -1,
		    &rc, &err);
	CHECK_STR(err.text, "");
	CHECK_INT(rc, 0);
}

TEST(the_user_can_end_the_wait_for_ssh)
{
	struct zkz_err err;
	int p[2], rc = 0;

	NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p));
	shutdown(p[1], SHUT_WR);
	open_script("exec sleep 60", p[0], &rc, &err);
	CHECK_INT(rc, -1);
	CHECK_INT(err.id, ERR_CANCELLED);
	io_close(&p[0]);
	io_close(&p[1]);
}
