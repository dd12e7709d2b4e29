// SPDX-License-Identifier: GPL-2.0
/* Where everything about a zone is: each has a place, and no two have the same. */
#include <string.h>

#include "unit.h"
#include "zone/paths.h"

TEST(each_has_a_place_of_its_own)
{
	char a[ZONE_PATH_MAX], b[ZONE_PATH_MAX];
	int i, j;

	for (i = 0; i < ZF_FILES; i++) {
		zone_path((enum zone_file)i, "web1", a);
		CHECK(a[0] == '/');
		CHECK_HAS(a, "web1");
		for (j = 0; j < i; j++)
			CHECK(strcmp(a, zone_path((enum zone_file)j, "web1", b)));
	}
}
