// SPDX-License-Identifier: GPL-2.0
#include "migrate/disks.h"

#include <string.h>

#include "lib/hex.h"
#include "lib/jsonl.h"

json_t *disks_request(unsigned int id, const struct fingerprint *p)
{
	json_t *at = json_array();
	size_t i;

	for (i = 0; i < p->nr; i++)
		json_array_append_new(at, json_integer((json_int_t)p->at[i]));
	return json_pack("{s:i, s:o}", "id", (int)id, "at", at);
}

static int bad(enum err_piece what, struct zkz_err *err)
{
	return err_other_host_sent(err, what);
}

int disks_parse_request(const json_t *msg, long long *id, struct fingerprint *p, struct zkz_err *err)
{
	json_t *at = json_object_get(msg, "at");
	size_t i;

	memset(p, 0, sizeof(*p));
	*id = json_int(msg, "id", -1);
	p->nr = json_array_size(at);
	if (*id < 0 || !json_is_array(at) || p->nr > PLACES_MAX)
		return bad(ERR_PIECE_PLACES, err);
	for (i = 0; i < p->nr; i++) {
		json_int_t v = json_integer_value(json_array_get(at, i));

		if (!json_is_integer(json_array_get(at, i)) || v < 0 || v > INT64_MAX - PLACE_ALIGN ||
		    v % PLACE_ALIGN)
			return bad(ERR_PIECE_PLACES, err);
		p->at[i] = (uint64_t)v;
	}
	return 0;
}

json_t *disks_answer(const struct fingerprint *p)
{
	json_t *sums = json_array();
	char text[2 * PRINT_SUM + 1];
	size_t i;

	for (i = 0; i < p->nr; i++) {
		hex_encode(p->sum[i], PRINT_SUM, text);
		json_array_append_new(sums, json_string(text));
	}
	return json_pack("{s:I, s:o}", "size", (json_int_t)p->size, "sums", sums);
}

int disks_parse_answer(const json_t *msg, const struct fingerprint *ours, struct fingerprint *theirs,
		       struct zkz_err *err)
{
	json_t *sums = json_object_get(msg, "sums");
	long long size = json_int(msg, "size", -1);
	size_t i;

	*theirs = *ours;
	if (size < 0 || !json_is_array(sums) || json_array_size(sums) != ours->nr)
		return bad(ERR_PIECE_FINGERPRINT, err);
	theirs->size = (uint64_t)size;
	for (i = 0; i < ours->nr; i++) {
		const char *text = json_string_value(json_array_get(sums, i));

		if (!text || hex_decode(text, theirs->sum[i], PRINT_SUM))
			return bad(ERR_PIECE_FINGERPRINT, err);
	}
	return 0;
}

bool disks_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->nr == b->nr && !memcmp(a->sum, b->sum, a->nr * sizeof(a->sum[0]));
}

size_t disks_suspect(struct fingerprint *before, const struct fingerprint *theirs,
		     const struct fingerprint *after)
{
	size_t i, left = 0;

	for (i = 0; i < before->nr; i++) {
		if (memcmp(before->sum[i], after->sum[i], PRINT_SUM) ||
		    !memcmp(before->sum[i], theirs->sum[i], PRINT_SUM))
			continue;
		before->at[left] = before->at[i];
		memmove(before->sum[left], before->sum[i], PRINT_SUM);
		left++;
	}
	before->nr = left;
	return left;
}
