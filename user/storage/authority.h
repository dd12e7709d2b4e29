/* SPDX-License-Identifier: GPL-2.0 */
/* Which server a URI names, and who asks it. Pure. */
#ifndef ZKZ_STORAGE_AUTHORITY_H
#define ZKZ_STORAGE_AUTHORITY_H

#include <stdint.h>

/* Room for the text of authority_print(). */
#define AUTHORITY_TEXT_SIZE	1024

/**
 * struct authority - [user@]host[:port]
 * @user: as written, percent signs decoded; empty if there is none
 * @host: name in small letters, or address; an IPv6 one in its shortest form and without brackets
 * @port: port
 */
struct authority {
	char user[224];
	char host[256];
	uint16_t port;
};

/**
 * authority_parse() - take it from the beginning of a text
 * @p:    text, moved to what follows: a slash or the end
 * @port: default
 * @a:    filled; @host is empty if there is nothing
 *
 * Return: -1, or which enum err_fault it has.
 */
int authority_parse(const char **p, uint16_t port, struct authority *a);

/** authority_print() - canonical form, without the port if that is @port. Return: end of @text */
char *authority_print(const struct authority *a, uint16_t port, char *text);

#endif
