/* SPDX-License-Identifier: GPL-2.0 */
/* Secrets that storage asks for. They are root's files: nobody else, QEMU's user included, can read them. */
#ifndef ZKZ_STORAGE_SECRET_H
#define ZKZ_STORAGE_SECRET_H

#include "lib/err.h"
#include "storage/uri.h"

/* A file for each name; its first line is the secret. */
#define SECRET_CHAP_DIR	"/etc/zkz/chap"

/**
 * secret_open() - the secret that a disk needs
 * @u:   URI
 * @fd:  filled: a file in memory that a program can read as /proc/self/fd/N, close-on-exec; -1 if none is needed
 * @err: filled on failure
 */
int secret_open(const struct storage_uri *u, int *fd, struct zkz_err *err);

#endif
