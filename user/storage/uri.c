// SPDX-License-Identifier: GPL-2.0
#include "storage/uri.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/percent.h"

/* What QEMU takes as the name of an export in all its versions. */
#define EXPORT_MAX	255
/* The last two numbers mean nobody. */
#define ID_MAX		4294967293U
/* What all SCSI transports can number. */
#define LUN_MAX		16383

/* All that parse give -1, or which enum err_fault there is. */

/* What a file is called by, is one text: no empty names, none that stay where they are, none that go back. */
static int normalise(char *path)
{
	size_t len = strlen(path);
	char *from, *to = path;

	if (path[0] != '/' || path[1] == '/')
		return ERR_FAULT_RELATIVE;
	if (path[len - 1] == '/' || !strcmp(path + len - 2, "/."))
		return ERR_FAULT_FOLDER;
	for (from = path; *from; from += len) {
		from += strspn(from, "/");
		len = strcspn(from, "/");
		if (len == 2 && !strncmp(from, "..", 2))
			return ERR_FAULT_BACK;
		if (len == 1 && *from == '.')
			continue;
		*to++ = '/';
		memmove(to, from, len);
		to += len;
	}
	*to = '\0';
	return -1;
}

static int parse_file(const char *p, struct storage_uri *u)
{
	int why;

	/* file:///path is the same as file:/path. */
	if (!strncmp(p, "///", 3))
		p += 2;
	u->kind = URI_FILE;
	why = percent_decode(p, u->path, sizeof(u->path));
	return why >= 0 ? why : normalise(u->path);
}

static int parse_dev(const char *p, struct storage_uri *u)
{
	int why;

	if (!strncmp(p, "///", 3))
		p += 2;
	u->kind = URI_DEV;
	strcpy(u->path, "/dev/");
	why = *p == '/' ? percent_decode(p, u->path, sizeof(u->path)) :
			  percent_decode(p, u->path + 5, sizeof(u->path) - 5);
	if (why < 0)
		why = normalise(u->path);
	if (why >= 0)
		return why;
	return strncmp(u->path, "/dev/", 5) ? ERR_FAULT_DEVICE : -1;
}

/* "luname.naa.ID" and nothing more */
static int parse_luname(const char *p, struct storage_uri *u)
{
	if (strncmp(p, "luname.", 7))
		return ERR_FAULT_LUNAME;
	p += 7;
	return luname_parse(&p, u->luname) && !*p ? -1 : ERR_FAULT_LUNAME;
}

static bool take_lu_port(const char **p, const char *word, char *name)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len))
		return false;
	*p += len;
	return luname_parse(p, name) && *(*p)++ == ',';
}

static int parse_lu(const char *p, struct storage_uri *u)
{
	u->kind = URI_LU;
	if (!strncmp(p, "initiator.", 10) &&
	    (!take_lu_port(&p, "initiator.", u->from) || !take_lu_port(&p, "target.", u->to)))
		return ERR_FAULT_LU_PORTS;
	return parse_luname(p, u);
}

/* Names in iSCSI know no case (RFC 3722). */
static int take_target(const char **p, struct storage_uri *u)
{
	size_t len = strcspn(*p, ","), i;

	if (!len || len >= sizeof(u->target))
		return ERR_FAULT_TARGET;
	for (i = 0; i < len; i++) {
		if (!isalnum((unsigned char)(*p)[i]) && !strchr(".-:", (*p)[i]))
			return ERR_FAULT_TARGET;
		u->target[i] = (char)tolower((unsigned char)(*p)[i]);
	}
	*p += len;
	if (strncmp(u->target, "iqn.", 4) && strncmp(u->target, "eui.", 4) && strncmp(u->target, "naa.", 4))
		return ERR_FAULT_TARGET;
	return u->target[4] ? -1 : ERR_FAULT_TARGET;
}

static int take_lun(const char *p, struct storage_uri *u)
{
	int digits;

	if (!*p)
		return -1;
	if (strncmp(p, ",lun.", 5))
		return ERR_FAULT_LUN;
	for (p += 5, digits = 0; isdigit((unsigned char)*p) && digits < 5; p++, digits++)
		u->lun = u->lun * 10 + (unsigned int)(*p - '0');
	return !digits || *p || u->lun > LUN_MAX ? ERR_FAULT_LUN : -1;
}

/* It becomes the name of a file. */
static int check_chap_name(const char *name)
{
	const char *p;

	if (strchr(name, '%') || name[0] == '.')
		return ERR_FAULT_USER;
	for (p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr(".-_:@+", *p))
			return ERR_FAULT_USER;
	return -1;
}

