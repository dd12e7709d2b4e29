/* SPDX-License-Identifier: GPL-2.0 */
/* A conversation with zkzd, shown to the user as text or as NDJSON. */
#ifndef ZKZ_ZKZ_CLIENT_H
#define ZKZ_ZKZ_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/err.h"
#include "lib/jsonl.h"

/* --json was given: answer lines are printed as they came. */
extern bool client_json;

/* What lines begin with: the name by which zkz was called. */
extern const char *client_name;

/**
 * struct client_view - how one verb shows its answer
 * @item:     one row, NULL to ignore rows
 * @progress: a progress line, NULL to ignore them
 * @result:   the last line of a success, NULL to print its text
 * @before:   called before a step, warning or error is printed, so that a
 *            progress bar can get out of the way; may be NULL
 * @cancel:   Ctrl-C asks zkzd to give up instead of ending zkz, so that the
 *            answer tells what became of the zone; a second Ctrl-C ends zkz
 * @arg:      for all of them
 * @every:    called with every line before it is shown, may be NULL
 * @every_arg: for it
 *
 * With --json only @cancel and @every are used.
 */
struct client_view {
	void (*item)(const json_t *msg, void *arg);
	void (*progress)(const json_t *msg, void *arg);
	void (*result)(const json_t *msg, void *arg);
	void (*before)(void *arg);
	bool cancel;
	void *arg;
	void (*every)(const json_t *msg, void *arg);
	void *every_arg;
};

/**
 * client_run() - send a request and show everything that comes back
 * @req:  request, consumed
 * @view: how to show it; NULL for steps and the result text only
 *
 * Return: exit code of zkz.
 */
int client_run(json_t *req, const struct client_view *view);

/**
 * client_call() - a request that is a part of a verb
 * @req: request, consumed
 * @err: the failure, ours or zkzd's
 *
 * Warnings are shown as they come. Return: the last line of a success (a new reference), or NULL.
 */
json_t *client_call(json_t *req, struct zkz_err *err);

/** client_open() - connect to zkzd; descriptor or -1 with the remedy in @err */
int client_open(struct zkz_err *err);

/** client_request() - {"op":op, "zone":zone}; @zone may be NULL */
json_t *client_request(const char *op, const char *zone);

/** client_send() - send a request, consumed, or say why it was turned away */
int client_send(int fd, json_t *req, struct zkz_err *err);

/** client_read() - next answer line (a new reference); its end is a failure */
int client_read(struct jsonl *in, json_t **msg, deadline_t dl, struct zkz_err *err);

/**
 * client_show() - show one answer line
 * @msg:  message
 * @view: how to show it
 * @code: exit code, set by the last line
 *
 * Return: true if it was the last line.
 */
bool client_show(const json_t *msg, const struct client_view *view, int *code);

/**
 * client_print() - print a text of another program or host
 *
 * Control characters are written as \\xNN, so that they do not reach the terminal.
 */
void client_print(FILE *f, const char *text);

/** client_result() - with --json, end an answer that needed no zkzd; @obj is consumed */
void client_result(json_t *obj);

/** client_fail() - print a failure that happened on this side; EXIT_USAGE if it was wrong use, or EXIT_FAILED */
int client_fail(const char *zone, const struct zkz_err *err);

/** client_warn() - print a warning of this side, which has no place in an answer that has ended: also with --json */
void client_warn(const char *zone, const struct zkz_err *warning);

#endif
