// SPDX-License-Identifier: GPL-2.0
#include "storage/luname.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The first digit of an NAA identifier says how long it is (SPC-4, 7.8.6.6); of EUI-64 there are three sizes. */
static bool fits(const char *kind, const char *digits, size_t len)
{
	if (strcmp(kind, "naa."))
		return len == 16 || len == 24 || len == 32;
	return len == (digits[0] == '6' ? 32 : 16);
}

bool luname_parse(const char **p, char *name)
{
	const char *kind = !strncasecmp(*p, "naa.", 4) ? "naa." : !strncasecmp(*p, "eui.", 4) ? "eui." : NULL;
	const char *digits = *p + 4;
	size_t len = 0, i;

	if (!kind)
		return false;
	while (len < 33 && isxdigit((unsigned char)digits[len]))
		len++;
	if (!fits(kind, digits, len))
		return false;
	strcpy(name, kind);
	for (i = 0; i < len; i++)
		name[4 + i] = (char)tolower((unsigned char)digits[i]);
	name[4 + len] = '\0';
	*p = digits + len;
	return true;
}

bool luname_is_unique(const char *name)
{
	return strncmp(name, "naa.3", 5) != 0;
}

/* The digit is how SCSI calls the kind of an identifier. */
static const struct {
	const char *kind;
	const char *link;
} links[] = {
	{ "naa.", "dm-uuid-mpath-3" },
	{ "naa.", "wwn-0x" },
	{ "naa.", "scsi-3" },
	{ "eui.", "dm-uuid-mpath-2" },
	{ "eui.", "dm-uuid-mpath-eui." },
	{ "eui.", "nvme-eui." },
	{ "eui.", "scsi-2" },
};

bool luname_link(const char *name, unsigned int i, char *link)
{
	size_t n;

	for (n = 0; n < sizeof(links) / sizeof(links[0]); n++) {
		if (strncmp(name, links[n].kind, 4) || i--)
			continue;
		snprintf(link, LUNAME_LINK_SIZE, "%s%s", links[n].link, name + 4);
		return true;
	}
	return false;
}

bool luname_from_link(const char *link, char *name)
{
	char text[LUNAME_LINK_SIZE];
	const char *p = text;
	size_t n, len;

	for (n = 0; n < sizeof(links) / sizeof(links[0]); n++) {
		len = strlen(links[n].link);
		if (strncmp(link, links[n].link, len) ||
		    snprintf(text, sizeof(text), "%s%s", links[n].kind, link + len) >= (int)sizeof(text))
			continue;
		return luname_parse(&p, name) && !*p;
	}
	return false;
}
