// SPDX-License-Identifier: GPL-2.0
#include "storage/lun.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/io.h"

int lun_place(struct storage_uri *u, struct zkz_err *err)
{
	char link[LUNAME_LINK_SIZE];
	unsigned int i;

	if (!u->luname[0])
		return 0;
	for (i = 0; luname_link(u->luname, i, link); i++) {
		snprintf(u->path, sizeof(u->path), LUN_DIR "/%s", link);
		if (!access(u->path, F_OK))
			return 0;
	}
	u->path[0] = '\0';
	return u->kind == URI_ISCSI ? err_storage_no_iscsi_lun(err, u->luname, u->at.host[0] ? u->at.host : "HOST") :
		err_storage_no_lun(err, u->luname);
}

/* What a file of a device in sysfs begins with, behind @prefix. */
static bool read_attribute(uint64_t dev, const char *file, const char *prefix, char *text, size_t size)
{
	size_t len = strlen(prefix);
	char path[80];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(dev), minor(dev), file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	memcpy(text, prefix, len);
	n = read(fd, text + len, size - len - 1);
	io_close(&fd);
	if (n <= 0)
		return false;
	text[len + (size_t)n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

bool lun_of_device(uint64_t dev, char *name)
{
	char text[128];
	const char *p = text;

	/* Of a SCSI disk, a namespace of NVMe, and all paths to one of them. */
	if (read_attribute(dev, "device/wwid", "", text, sizeof(text)) ||
	    read_attribute(dev, "wwid", "", text, sizeof(text)))
		return luname_parse(&p, name) && !*p && luname_is_unique(name);
	return read_attribute(dev, "dm/uuid", "dm-uuid-", text, sizeof(text)) && luname_from_link(text, name) &&
	       luname_is_unique(name);
}

/* udev writes an IPv6 address as the initiator does, which may be without brackets. */
static int print_portal(char *to, size_t size, const char *from, int len)
{
	const char *port = memrchr(from, ':', (size_t)len);

	if (!port || *from == '[' || memchr(from, ':', (size_t)(port - from)) == NULL)
		return snprintf(to, size, "iscsi://%.*s", len, from);
	return snprintf(to, size, "iscsi://[%.*s]%.*s", (int)(port - from), from, len - (int)(port - from), port);
}

bool lun_from_portal(const char *link, struct storage_uri *u)
{
	const char *target = strncmp(link, "ip-", 3) ? NULL : strstr(link + 3, "-iscsi-"), *lun = NULL, *p;
	char text[640];
	int n;

	if (!target || strlen(link) > 255)
		return false;
	n = print_portal(text, sizeof(text), link + 3, (int)(target - link - 3));
	target += strlen("-iscsi-");
	for (p = target; (p = strstr(p, "-lun-")); p++)
		lun = p;
	if (!lun)
		return false;
	snprintf(text + n, sizeof(text) - (size_t)n, "/target.%.*s,lun.%s", (int)(lun - target), target, lun + 5);
	return !uri_parse(text, u, NULL);
}

bool lun_of_target(const struct storage_uri *u, uint64_t *dev)
{
	DIR *d = opendir(LUN_PORTAL_DIR);
	struct storage_uri one;
	struct dirent *e;
	struct stat st;
	bool found = false;

	while (d && !found && (e = readdir(d))) {
		found = lun_from_portal(e->d_name, &one) && uri_same(&one, u) &&
			!fstatat(dirfd(d), e->d_name, &st, 0) && S_ISBLK(st.st_mode);
		if (found)
			*dev = st.st_rdev;
	}
	if (d)
		closedir(d);
	return found;
}
