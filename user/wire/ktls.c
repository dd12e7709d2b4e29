// SPDX-License-Identifier: GPL-2.0
#include "wire/ktls.h"

#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/spawn.h"

#ifndef SOL_TLS
#define SOL_TLS	282
#endif

static const char * const names[] = {
	[CIPHER_NONE] = "none",
	[CIPHER_AES_256_GCM] = "aes-256-gcm",
	[CIPHER_CHACHA20_POLY1305] = "chacha20-poly1305",
};

#define COUNT	(sizeof(names) / sizeof(names[0]))

const char *cipher_name(enum cipher c)
{
	return c < COUNT ? names[c] : NULL;
}

uint64_t cipher_limit(enum cipher c)
{
	return c == CIPHER_AES_256_GCM ? UINT64_C(1) << 38 : 0;
}

int cipher_parse(const char *name, enum cipher *c, struct zkz_err *err)
{
	size_t i;

	for (i = 0; i < COUNT; i++) {
		if (!strcmp(name, names[i])) {
			*c = i;
			return 0;
		}
	}
	return err_usage_cipher(err, name);
}

union crypto {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_256 gcm;
	struct tls12_crypto_info_chacha20_poly1305 chacha;
};

static socklen_t fill(union crypto *ci, enum cipher cipher, const uint8_t *key,
		      const uint8_t *iv)
{
	memset(ci, 0, sizeof(*ci));
	ci->info.version = TLS_1_3_VERSION;
	if (cipher == CIPHER_CHACHA20_POLY1305) {
		ci->info.cipher_type = TLS_CIPHER_CHACHA20_POLY1305;
		memcpy(ci->chacha.key, key, sizeof(ci->chacha.key));
		memcpy(ci->chacha.iv, iv, sizeof(ci->chacha.iv));
		return sizeof(ci->chacha);
	}
	ci->info.cipher_type = TLS_CIPHER_AES_GCM_256;
	memcpy(ci->gcm.key, key, sizeof(ci->gcm.key));
	memcpy(ci->gcm.salt, iv, sizeof(ci->gcm.salt));
	memcpy(ci->gcm.iv, iv + sizeof(ci->gcm.salt), sizeof(ci->gcm.iv));
	return sizeof(ci->gcm);
}

static int set_keys(int fd, int dir, enum cipher cipher, const uint8_t *key,
		    const uint8_t *iv)
{
	union crypto ci;
	socklen_t len = fill(&ci, cipher, key, iv);
	int rc = setsockopt(fd, SOL_TLS, dir, &ci, len);

	OPENSSL_cleanse(&ci, sizeof(ci));
	return rc;
}

static int set_ulp(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls"));
}

/* The kernel loads the module by itself only where kmod is set up for it. */
static void load_module(void)
{
	char *argv[] = { (char *)"modprobe", (char *)"tls", NULL };

	spawn_run(argv, NULL, 0, deadline_in_ms(10000), NULL);
}

int ktls_start(int fd, enum cipher cipher, const struct stream_keys *keys,
	       bool target, struct zkz_err *err)
{
	int tx = target ? 1 : 0, rx = !tx;

	if (set_ulp(fd)) {
		load_module();
		if (set_ulp(fd))
			return err_network_cipher(err, errno);
	}
	if (set_keys(fd, TLS_TX, cipher, keys->key[tx], keys->iv[tx]) ||
	    set_keys(fd, TLS_RX, cipher, keys->key[rx], keys->iv[rx]))
		return err_network_cipher_keys(err, names[cipher], errno);
	return 0;
}
