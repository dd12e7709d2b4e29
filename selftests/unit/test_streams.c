// SPDX-License-Identifier: GPL-2.0
/* Addresses of hosts, keys and prefaces of data streams. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/hex.h"
#include "unit.h"
#include "wire/keys.h"
#include "wire/ktls.h"
#include "wire/stream.h"
#include "wire/uri.h"

/* One that says something to whoever connects, and counts what it is told. */
struct listener {
	pthread_t thread;
	int sock;
	char port[8];
	const char *says;
	size_t len, heard;
};

static void *listener_main(void *arg)
{
	struct listener *l = arg;
	int fd = accept(l->sock, NULL, NULL);
	char buf[256];
	ssize_t n;

	if (fd < 0 || write(fd, l->says, l->len) != (ssize_t)l->len)
		return NULL;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		l->heard += (size_t)n;
	close(fd);
	return NULL;
}

static void listen_as(struct listener *l, const char *says, size_t len)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);

	*l = (struct listener) { .says = says, .len = len };
	l->sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	NEED(l->sock >= 0 && !bind(l->sock, (struct sockaddr *)&a, sizeof(a)) && !listen(l->sock, 1));
	NEED(!getsockname(l->sock, (struct sockaddr *)&a, &size));
	snprintf(l->port, sizeof(l->port), "%u", ntohs(a.sin_port));
	NEED(!pthread_create(&l->thread, NULL, listener_main, l));
}

static size_t listener_end(struct listener *l)
{
	pthread_join(l->thread, NULL);
	close(l->sock);
	return l->heard;
}

TEST(addresses_of_hosts)
{
	struct host_uri u;

	NEED(!host_uri_parse("ssh://host2", &u, NULL));
	CHECK_STR(u.host, "host2");
	CHECK_STR(u.user, "");
	CHECK_INT(u.port, 0);
	NEED(!host_uri_parse("ssh://root@10.77.0.3:2222", &u, NULL));
	CHECK_STR(u.user, "root");
	CHECK_STR(u.host, "10.77.0.3");
	CHECK_INT(u.port, 2222);
	NEED(!host_uri_parse("ssh://[fe80::1%eth0]:22", &u, NULL));
	CHECK_STR(u.host, "fe80::1%eth0");
	CHECK_INT(u.port, 22);
}

TEST(addresses_that_are_refused)
{
	static const char * const bad[] = {
		"", "host", "ssh://", "ssh://@host", "ssh:///host", "http://host", "ssh://-oProxyCommand=x",
		"ssh://-l@host", "ssh://a b", "ssh://host:", "ssh://host:0", "ssh://host:65536", "ssh://host:x",
		"ssh://host:22x", "ssh://host/path", "ssh://[::1", "ssh://[::1]x", "ssh://$(id)", "ssh://h;id",
		"ssh://user:pw@host",
	};
	struct zkz_err err;
	struct host_uri u;
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		unit_check(host_uri_parse(bad[i], &u, &err), __FILE__, __LINE__, "'%s' is refused", bad[i]);
	CHECK_HAS(err.remedy, "ssh://");
}

TEST(addresses_fit_into_the_owner_file)
{
	char text[HOST_URI_MAX + 2] = "ssh://root@";
	struct zkz_err err;
	struct host_uri u;

	memset(text + strlen(text), 'h', sizeof(text) - 1 - strlen(text));
	CHECK_INT(host_uri_parse(text, &u, &err), -1);
	CHECK_HAS(err.text, "255 characters");
	CHECK(err.remedy[0]);
	text[HOST_URI_MAX] = '\0';
	CHECK_INT(host_uri_parse(text, &u, &err), 0);
}

TEST(every_value_of_every_stream_differs)
{
	uint8_t secret[STREAM_SECRET_SIZE] = { 1, 2, 3 };
	struct stream_id a = { "m1", 0 }, b = { "m1", 1 }, c = { "m2", 0 };
	struct stream_keys ka, kb, kc, again;

	NEED(!stream_keys_derive(secret, &a, &ka, NULL));
	NEED(!stream_keys_derive(secret, &b, &kb, NULL));
	NEED(!stream_keys_derive(secret, &c, &kc, NULL));
	NEED(!stream_keys_derive(secret, &a, &again, NULL));
	CHECK_BYTES(&again, sizeof(again), &ka, sizeof(ka));
	CHECK(memcmp(ka.token, kb.token, sizeof(ka.token)));
	CHECK(memcmp(ka.key[0], ka.key[1], sizeof(ka.key[0])));
	CHECK(memcmp(ka.key[0], kb.key[0], sizeof(ka.key[0])));
	CHECK(memcmp(ka.key[0], kc.key[0], sizeof(ka.key[0])));
	CHECK(memcmp(ka.iv[0], ka.iv[1], sizeof(ka.iv[0])));
	CHECK(memcmp(ka.token, ka.key[0], sizeof(ka.token)));
	secret[31] = 1;
	NEED(!stream_keys_derive(secret, &a, &again, NULL));
	CHECK(memcmp(ka.key[0], again.key[0], sizeof(ka.key[0])));
	stream_keys_wipe(&ka);
	CHECK(!ka.key[0][0] && !ka.token[31]);
}

