// SPDX-License-Identifier: GPL-2.0
/* Names that nobody else has. */
#include <string.h>

#include "lib/id.h"
#include "unit.h"

static const char id[] = "00112233445566778899aabbccddeeff";

TEST(ids_cannot_be_paths)
{
	CHECK(id_ok(id));
	CHECK(!id_ok(NULL));
	CHECK(!id_ok(""));
	CHECK(!id_ok("../../../../../../etc/passwd0000"));
	CHECK(!id_ok("00112233445566778899AABBCCDDEEFF"));
	CHECK(!id_ok("00112233445566778899aabbccddeeff0"));
}

TEST(each_is_new)
{
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE];

	NEED(!id_new(a, NULL) && !id_new(b, NULL));
	CHECK(id_ok(a) && id_ok(b));
	CHECK(strcmp(a, b));
}
