// SPDX-License-Identifier: GPL-2.0
#include "storage/copy.h"

#include <fcntl.h>
#include <string.h>

#include "lib/io.h"
#include "storage/convert.h"
#include "storage/create.h"
#include "storage/look.h"
#include "storage/lun.h"
#include "storage/probe.h"
#include "storage/qcow2.h"
#include "storage/uri.h"
#include "storage/verbatim.h"

/**
 * struct end - one of the two disks, as it is found
 * @text:   URI
 * @format: "raw" or "qcow2"
 * @u:      the URI, parsed
 * @l:      of one that is opened
 * @disk:   size of the disk, in bytes
 */
struct end {
	const char *text;
	const char *format;
	struct storage_uri u;
	struct look l;
	uint64_t disk;
};

/* @either: what the user may not open is opened as root */
static int open_end(struct end *e, int flags, bool either, const struct spawn_user *user, struct zkz_err *err)
{
	struct look_at at = { .path = e->u.path, .flags = flags | O_DIRECT, .user = user, .either = either };

	io_close(&e->l.fd);
	return lun_place(&e->u, err) || look_open(&at, &e->l, err) ? -1 : 0;
}

static int size_of_served(struct end *e, const struct spawn_user *user, struct zkz_err *err)
{
	struct served s;
	int rc;

	if (storage_open(e->text, e->format, true, user, &e->l, err))
		return -1;
	rc = served_open(&s, e->text, &e->u, e->format, user, err) || served_size(&s, &e->disk, err) ? -1 : 0;
	served_close(&s);
	return rc;
}

static int look_at_source(const struct copy *c, struct end *e, struct zkz_err *err)
{
	if (uri_parse(e->text, &e->u, err))
		return -1;
	if (!uri_is_opened(&e->u))
		return size_of_served(e, c->user, err);
	if (open_end(e, O_RDONLY, true, c->user, err))
		return -1;
	e->disk = e->l.size;
	if (strcmp(e->format, "qcow2"))
		return 0;
	e->disk = qcow2_size(e->l.head, e->l.head_len);
	return qcow2_alone(e->u.path, e->l.head, e->l.head_len, err);
}

/* Can all bytes go over as they are? */
static bool is_verbatim(const struct copy *c, const struct end *from, const struct end *to)
{
	if (!uri_is_opened(&from->u) || !uri_is_opened(&to->u) || strcmp(from->format, to->format))
		return false;
	return !strcmp(from->format, "raw") || (to->u.kind == URI_FILE && c->least <= from->disk);
}

/* What it is to be copied to is made, or is looked at. */
static int prepare(struct copy *c, const struct end *from, struct end *to, bool verbatim, struct zkz_err *err)
{
	bool bytes = verbatim && !strcmp(from->format, "qcow2");
	uint64_t size = from->disk < c->least ? c->least : from->disk;

	if (to->u.kind == URI_FILE) {
		c->made = !storage_create(c->to, bytes ? from->l.size : (size + 511) / 512 * 512, 0,
					  bytes ? "raw" : c->to_format, c->user, err);
		return c->made ? 0 : -1;
	}
	if (!c->over)
		return err_storage_over(err, c->to);
	if (uri_is_opened(&to->u)) {
		if (open_end(to, O_RDONLY, true, c->user, err))
			return -1;
		to->disk = to->l.size;
	} else if (size_of_served(to, c->user, err)) {
		return -1;
	}
	return to->disk < size ? err_storage_small(err, c->to, to->disk, size) : 0;
}

static int copy_bytes(struct copy *c, struct end *from, struct end *to, struct zkz_err *err)
{
	struct look_at at = { .path = to->u.path, .flags = O_RDWR, .user = c->user, .either = true };

	io_close(&to->l.fd);
	if (look_open(&at, &to->l, err))
		return -1;
	return copy_verbatim(c, from->l.fd, to->l.fd, from->l.size, c->made, err);
}

static int name_end(struct convert_end *ce, struct end *e, const char *node, int flags, const struct spawn_user *user,
		    struct zkz_err *err)
{
	if (!uri_is_opened(&e->u))
		return convert_served(ce, node, e->text, &e->u, e->format, user, err);
	/* qemu-img opens it again, as that user. */
	return open_end(e, flags, false, user, err) ? -1 : convert_file(ce, e->l.fd, e->l.block, e->format, err);
}

static int copy_converted(struct copy *c, struct end *from, struct end *to, struct zkz_err *err)
{
	struct convert_end a = { .fd = -1, .served = { .secret = -1 } }, b = a;
	int rc;

	rc = name_end(&a, from, "from", O_RDONLY, c->user, err) || name_end(&b, to, "to", O_RDWR, c->user, err) ||
		convert(c, &a, &b, from->disk, c->made, err) ? -1 : 0;
	convert_close(&a);
	convert_close(&b);
	return rc;
}

static void take_back(struct copy *c)
{
	if (c->made && !storage_remove(c->to, c->user, NULL))
		c->made = false;
}

static int copy_ends(struct copy *c, struct end *from, struct end *to, struct zkz_err *err)
{
	bool verbatim;
	int rc;

	if (look_at_source(c, from, err) || uri_parse(c->to, &to->u, err))
		return -1;
	verbatim = is_verbatim(c, from, to);
	rc = prepare(c, from, to, verbatim, err);
	if (!rc)
		rc = verbatim ? copy_bytes(c, from, to, err) : copy_converted(c, from, to, err);
	if (rc)
		take_back(c);
	return rc;
}

int storage_copy(struct copy *c, struct zkz_err *err)
{
	struct end from = { .text = c->from, .format = c->from_format, .l = { .fd = -1 } };
	struct end to = { .text = c->to, .format = c->to_format, .l = { .fd = -1 } };
	int rc;

	c->made = false;
	rc = copy_ends(c, &from, &to, err);
	io_close(&from.l.fd);
	io_close(&to.l.fd);
	return rc;
}