static int parse_iscsi(const char *p, struct storage_uri *u)
{
	size_t user = strcspn(p, "@/");
	int why;

	u->kind = URI_ISCSI;
	/* Before anything else: it is not repeated in what is said about another fault. */
	if (p[user] == '@' && memchr(p, ':', user))
		return ERR_FAULT_SECRET;
	why = authority_parse(&p, URI_PORT_ISCSI, &u->at);
	if (why < 0)
		why = check_chap_name(u->at.user);
	if (why >= 0)
		return why;
	p += *p == '/';
	if (strncmp(p, "target.", 7)) {
		if (u->at.user[0])
			return ERR_FAULT_CHAP_HOST;
		return strncmp(p, "luname.", 7) ? ERR_FAULT_TARGET : parse_luname(p, u);
	}
	if (!u->at.host[0])
		return ERR_FAULT_HOST;
	p += 7;
	why = take_target(&p, u);
	return why >= 0 ? why : take_lun(p, u);
}

static bool take_id(const char **p, int64_t *id)
{
	int digits;

	for (*id = 0, digits = 0; isdigit((unsigned char)**p) && digits < 11; (*p)++, digits++)
		*id = *id * 10 + (**p - '0');
	return digits && *id <= ID_MAX;
}

/* Numbers, because a name may be somebody else on the other host. */
static int parse_nfs_user(struct storage_uri *u)
{
	const char *p = u->at.user;

	if (!*p)
		return -1;
	if (!take_id(&p, &u->uid) || (*p == ':' && (p++, !take_id(&p, &u->gid))) || *p)
		return ERR_FAULT_NUMBERS;
	u->at.user[0] = '\0';
	return -1;
}

static int parse_nfs(const char *p, struct storage_uri *u)
{
	int why = authority_parse(&p, URI_PORT_NFS, &u->at);

	u->kind = URI_NFS;
	if (why < 0)
		why = parse_nfs_user(u);
	if (why >= 0)
		return why;
	if (!u->at.host[0])
		return ERR_FAULT_HOST;
	if (u->at.port != URI_PORT_NFS)
		return ERR_FAULT_NFS_PORT;
	why = percent_decode(p, u->path, sizeof(u->path));
	return why >= 0 ? why : normalise(u->path);
}

static int parse_nbd(const char *p, struct storage_uri *u)
{
	int why = authority_parse(&p, URI_PORT_NBD, &u->at);

	u->kind = URI_NBD;
	if (why >= 0)
		return why;
	if (!u->at.host[0])
		return ERR_FAULT_HOST;
	if (u->at.user[0])
		return ERR_FAULT_NO_USER;
	p += *p == '/';
	if (strpbrk(p, "?#"))
		return ERR_FAULT_EXPORT;
	return percent_decode(p, u->path, EXPORT_MAX + 1);
}

static int parse_nbds(const char *p, struct storage_uri *u)
{
	u->tls = true;
	return parse_nbd(p, u);
}

/* JSON is UTF-8, a name is bytes. */
static bool is_utf8(const char *text)
{
	json_t *s = json_string(text);
	bool ok = s;

	json_decref(s);
	return ok;
}

/* Schemes know no case (RFC 3986). */
static int parse(const char *text, struct storage_uri *u)
{
	static const struct {
		const char *scheme;
		int (*fn)(const char *p, struct storage_uri *u);
	} schemes[] = {
		{ "file:", parse_file }, { "dev:", parse_dev }, { "lu:", parse_lu }, { "iscsi://", parse_iscsi },
		{ "nfs://", parse_nfs }, { "nbd://", parse_nbd }, { "nbds://", parse_nbds },
	};
	size_t i, len;
	const char *p;
	int why;

	for (p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			return ERR_FAULT_BYTE;
	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		len = strlen(schemes[i].scheme);
		if (strncasecmp(text, schemes[i].scheme, len))
			continue;
		why = schemes[i].fn(text + len, u);
		return why < 0 && !is_utf8(u->path) ? ERR_FAULT_ENCODING : why;
	}
	return ERR_FAULT_SCHEME;
}

/*
 * What is before '@' may be a secret, and messages go to logs. A secret may have a slash; where no server can be, as in
 * file:///a@b, there is none.
 */
static int refuse(const char *text, enum err_fault why, struct zkz_err *err)
{
	const char *from = strstr(text, "://"), *end = from && from[3] != '/' ? strrchr(from + 3, '@') : NULL;
	char *shown = NULL;

	if (!end || asprintf(&shown, "%.*s://...@%s", (int)(from - text), text, end + 1) < 0)
		return err_config_uri(err, text, why);
	err_config_uri(err, shown, why);
	free(shown);
	return -1;
}

int uri_parse(const char *text, struct storage_uri *u, struct zkz_err *err)
{
	int why;

	memset(u, 0, sizeof(*u));
	u->uid = u->gid = -1;
	why = parse(text, u);
	return why >= 0 ? refuse(text, (enum err_fault)why, err) : 0;
}

int uri_check(const char *text, struct zkz_err *err)
{
	struct storage_uri u;

	return uri_parse(text, &u, err);
}
