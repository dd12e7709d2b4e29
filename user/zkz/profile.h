/* SPDX-License-Identifier: GPL-2.0 */
/* Profiles as their users have them: a file of user-data, or a folder with that and more (zone/profile.h). */
#ifndef ZKZ_ZKZ_PROFILE_H
#define ZKZ_ZKZ_PROFILE_H

#include <jansson.h>

#include "lib/err.h"

/**
 * profile_read() - read one, as whoever runs zkz
 * @path: file or folder
 * @err:  filled on failure
 *
 * Return: object of texts by the names of their files, which zkzd checks; or NULL.
 */
json_t *profile_read(const char *path, struct zkz_err *err);

/** struct profile_answers - what there is to say of a guest; what is empty is left out */
struct profile_answers {
	char user[33];		/* who administrates it */
	char key[8192];		/* with that public key of ssh */
	char hash[128];		/* or with a password, as crypt(3) has it */
	char address[56];	/* of its first interface, with the length of its prefix; else it asks by DHCP */
	char gateway[56];
	char dns[256];		/* name servers, with commas between */
};

/** profile_write() - make a folder of that; what is there by that name is left alone */
int profile_write(const char *path, const struct profile_answers *a, struct zkz_err *err);

#endif
