/* SPDX-License-Identifier: GPL-2.0 */
/* A drawing of one migration, from the lines that zkzd wrote about it. Does no I/O. */
#ifndef ZKZ_ZKZ_REPORT_H
#define ZKZ_ZKZ_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Progress comes a few times a second; of a very long migration the rest is not drawn. */
#define REPORT_SAMPLES	8192

/**
 * struct report_sample - one progress line
 * @s:     seconds since the first one
 * @pass:  pass under way
 * @fetch: it is a fetch: the guest runs on the target
 * @left:  bytes left to send in it
 * @sent:  bytes a second
 * @dirty: bytes a second that the guest dirtied
 */
struct report_sample {
	double s;
	unsigned int pass;
	bool fetch;
	double left;
	double sent;
	double dirty;
};

/**
 * struct report - what was heard of one migration
 * @sample: progress, in order
 * @nr:     how many
 * @start:  time of the first, in nanoseconds
 * @result: last line, owned; NULL until then
 */
struct report {
	struct report_sample sample[REPORT_SAMPLES];
	unsigned int nr;
	uint64_t start;
	json_t *result;
};

/** report_line() - note an answer line that came at @ns */
void report_line(struct report *r, const json_t *msg, uint64_t ns);

/**
 * report_draw() - the drawing
 * @r:    with a result
 * @html: a page around it, instead of the bare SVG
 *
 * Return: text to be freed, or NULL.
 */
char *report_draw(const struct report *r, bool html);

/** report_fini() - free what it holds */
void report_fini(struct report *r);

#endif
