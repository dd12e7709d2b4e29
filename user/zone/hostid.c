// SPDX-License-Identifier: GPL-2.0
#include "zone/hostid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/file.h"
#include "zone/paths.h"

#define MAX_FILE	64

int hostid_read(char *id, struct zkz_err *err)
{
	char *text = file_read(ZKZ_HOST_ID, MAX_FILE, NULL, err);
	int rc;

	if (!text)
		return errno == ENOENT ? err_host_id(err, ZKZ_HOST_ID) : -1;
	text[strcspn(text, "\n")] = '\0';
	rc = id_ok(text) ? 0 : -1;
	if (!rc)
		memcpy(id, text, ID_TEXT_SIZE);
	free(text);
	if (!rc)
		return 0;
	return err_host_id_damaged(err, ZKZ_HOST_ID);
}

int hostid_make(struct zkz_err *err)
{
	char id[ID_TEXT_SIZE], line[ID_TEXT_SIZE + 1];
	struct zkz_err why = { 0 };

	if (!hostid_read(id, &why))
		return 0;
	if (errno != ENOENT) {
		if (err)
			*err = why;
		return -1;
	}
	if (file_mkdirs(ZKZ_STATE_DIR, 0755, err) || id_new(id, err))
		return -1;
	snprintf(line, sizeof(line), "%s\n", id);
	return file_write_atomic(ZKZ_HOST_ID, line, strlen(line), 0644, err);
}
