/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Storage URIs. Pure: what a URI says by itself; what it turns out to be on a
 * host is storage/probe.h.
 *
 *   file:/path                                        a file or block device
 *   dev:name, dev:/dev/name                           a block device
 *   lu:luname.naa.ID, lu:luname.eui.ID                a LUN that the host sees, by its identifier
 *   lu:initiator.naa.ID,target.naa.ID,luname.naa.ID   the same
 *   iscsi://[host[:port]]/luname.naa.ID               the same, of the host's iSCSI initiator
 *   iscsi://[user@]host[:port]/target.NAME[,lun.N]    a LUN that QEMU reaches itself
 *   nfs://[uid[:gid]@]host/path                       a file that QEMU reaches itself
 *   nbd://host[:port]/export                          an export of an NBD server
 *   nbds://host[:port]/export                         the same, by TLS
 *
 * In path and export %20 is a blank, %25 a percent sign, and so on for every byte but NUL.
 */
#ifndef ZKZ_STORAGE_URI_H
#define ZKZ_STORAGE_URI_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "storage/authority.h"
#include "storage/luname.h"

/* Enough for every URI in its canonical form. */
#define URI_TEXT_SIZE	4096
/* Ports of servers for which none is named. */
#define URI_PORT_ISCSI	3260
#define URI_PORT_NFS	2049
#define URI_PORT_NBD	10809
/* Names of iSCSI have 223 bytes at most. */
#define INITIATOR_SIZE	224

enum uri_kind { URI_FILE, URI_DEV, URI_LU, URI_ISCSI, URI_NFS, URI_NBD };

/**
 * struct storage_uri - a parsed URI; what its kind has not is empty
 * @kind:   which sort
 * @path:   file, dev: absolute path; nfs: path on the server; nbd: name of the export
 * @at:     iscsi, nfs, nbd: the server. Its user is of iscsi the name for CHAP, whose secret is storage/secret.h's
 * @tls:    nbd: the connection is encrypted
 * @uid:    nfs: whom the server takes us for, -1 for QEMU's user
 * @gid:    likewise
 * @target: iscsi: name of the target, empty if the LUN is found by its identifier
 * @lun:    iscsi: number of the LUN in it
 * @luname: lu, iscsi: identifier of the LUN, "naa.600144f0..."
 * @from:   lu: port of the host, "naa....", or empty
 * @to:     lu: port of the storage, likewise
 * @block:  a block device
 * @initiator: iscsi: what this host is called, see initiator_name()
 */
struct storage_uri {
	enum uri_kind kind;
	char path[1024];
	struct authority at;
	bool tls;
	int64_t uid;
	int64_t gid;
	char target[224];
	unsigned int lun;
	char luname[LUNAME_SIZE];
	char from[LUNAME_SIZE];
	char to[LUNAME_SIZE];
	bool block;
	char initiator[INITIATOR_SIZE];
};

/** uri_parse() - text to URI; @block and @initiator are for whoever has looked what is there */
int uri_parse(const char *text, struct storage_uri *u, struct zkz_err *err);

/** uri_check() - like uri_parse(), for those who need only the verdict */
int uri_check(const char *text, struct zkz_err *err);

/** uri_is_opened() - is it opened on the host and given to QEMU, which else reaches it by a network? */
bool uri_is_opened(const struct storage_uri *u);

/** uri_same() - do two URIs say that they are one disk? Names and addresses of one host are told apart */
bool uri_same(const struct storage_uri *a, const struct storage_uri *b);

/**
 * uri_print() - canonical form, the same for all that are equal
 * @u:    URI
 * @text: URI_TEXT_SIZE bytes
 *
 * Return: @text.
 */
char *uri_print(const struct storage_uri *u, char *text);

#endif
