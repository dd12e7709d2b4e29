// SPDX-License-Identifier: GPL-2.0
#include "storage/seed.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "lib/io.h"

/* The names are longer than plain ISO 9660 allows: guests read them by its extension Rock Ridge. */
static int begin(struct archive *a, int fd)
{
	return archive_write_set_format_iso9660(a) || archive_write_add_filter_none(a) ||
		archive_write_set_format_option(a, "iso9660", "volume-id", "cidata") ||
		archive_write_set_bytes_per_block(a, 0) || archive_write_open_fd(a, fd) ? -1 : 0;
}

static int add(struct archive *a, const char *name, const char *text)
{
	struct archive_entry *e = archive_entry_new();
	size_t len = strlen(text);
	int rc = -1;

	if (!e)
		return -1;
	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	/* Passwords may be among them. */
	archive_entry_set_perm(e, 0600);
	archive_entry_set_size(e, (la_int64_t)len);
	archive_entry_set_mtime(e, time(NULL), 0);
	if (!archive_write_header(a, e))
		rc = archive_write_data(a, text, len) == (la_ssize_t)len ? 0 : -1;
	archive_entry_free(e);
	return rc;
}

static int draw(int fd, const json_t *texts, struct zkz_err *err)
{
	struct archive *a = archive_write_new();
	const char *name;
	json_t *text;
	int rc;

	if (!a)
		return err_no_memory(err);
	rc = begin(a, fd);
	json_object_foreach((json_t *)texts, name, text)
		rc = rc || add(a, name, json_string_value(text)) ? -1 : 0;
	if (rc || archive_write_close(a)) {
		const char *why = archive_error_string(a);

		rc = err_seed_image(err, why ? why : "libarchive does not say why");
	}
	archive_write_free(a);
	return rc;
}

int seed_image(const json_t *texts, struct zkz_err *err)
{
	int fd = memfd_create("zkz-seed", MFD_CLOEXEC);

	if (fd < 0)
		return err_system_call(err, "memfd_create", errno);
	if (draw(fd, texts, err))
		io_close(&fd);
	return fd;
}
