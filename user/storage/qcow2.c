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
	if (!qcow2_size(head, len)) {
		err_set(err, ERR_STORAGE, "Storage %s is no qcow2 image", path);
		return err_remedy(err, "Set the device's format to raw, or correct the URI.");
	}
	if (number(head + AT_BACKING, 8)) {
		err_set(err, ERR_STORAGE, "Storage %s needs a backing file", path);
		return err_remedy(err, "Make it whole with 'qemu-img rebase -b \"\" %s'.", path);
	}
	if (number(head + AT_VERSION, 4) >= 3 && len >= VERSION3 &&
	    (number(head + AT_FEATURES, 8) & EXTERNAL_DATA)) {
		err_set(err, ERR_STORAGE, "Storage %s keeps its data in another file", path);
		return err_remedy(err, "Convert it with 'qemu-img convert' to an image without data_file.");
	}
	return 0;
}
