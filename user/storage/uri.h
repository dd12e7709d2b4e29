/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Storage URIs. Pure: what a URI says by itself; what it turns out to be on a
 * host is storage/probe.h.
 *
 *   file:/path                     a file or block device
 *   nbd://host[:port]/export       an export of an NBD server
 *
 * In path and export %20 is a blank, %25 a percent sign, and so on for every byte but NUL.
 */
#ifndef ZKZ_STORAGE_URI_H
#define ZKZ_STORAGE_URI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

enum uri_kind { URI_FILE, URI_NBD };

/**
 * struct storage_uri - a parsed URI
 * @kind:   which sort
 * @path:   file: absolute path; nbd: name of the export
 * @host:   nbd: host name or address, an IPv6 one without brackets
 * @port:   nbd: port, 10809 unless given
 * @block:  file: a block device
 */
struct storage_uri {
	enum uri_kind kind;
	char path[1024];
	char host[256];
	uint16_t port;
	bool block;
};

/** uri_parse() - text to URI; @block is for whoever has looked what is there */
int uri_parse(const char *text, struct storage_uri *u, struct zkz_err *err);

/** uri_check() - like uri_parse(), for those who need only the verdict */
int uri_check(const char *text, struct zkz_err *err);

/**
 * uri_blockdev() - arguments of QEMU's -blockdev
 * @u:      URI
 * @format: "raw" or "qcow2"
 * @node:   name of the format node, at most 20 characters
 * @set:    file: number of the set of descriptors that QEMU uses instead of opening the path; -1 for none
 *
 * Return: new reference to the object.
 */
json_t *uri_blockdev(const struct storage_uri *u, const char *format,
		     const char *node, int set);

#endif
