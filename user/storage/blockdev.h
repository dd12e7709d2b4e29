/* SPDX-License-Identifier: GPL-2.0 */
/* How QEMU is told of a disk. Pure. */
#ifndef ZKZ_STORAGE_BLOCKDEV_H
#define ZKZ_STORAGE_BLOCKDEV_H

#include <jansson.h>

#include "storage/uri.h"

/* Certificates of NBD clients, under the names that QEMU gives them: ca-cert.pem, client-cert.pem, client-key.pem. */
#define BLOCKDEV_TLS_DIR	"/etc/zkz/tls/nbd"

/**
 * uri_blockdev() - arguments of QEMU's -blockdev
 * @u:      URI, with what initiator_name() has found
 * @format: "raw" or "qcow2"
 * @node:   name of the format node, at most 20 characters
 * @set:    uri_is_opened(): number of the set of descriptors that QEMU uses instead of opening a path; -1 for none
 * @write:  may it be written to?
 *
 * Return: new reference to the object.
 */
json_t *uri_blockdev(const struct storage_uri *u, const char *format, const char *node, int set, bool write);

/**
 * uri_object() - arguments of QEMU's -object that the disk needs
 * @u:      URI
 * @node:   as of uri_blockdev()
 * @secret: descriptor from which QEMU can read the secret for CHAP, see secret_open()
 *
 * Return: new reference to the object, NULL if it needs none.
 */
json_t *uri_object(const struct storage_uri *u, const char *node, int secret);

#endif
