/* SPDX-License-Identifier: GPL-2.0 */
/* Identifiers of LUNs: the same on every host, whatever the LUN is reached by. Pure. */
#ifndef ZKZ_STORAGE_LUNAME_H
#define ZKZ_STORAGE_LUNAME_H

#include <stdbool.h>
#include <stddef.h>

/* "naa." and 32 digits */
#define LUNAME_SIZE	40
/* Names that udev gives to a LUN, see luname_link(). */
#define LUNAME_LINK_SIZE 64

/**
 * luname_parse() - take an identifier from the beginning of a text
 * @p:    "naa." or "eui." and its digits, moved to what follows
 * @name: LUNAME_SIZE bytes: in small letters
 *
 * Return: is it one?
 */
bool luname_parse(const char **p, char *name);

/** luname_is_unique() - does it tell the LUN from all others? One that is assigned locally is only its storage's own */
bool luname_is_unique(const char *name);

/**
 * luname_link() - how udev calls it in /dev/disk/by-id
 * @name: identifier
 * @i:    from 0 on: a LUN by all of its paths comes before one of these
 * @link: LUNAME_LINK_SIZE bytes: name of the link
 *
 * Return: is there such a name?
 */
bool luname_link(const char *name, unsigned int i, char *link);

/** luname_from_link() - the reverse, false if that link tells of no identifier */
bool luname_from_link(const char *link, char *name);

#endif
