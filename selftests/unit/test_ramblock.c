// SPDX-License-Identifier: GPL-2.0
/* QEMU's table of memory blocks. */
#include <stdlib.h>

#include "qemu/ramblock.h"
#include "unit.h"

static const char table[] =
	"              Block Name    PSize              Offset               Used              Total\r\n"
	"                     mem    2 MiB  0x0000000000000000 0x0000000010000000 0x0000000010000000\n"
	"    /rom@etc/acpi/tables    4 KiB  0x0000000010080000 0x0000000000020000 0x0000000000200000\n"
	"                 pc.bios    4 KiB  0x0000000010000000 0x0000000000040000 0x0000000000040000 0x7f12 ro\n";

TEST(blocks_are_read)
{
	const char *at = table;
	struct ramblock b;

	NEED(ramblock_next(&at, &b));
	CHECK_STR(b.name, "mem");
	CHECK_INT(b.used, 256 << 20);
	NEED(ramblock_next(&at, &b));
	CHECK_STR(b.name, "/rom@etc/acpi/tables");
	CHECK_INT(b.used, 0x20000);
	CHECK_INT(b.max, 0x200000);
	/* A newer QEMU tells more. */
	NEED(ramblock_next(&at, &b));
	CHECK_STR(b.name, "pc.bios");
	CHECK_INT(b.max, 0x40000);
	CHECK(!ramblock_next(&at, &b));
}

TEST(nonsense_is_left_out)
{
	char *longest = calloc(1, 5000);
	struct ramblock b;
	const char *at = longest;

	NEED(longest);
	memset(longest, 'x', 4000);
	memcpy(longest + 4000, "\nok 4 KiB 0x0 0x10 0x20", 24);
	CHECK(ramblock_next(&at, &b));
	CHECK_STR(b.name, "ok");
	CHECK(!ramblock_next(&at, &b));
	free(longest);
	at = "\n\n  a 4 KiB\nb 4 KiB 0x0 0x30 0x20\nc x KiB 0x0 0x1 0x2\n";
	CHECK(!ramblock_next(&at, &b));
}
