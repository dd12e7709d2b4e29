// SPDX-License-Identifier: GPL-2.0
#include "lib/err.h"

#include <stdio.h>
#include <string.h>

static const char *const known_codes[] = {
	ERR_USAGE, ERR_INTERNAL, ERR_NO_MEMORY, ERR_IO, ERR_TIMEOUT,
	ERR_PROTOCOL, ERR_DENIED, ERR_DAEMON_DOWN, ERR_UNKNOWN_OP, ERR_CONFIG,
	ERR_ZONE_NAME, ERR_ZONE_NOT_FOUND, ERR_ZONE_EXISTS, ERR_ZONE_BUSY,
	ERR_ZONE_STATE, ERR_ZONE_ELSEWHERE, ERR_ZONE_INCOMPLETE, ERR_STORAGE,
	ERR_STORAGE_LOCAL, ERR_NETWORK, ERR_MODULE_MISSING, ERR_KVM_MISSING,
	ERR_QEMU, ERR_QMP, ERR_KEEPER, ERR_KERNEL, ERR_PEER, ERR_INCOMPATIBLE,
	ERR_CANCELLED, ERR_DOWNTIME, ERR_IN_DOUBT, ERR_MEMORY_DIFFERS, ERR_MEMORY_LOST,
	ERR_NOT_STARTED, ERR_GIVEN_BACK, ERR_PROBE, ERR_HOST_ID,
};

int err_set(struct zkz_err *err, const char *code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;

	err->code = code;
	err->remedy[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int err_errno(struct zkz_err *err, const char *code, int errnum,
	      const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!err)
		return -1;

	err->code = code;
	err->remedy[0] = '\0';
	va_start(ap, fmt);
	n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(err->text))
		snprintf(err->text + n, sizeof(err->text) - n, ": %s",
			 strerror(errnum));
	return -1;
}

int err_remedy(struct zkz_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;

	va_start(ap, fmt);
	vsnprintf(err->remedy, sizeof(err->remedy), fmt, ap);
	va_end(ap);
	return -1;
}

int err_prefix(struct zkz_err *err, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	va_list ap;
	int n;

	if (!err)
		return -1;

	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(err->text))
		snprintf(err->text + n, sizeof(err->text) - n, ": %s", old);
	return -1;
}

void err_clear(struct zkz_err *err)
{
	if (!err)
		return;
	err->code = NULL;
	err->text[0] = '\0';
	err->remedy[0] = '\0';
}

const char *err_code_intern(const char *code)
{
	size_t i;

	for (i = 0; code && i < sizeof(known_codes) / sizeof(known_codes[0]); i++)
		if (!strcmp(code, known_codes[i]))
			return known_codes[i];
	return ERR_INTERNAL;
}