TEST(hexadecimal)
{
	uint8_t in[3] = { 0, 0x7f, 0xff }, out[3];
	char text[7];

	hex_encode(in, 3, text);
	CHECK_STR(text, "007fff");
	CHECK(!hex_decode(text, out, 3));
	CHECK_BYTES(out, 3, in, 3);
	CHECK(hex_decode("007ff", out, 3));
	CHECK(hex_decode("007fffa", out, 3));
	CHECK(hex_decode("007ffg", out, 3));
	CHECK(hex_decode(NULL, out, 3));
}

TEST(preface)
{
	uint8_t proof[STREAM_PROOF_SIZE], buf[PREFACE_SIZE];
	const uint8_t *got;
	uint32_t index;

	memset(proof, 0xa5, sizeof(proof));
	preface_encode(buf, STREAM_STATE + 3, proof);
	NEED(preface_decode(buf, &index, &got));
	CHECK_INT(index, STREAM_STATE + 3);
	CHECK_BYTES(got, STREAM_PROOF_SIZE, proof, sizeof(proof));
	buf[4] = 1;
	CHECK(!preface_decode(buf, &index, &got));
	memcpy(buf, "GET / HTTP/1.1", 14);
	CHECK(!preface_decode(buf, &index, &got));
}

TEST(challenge)
{
	uint8_t nonce[STREAM_NONCE_SIZE], buf[CHALLENGE_SIZE];
	const uint8_t *got;

	memset(nonce, 0x5a, sizeof(nonce));
	challenge_encode(buf, nonce);
	NEED(challenge_decode(buf, &got));
	CHECK_BYTES(got, STREAM_NONCE_SIZE, nonce, sizeof(nonce));
	buf[4] = 1;
	CHECK(!challenge_decode(buf, &got));
	memcpy(buf, "SSH-2.0-OpenSSH_9.2p1", 21);
	CHECK(!challenge_decode(buf, &got));
}

TEST(a_proof_is_of_token_and_nonce)
{
	uint8_t token[STREAM_TOKEN_SIZE] = { 1 }, nonce[STREAM_NONCE_SIZE] = { 2 };
	uint8_t first[STREAM_PROOF_SIZE], again[STREAM_PROOF_SIZE];

	NEED(!stream_proof(token, nonce, first, NULL) && !stream_proof(token, nonce, again, NULL));
	CHECK_BYTES(again, sizeof(again), first, sizeof(first));
	CHECK(memcmp(first, token, sizeof(first)));
	nonce[15] = 1;
	NEED(!stream_proof(token, nonce, again, NULL));
	CHECK(memcmp(again, first, sizeof(first)));
	nonce[15] = 0;
	token[31] = 1;
	NEED(!stream_proof(token, nonce, again, NULL));
	CHECK(memcmp(again, first, sizeof(first)));
}

/* Who answers at the address sees nothing of the token, whatever it asks. */
TEST(a_stranger_is_shown_no_token)
{
	struct stream_plan plan = { .uuid = "m1", .secret = { 7 }, .cipher = CIPHER_NONE };
	static const char said[] = "220 mail.example ESMTP, at your service";
	struct zkz_err err = { 0 };
	struct listener l;

	listen_as(&l, said, sizeof(said) - 1);
	CHECK_INT(stream_connect(&plan, 0, "127.0.0.1", l.port, -1, deadline_in_ms(60000), &err), -1);
	CHECK(err_is(&err, ERR_NETWORK_STREAM_STRANGER));
	CHECK_INT(listener_end(&l), 0);
}

/* One who answers nothing holds nobody up who gives up. */
TEST(a_silent_stranger_is_left)
{
	struct stream_plan plan = { .uuid = "m1", .secret = { 7 }, .cipher = CIPHER_NONE };
	struct zkz_err err = { 0 };
	struct listener l;
	int p[2];

	NEED(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p));
	close(p[1]);
	listen_as(&l, "", 0);
	CHECK_INT(stream_connect(&plan, 0, "127.0.0.1", l.port, p[0], DEADLINE_NONE, &err), -1);
	CHECK(err_is(&err, ERR_CANCELLED));
	close(p[0]);
	CHECK_INT(listener_end(&l), 0);
}

TEST(ciphers_by_name)
{
	struct zkz_err err;
	enum cipher c;

	NEED(!cipher_parse("none", &c, NULL));
	CHECK_INT(c, CIPHER_NONE);
	NEED(!cipher_parse(cipher_name(CIPHER_DEFAULT), &c, NULL));
	CHECK_INT(c, CIPHER_DEFAULT);
	CHECK(cipher_parse("rot13", &c, &err));
	CHECK_HAS(err.text, "rot13");
}
