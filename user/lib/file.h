/* SPDX-License-Identifier: GPL-2.0 */
/* Whole files: bounded reads, writes that survive a power cut. */
#ifndef ZKZ_LIB_FILE_H
#define ZKZ_LIB_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"

/*
 * The new content is there, but the disk did not confirm it: a power cut may bring the
 * old one back.
 */
#define FILE_UNSURE	1

/**
 * file_write_atomic() - replace a file, durably, or leave the old one
 * @path: file to replace; its folder must exist
 * @data: new content
 * @len:  its length
 * @mode: permission bits of the new file
 * @err:  filled on failure
 *
 * Temporary file, fsync, rename, fsync of the folder: after return the new
 * content is on disk; after a crash either the old or the new one is.
 * Return: 0, -1 if the old content is still there, or FILE_UNSURE.
 */
int file_write_atomic(const char *path, const void *data, size_t len,
		      mode_t mode, struct zkz_err *err);

/**
 * file_tidy() - remove what writers that were killed have left in a folder
 * @dir:   folder; a missing one is fine
 * @age_s: nobody takes so many seconds to write a file
 */
void file_tidy(const char *dir, uint64_t age_s);

/**
 * file_exchange() - let two files of one folder change places, durably
 * @from: written before
 * @to:   what is there now, if anything is, is kept as @from
 * @err:  filled on failure
 *
 * Needs no room on the disk, so a second exchange brings the old content back even if
 * the disk is full. Where the file system cannot exchange, @to is replaced.
 * Return: as file_write_atomic().
 */
int file_exchange(const char *from, const char *to, struct zkz_err *err);

/** file_confirm() - make sure that the newest rename of @path is on disk. Return: 0 or FILE_UNSURE */
int file_confirm(const char *path, struct zkz_err *err);

/**
 * file_read() - read a whole file of bounded size
 * @path: file to read
 * @max:  refuse anything larger
 * @len:  its length is stored here, may be NULL
 * @err:  filled on failure; errno stays ENOENT for a missing file
 *
 * Return: NUL-terminated buffer that the caller frees, or NULL.
 */
char *file_read(const char *path, size_t max, size_t *len, struct zkz_err *err);

/** file_mkdirs() - make a folder and its parents, durably; existing ones are fine */
int file_mkdirs(const char *path, mode_t mode, struct zkz_err *err);

/** file_remove() - unlink durably; a missing file is fine */
int file_remove(const char *path, struct zkz_err *err);

#endif
