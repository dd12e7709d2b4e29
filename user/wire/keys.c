// SPDX-License-Identifier: GPL-2.0
#include "wire/keys.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static int hkdf(const uint8_t *secret, const char *info, uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret,
						  STREAM_SECRET_SIZE),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info,
						  strlen(info)),
		OSSL_PARAM_construct_end(),
	};
	int ok = ctx && EVP_KDF_derive(ctx, out, len, params) > 0;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok ? 0 : -1;
}

static int derive(const uint8_t *secret, const struct stream_id *id,
		  const char *what, uint8_t *out, size_t len)
{
	char info[128];
	int n = snprintf(info, sizeof(info), "zkz 1 stream %s %u %s", id->uuid,
			 id->index, what);

	/* A truncated label could be the same for two streams. */
	if (n < 0 || (size_t)n >= sizeof(info))
		return -1;
	return hkdf(secret, info, out, len);
}

int stream_keys_derive(const uint8_t *secret, const struct stream_id *id,
		       struct stream_keys *keys, struct zkz_err *err)
{
	if (derive(secret, id, "token", keys->token, sizeof(keys->token)) ||
	    derive(secret, id, "key down", keys->key[0], sizeof(keys->key[0])) ||
	    derive(secret, id, "key up", keys->key[1], sizeof(keys->key[1])) ||
	    derive(secret, id, "iv down", keys->iv[0], sizeof(keys->iv[0])) ||
	    derive(secret, id, "iv up", keys->iv[1], sizeof(keys->iv[1]))) {
		stream_keys_wipe(keys);
		return err_internal(err, ERR_IMPOSSIBLE_KEYS);
	}
	return 0;
}

int stream_proof(const uint8_t *token, const uint8_t *nonce, uint8_t *proof, struct zkz_err *err)
{
	unsigned int len = 0;

	if (!HMAC(EVP_sha256(), token, STREAM_TOKEN_SIZE, nonce, STREAM_NONCE_SIZE, proof, &len) ||
	    len != STREAM_PROOF_SIZE)
		return err_internal(err, ERR_IMPOSSIBLE_KEYS);
	return 0;
}

static int random_bytes(uint8_t *to, size_t len, struct zkz_err *err)
{
	if (getrandom(to, len, 0) != (ssize_t)len)
		return err_system_call(err, "getrandom", errno);
	return 0;
}

int stream_nonce_new(uint8_t *nonce, struct zkz_err *err)
{
	return random_bytes(nonce, STREAM_NONCE_SIZE, err);
}

void stream_keys_wipe(struct stream_keys *keys)
{
	OPENSSL_cleanse(keys, sizeof(*keys));
}

int stream_secret_new(uint8_t *secret, struct zkz_err *err)
{
	return random_bytes(secret, STREAM_SECRET_SIZE, err);
}

void stream_secret_wipe(uint8_t *secret)
{
	OPENSSL_cleanse(secret, STREAM_SECRET_SIZE);
}
