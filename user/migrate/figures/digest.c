// SPDX-License-Identifier: GPL-2.0
#include "lib/hex.h"
#include "migrate/figures/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE	4096
#define CHUNK	(2 * 1024 * 1024)

static bool is_zero(const uint8_t *p)
{
	return !p[0] && !memcmp(p, p + 1, PAGE - 1);
}

static int add_pages(EVP_MD_CTX *ctx, const uint8_t *buf, size_t len, uint64_t first,
		     uint64_t *pages)
{
	size_t off;

	for (off = 0; off < len; off += PAGE) {
		uint64_t nr = first + off / PAGE;
		uint8_t le[8];
		int i;

		if (is_zero(buf + off))
			continue;
		for (i = 0; i < 8; i++)
			le[i] = nr >> (8 * i);
		if (!EVP_DigestUpdate(ctx, le, sizeof(le)) ||
		    !EVP_DigestUpdate(ctx, buf + off, PAGE))
			return -1;
		++*pages;
	}
	return 0;
}

static int add_extent(EVP_MD_CTX *ctx, int fd, uint8_t *buf, off_t from, off_t to,
		      uint64_t *pages)
{
	while (from < to) {
		size_t want = to - from < CHUNK ? to - from : CHUNK;
		ssize_t n = pread(fd, buf, want, from);

		if (n < 0 && errno == EINTR)
			continue;
		/* lost by a failure of memory, there as here */
		if (n < 0 && errno == EIO) {
			from += PAGE;
			continue;
		}
		if (n <= 0 || n % PAGE)
			return -1;
		if (add_pages(ctx, buf, n, from / PAGE, pages))
			return -1;
		from += n;
	}
	return 0;
}

static int add_file(EVP_MD_CTX *ctx, int fd, uint8_t *buf, uint64_t *pages)
{
	off_t at = 0, end;

	for (;;) {
		at = lseek(fd, at, SEEK_DATA);
		if (at < 0)
			return errno == ENXIO ? 0 : -1;
		end = lseek(fd, at, SEEK_HOLE);
		if (end < 0 || add_extent(ctx, fd, buf, at, end, pages))
			return -1;
		at = end;
	}
}

int memory_digest(int fd, struct memory_digest *out, struct zkz_err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *buf = malloc(CHUNK), sum[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	int rc = -1;

	out->pages = 0;
	if (!ctx || !buf || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL)) {
		err_no_memory(err);
		goto out;
	}
	if (add_file(ctx, fd, buf, &out->pages) || !EVP_DigestFinal_ex(ctx, sum, &len)) {
		err_memory_look(err, errno);
		goto out;
	}
	hex_encode(sum, len, out->text);
	rc = 0;
out:
	free(buf);
	EVP_MD_CTX_free(ctx);
	return rc;
}
