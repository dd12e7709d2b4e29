// SPDX-License-Identifier: GPL-2.0
/* URIs of hosts and of storage. Hosts end up on the command line of ssh, so nothing may look like an option. */
#include <string.h>

#include "fuzz.h"
#include "storage/blockdev.h"
#include "storage/uri.h"
#include "wire/uri.h"

static void host(const char *text)
{
	struct zkz_err err = { 0 };
	struct host_uri uri;

	if (host_uri_parse(text, &uri, &err)) {
		FUZZ_ASSERT(err.id && err.text[0]);
		return;
	}
	FUZZ_ASSERT(uri.host[0] && uri.host[0] != '-' && uri.user[0] != '-');
	FUZZ_ASSERT(!strpbrk(uri.host, " \t\r\n'\"`$;&|<>\\") && !strpbrk(uri.user, " \t\r\n'\"`$;&|<>\\"));
}

/* The canonical form means the same, and is its own canonical form. */
static void round_trip(const struct storage_uri *uri)
{
	char text[URI_TEXT_SIZE], again[URI_TEXT_SIZE];
	struct storage_uri other;

	FUZZ_ASSERT(strlen(uri_print(uri, text)) < URI_TEXT_SIZE);
	FUZZ_ASSERT(!uri_parse(text, &other, NULL));
	FUZZ_ASSERT(uri->kind == other.kind && uri->tls == other.tls && !strcmp(uri->at.user, other.at.user));
	FUZZ_ASSERT(uri_same(uri, &other) && !strcmp(text, uri_print(&other, again)));
}

static void storage(const char *text)
{
	struct storage_uri uri;
	struct zkz_err err = { 0 };
	json_t *dev;

	if (uri_parse(text, &uri, &err)) {
		FUZZ_ASSERT(err.id && err.text[0]);
		FUZZ_ASSERT(uri_check(text, NULL));
		return;
	}
	FUZZ_ASSERT(!uri_check(text, NULL));
	FUZZ_ASSERT((uri.kind != URI_FILE && uri.kind != URI_DEV && uri.kind != URI_NFS) || uri.path[0] == '/');
	FUZZ_ASSERT(uri_is_opened(&uri) || uri.at.host[0]);
	FUZZ_ASSERT(uri.kind != URI_ISCSI || !uri.luname[0] != !uri.target[0]);
	FUZZ_ASSERT(!strchr(uri.at.user, '/') && uri.at.user[0] != '.');
	round_trip(&uri);
	dev = uri_blockdev(&uri, "raw", "d0", -1, true);
	FUZZ_ASSERT(json_is_object(dev));
	json_decref(dev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	host(text);
	storage(text);
	free(text);
	return 0;
}
