/* SPDX-License-Identifier: GPL-2.0 */
/* The progress bar of a migration, and of a copy. Pure up to progress_line(). */
#ifndef ZKZ_ZKZ_PROGRESS_H
#define ZKZ_ZKZ_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define PROGRESS_LINE	256

/**
 * struct progress - one bar
 * @best:  per mille shown so far; never goes down
 * @device: of a copy, the one that @best is of
 * @width: columns of the terminal
 * @shown: a line stands on the terminal without a line end
 */
struct progress {
	unsigned int best;
	long long device;
	unsigned int width;
	bool shown;
};

/**
 * progress_line() - text of a progress message
 * @p:   bar; remembers how far it was
 * @msg: progress line of zkzd; members that are missing or absurd count as 0
 * @buf: PROGRESS_LINE bytes
 *
 * Return: @buf, not longer than the terminal is wide.
 */
const char *progress_line(struct progress *p, const json_t *msg, char *buf);

/** progress_show() - client_view.progress, with a struct progress */
void progress_show(const json_t *msg, void *arg);

/** progress_hide() - client_view.before: make room for a line of text */
void progress_hide(void *arg);

#endif
