/* SPDX-License-Identifier: GPL-2.0 */
/* Copies by qemu-img, which knows every format and server that QEMU knows. */
#ifndef ZKZ_STORAGE_CONVERT_H
#define ZKZ_STORAGE_CONVERT_H

#include <stdbool.h>

#include "storage/copy.h"
#include "storage/served.h"
#include "storage/uri.h"

/**
 * struct convert_end - one of the two disks, ready for qemu-img
 * @fd:     descriptor of a file or device, -1 for one that is served
 * @name:   how qemu-img is told of it
 * @served: of one that is served
 */
struct convert_end {
	int fd;
	char *name;
	struct served served;
};

/**
 * convert_file() - a disk that is a file or a device
 * @e:      filled
 * @fd:     descriptor of look_open(), which closes it; the user may open what it is of again
 * @block:  it is a device
 * @format: "raw" or "qcow2"
 * @err:    filled on failure
 */
int convert_file(struct convert_end *e, int fd, bool block, const char *format, struct zkz_err *err);

/**
 * convert_served() - one that is served
 * @e:      filled, for convert_close() also after a failure
 * @node:   a name that the other one has not
 * @text:   URI
 * @u:      the same, parsed
 * @format: "raw" or "qcow2"
 * @user:   whom QEMU runs as
 * @err:    filled on failure
 */
int convert_served(struct convert_end *e, const char *node, const char *text, const struct storage_uri *u,
		   const char *format, const struct spawn_user *user, struct zkz_err *err);

/** convert_close() - let go of what convert_file() or convert_served() made */
void convert_close(struct convert_end *e);

/**
 * convert() - copy one disk to another that is there, and large enough
 * @c:     who is told, and who may end it
 * @from:  what is read
 * @to:    what is written
 * @size:  of @from, in bytes
 * @blank: @to reads as zeroes
 * @err:   filled on failure
 */
int convert(const struct copy *c, const struct convert_end *from, const struct convert_end *to, uint64_t size,
	    bool blank, struct zkz_err *err);

/** convert_percent() - how far qemu-img says that it is, at the end of what it has printed; -1 if nothing. Pure */
double convert_percent(const char *said);

#endif
