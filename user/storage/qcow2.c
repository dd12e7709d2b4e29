// SPDX-License-Identifier: GPL-2.0
#include "storage/qcow2.h"

#include <string.h>

/* Offsets in the header; numbers are big-endian. */
#define AT_VERSION	4
#define AT_BACKING	8
#define AT_SIZE		24
#define AT_FEATURES	72
#define SHORTEST	72
#define VERSION3	80
#define EXTERNAL_DATA	(1 << 2)

static uint64_t number(const unsigned char *p, unsigned int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

uint64_t qcow2_size(const unsigned char *head, size_t len)
{
	return len >= SHORTEST && !memcmp(head, "QFI\xfb", 4) ? number(head + AT_SIZE, 8) : 0;
}

int qcow2_alone(const char *path, const unsigned char *head, size_t len, struct zkz_err *err)
{
	if (!qcow2_size(head, len))
		return err_storage_not_qcow2(err, path);
	if (number(head + AT_BACKING, 8))
		return err_storage_backing(err, path);
	if (number(head + AT_VERSION, 4) >= 3 && len >= VERSION3 &&
	    (number(head + AT_FEATURES, 8) & EXTERNAL_DATA))
		return err_storage_data_file(err, path);
	return 0;
}
