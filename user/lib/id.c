// SPDX-License-Identifier: GPL-2.0
#include "lib/id.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

#include "lib/hex.h"

#define ID_BYTES	16

int id_new(char *id, struct zkz_err *err)
{
	uint8_t bytes[ID_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return err_system_call(err, "getrandom", errno);
	hex_encode(bytes, sizeof(bytes), id);
	return 0;
}

bool id_ok(const char *id)
{
	uint8_t bytes[ID_BYTES];

	return !hex_decode(id, bytes, sizeof(bytes));
}
