/* SPDX-License-Identifier: GPL-2.0 */
/* Ways through folders that others may write to. */
#ifndef ZKZ_STORAGE_WALK_H
#define ZKZ_STORAGE_WALK_H

/**
 * walk_path() - go to what a path names
 * @path: absolute path
 *
 * Nothing is opened on the way. A symbolic link is followed if root alone can have made it, see look_open().
 * Return: descriptor (O_PATH), or -1 with errno, ELOOP for a link that was not followed.
 */
int walk_path(const char *path);

#endif
