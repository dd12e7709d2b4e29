// SPDX-License-Identifier: GPL-2.0
/* One URI, two disks: what is compared, and what a difference proves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/disks.h"
#include "storage/qcow2.h"
#include "unit.h"

TEST(places_are_good)
{
	static const uint64_t sizes[] = {
		0, 1, 4095, 4096, 8192, 1 << 20, 16 << 20, 1000000000, 1ULL << 40, 1ULL << 62,
	};
	uint64_t at[PLACES_MAX], again[PLACES_MAX];
	size_t i, k, nr;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		nr = places_choose(sizes[i], at);
		CHECK_INT(places_choose(sizes[i], again), nr);
		CHECK(!memcmp(at, again, nr * sizeof(at[0])));
		CHECK(nr <= PLACES_MAX);
		CHECK_INT(nr > 0, sizes[i] >= PLACE_ALIGN);
		for (k = 0; k < nr; k++) {
			CHECK_INT(at[k] % PLACE_ALIGN, 0);
			CHECK(at[k] + PLACE_LEN <= sizes[i]);
			CHECK(!k || at[k] > at[k - 1]);
		}
	}
	CHECK_INT(places_choose(16 << 20, at), PLACES_MAX);
	CHECK_INT(at[0], 0);
	CHECK_INT(at[PLACES_MAX - 1], (16 << 20) - PLACE_ALIGN);
}

/* As "qemu-io -c 'read -v 4096 2048'" prints it. */
static char *dump(uint64_t at)
{
	char *text = NULL;
	size_t len, i, k;
	FILE *f = open_memstream(&text, &len);

	for (i = 0; i < PLACE_LEN; i += 16) {
		fprintf(f, "%08llx:  ", (unsigned long long)(at + i));
		for (k = 0; k < 16; k++)
			fprintf(f, "%02x ", (unsigned int)((i + k) / 16) & 0xff);
		fprintf(f, " 0123456789abcdef\n");
	}
	fprintf(f, "read 2048/2048 bytes at offset %llu\n2 KiB, 1 ops; 00.00 sec (3 MiB/sec and 9 ops/sec)\n",
		(unsigned long long)at);
	fclose(f);
	return text;
}

TEST(dumps)
{
	const uint64_t at[] = { 4096 }, other[] = { 8192 };
	static unsigned char buf[PLACE_LEN];
	char *text = dump(4096), *cut;

	CHECK_INT(places_from_dump(text, at, 1, buf), 0);
	CHECK_INT(buf[0], 0);
	CHECK_INT(buf[16], 1);
	CHECK_INT(buf[PLACE_LEN - 1], PLACE_LEN / 16 - 1);
	CHECK_INT(places_from_dump(text, other, 1, buf), -1);
	for (cut = text + strlen(text) - 1; cut > text; cut -= 37) {
		*cut = '\0';
		CHECK_INT(places_from_dump(text, at, 1, buf), -1);
	}
	CHECK_INT(places_from_dump("read failed: Input/output error\n", at, 1, buf), -1);
	CHECK_INT(places_from_dump("00001000:  0g ", at, 1, buf), -1);
	free(text);
}

static struct fingerprint three(unsigned char a, unsigned char b, unsigned char c)
{
	struct fingerprint p = { .size = 1 << 20, .nr = 3, .at = { 0, 4096, 8192 } };

	memset(p.sum[0], a, PRINT_SUM);
	memset(p.sum[1], b, PRINT_SUM);
	memset(p.sum[2], c, PRINT_SUM);
	return p;
}

TEST(what_a_difference_proves)
{
	struct fingerprint before = three(1, 2, 3), theirs = three(1, 2, 3), after = three(1, 9, 3);

	CHECK(disks_equal(&before, &theirs));
	CHECK_INT(disks_suspect(&before, &theirs, &after), 0);
	/* Written between the first look and theirs; between theirs and the last one; all the time. */
	before = three(1, 2, 3), theirs = three(7, 2, 8), after = three(7, 6, 9);
	CHECK_INT(disks_suspect(&before, &theirs, &after), 0);
	/* Never written here, and other there. */
	before = three(1, 2, 3), theirs = three(1, 8, 3), after = three(4, 2, 3);
	CHECK_INT(disks_suspect(&before, &theirs, &after), 1);
	CHECK_INT(before.at[0], 4096);
	CHECK_INT(before.sum[0][0], 2);
}

TEST(travels)
{
	struct fingerprint p = three(1, 2, 3), q, r;
	struct zkz_err err;
	json_t *msg = disks_request(7, &p);
	long long id;

	CHECK_INT(disks_parse_request(msg, &id, &q, &err), 0);
	CHECK_INT(id, 7);
	CHECK_INT(q.nr, 3);
	CHECK_INT(q.at[2], 8192);
	json_decref(msg);
	msg = disks_answer(&p);
	CHECK_INT(disks_parse_answer(msg, &p, &r, &err), 0);
	CHECK(disks_equal(&p, &r));
	CHECK_INT(r.size, 1 << 20);
	q.nr = 2;
	CHECK_INT(disks_parse_answer(msg, &q, &r, &err), -1);
	json_decref(msg);
}

static void refuse_request(const char *text)
{
	json_t *msg = json_loads(text, 0, NULL);
	struct fingerprint p;
	struct zkz_err err;
	long long id;

	err_clear(&err);
	CHECK_INT(disks_parse_request(msg, &id, &p, &err), -1);
	CHECK(err.text[0] && err.remedy[0]);
	json_decref(msg);
}

TEST(hostile)
{
	char many[1024] = "{\"id\":0,\"at\":[0";
	int i;

	refuse_request("{}");
	refuse_request("{\"id\":0}");
	refuse_request("{\"id\":-1,\"at\":[]}");
	refuse_request("{\"id\":0,\"at\":[1]}");
	refuse_request("{\"id\":0,\"at\":[-4096]}");
	refuse_request("{\"id\":0,\"at\":[\"0\"]}");
	refuse_request("{\"id\":0,\"at\":[9223372036854775807]}");
	for (i = 0; i < PLACES_MAX; i++)
		strcat(many, ",0");
	strcat(many, "]}");
	refuse_request(many);
}

TEST(qcow2)
{
	unsigned char head[512] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };
	struct zkz_err err;

	head[28] = 0x04;
	CHECK_INT(qcow2_size(head, sizeof(head)), 0x04000000);
	CHECK_INT(qcow2_size(head, 71), 0);
	CHECK_INT(qcow2_alone("/q", head, sizeof(head), &err), 0);
	head[79] = 4;
	CHECK_INT(qcow2_alone("/q", head, sizeof(head), &err), -1);
	CHECK_HAS(err.text, "another file");
	head[15] = 1;
	CHECK_INT(qcow2_alone("/q", head, sizeof(head), &err), -1);
	CHECK_HAS(err.text, "backing");
	CHECK_INT(qcow2_alone("/q", (const unsigned char *)"raw", 3, &err), -1);
	CHECK_HAS(err.text, "no qcow2");
}
