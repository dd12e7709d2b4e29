// SPDX-License-Identifier: GPL-2.0
#include "storage/initiator.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/id.h"

#define MAX_FILE	8192
/* What QEMU calls itself, too. */
#define PREFIX		"iqn.2008-11.org.linux-kvm:zkz."

static bool take_name(const char *from, size_t len, char *name)
{
	size_t i;

	if (len < 5 || len >= INITIATOR_SIZE ||
	    (strncmp(from, "iqn.", 4) && strncmp(from, "eui.", 4) && strncmp(from, "naa.", 4)))
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)from[i]) && !strchr(".-:", from[i]))
			return false;
	memcpy(name, from, len);
	name[len] = '\0';
	return true;
}

/* Lines with '#' are comments, and one may ask for a name to be made at the first start. */
bool initiator_parse(const char *text, char *name)
{
	static const char key[] = "InitiatorName=";
	const char *value;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		text += strspn(text, " \t");
		if (strncmp(text, key, strlen(key)))
			continue;
		value = text + strlen(key);
		value += strspn(value, " \t");
		if (take_name(value, strcspn(value, " \t\r\n"), name))
			return true;
	}
	return false;
}

bool initiator_from_id(const char *text, char *name)
{
	char id[ID_TEXT_SIZE];
	size_t len = strcspn(text, "\n");

	if (len >= sizeof(id))
		return false;
	memcpy(id, text, len);
	id[len] = '\0';
	if (!id_ok(id))
		return false;
	snprintf(name, INITIATOR_SIZE, PREFIX "%s", id);
	return true;
}

/* The host's own, as of iscsid. */
static bool read_own(char *name)
{
	struct zkz_err unused;
	char *text = file_read(INITIATOR_FILE, MAX_FILE, NULL, &unused);
	bool ok = text && initiator_parse(text, name);

	free(text);
	return ok;
}

int initiator_name(struct storage_uri *u, struct zkz_err *err)
{
	char *text;
	bool ok;

	if (u->kind != URI_ISCSI || uri_is_opened(u) || read_own(u->initiator))
		return 0;
	text = file_read(INITIATOR_HOST_ID, MAX_FILE, NULL, err);
	if (!text)
		return errno == ENOENT ? err_host_id(err, INITIATOR_HOST_ID) : -1;
	ok = initiator_from_id(text, u->initiator);
	free(text);
	return ok ? 0 : err_host_id_damaged(err, INITIATOR_HOST_ID);
}
