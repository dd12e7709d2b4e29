// SPDX-License-Identifier: GPL-2.0
/* Addresses of hosts, keys and prefaces of data streams. */
#include <stdint.h>

#include "lib/hex.h"
#include "unit.h"
#include "wire/keys.h"
#include "wire/ktls.h"
#include "wire/stream.h"
#include "wire/uri.h"

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
	uint8_t token[STREAM_TOKEN_SIZE], buf[PREFACE_SIZE];
	const uint8_t *got;
	uint32_t index;

	memset(token, 0xa5, sizeof(token));
	preface_encode(buf, STREAM_STATE + 3, token);
	NEED(preface_decode(buf, &index, &got));
	CHECK_INT(index, STREAM_STATE + 3);
	CHECK_BYTES(got, STREAM_TOKEN_SIZE, token, sizeof(token));
	buf[4] = 2;
	CHECK(!preface_decode(buf, &index, &got));
	memcpy(buf, "GET / HTTP/1.1", 14);
	CHECK(!preface_decode(buf, &index, &got));
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
