// SPDX-License-Identifier: GPL-2.0
/* Which of a host's firmware a zone gets: descriptions as distributions have them. */
#include <string.h>

#include "qemu/firmware.h"
#include "unit.h"

static bool suits(const char *text, struct firmware *f)
{
	json_t *d = json_loads(text, 0, NULL);
	bool rc;

	CHECK(d);
	rc = firmware_suits(d, f);
	json_decref(d);
	return rc;
}

#define DESCRIPTION(type, device, arch, machine, feature)						\
	"{\"description\": \"a firmware\", \"interface-types\": [\"" type "\"],"			\
	"\"mapping\": {\"device\": \"" device "\", \"executable\": {\"filename\": \"/fw/code.fd\", \"format\": \"raw\"},"	\
	"\"nvram-template\": {\"filename\": \"/fw/vars.fd\", \"format\": \"raw\"}},"			\
	"\"targets\": [{\"architecture\": \"" arch "\", \"machines\": [\"pc-i440fx-*\", \"" machine "\"]}],"	\
	"\"features\": [\"acpi-s3\", \"" feature "\"], \"tags\": []}"

TEST(what_suits)
{
	struct firmware f;

	CHECK(suits(DESCRIPTION("uefi", "flash", "x86_64", "pc-q35-*", "verbose-dynamic"), &f));
	CHECK_STR(f.code, "/fw/code.fd");
	CHECK_STR(f.vars, "/fw/vars.fd");
	CHECK(!suits(DESCRIPTION("bios", "flash", "x86_64", "pc-q35-*", "none"), &f));
	CHECK(!suits(DESCRIPTION("uefi", "memory", "x86_64", "pc-q35-*", "none"), &f));
	CHECK(!suits(DESCRIPTION("uefi", "flash", "aarch64", "pc-q35-*", "none"), &f));
	CHECK(!suits(DESCRIPTION("uefi", "flash", "x86_64", "microvm", "none"), &f));
	CHECK(!suits(DESCRIPTION("uefi", "flash", "x86_64", "pc-q35-*", "requires-smm"), &f));
	/* What it could do besides. */
	CHECK(suits(DESCRIPTION("uefi", "flash", "x86_64", "pc-q35-*", "amd-sev"), &f));
}

TEST(what_is_no_description)
{
	struct firmware f;

	CHECK(!suits("{}", &f));
	CHECK(!suits("{\"interface-types\": \"uefi\", \"targets\": 5, \"mapping\": []}", &f));
	CHECK(!suits("{\"interface-types\": [\"uefi\"],"
		     "\"targets\": [{\"architecture\": \"x86_64\", \"machines\": [7]}]}", &f));
	/* A path that is none, and one that is too long. */
	CHECK(!suits("{\"interface-types\": [\"uefi\"], \"targets\": [{\"architecture\": \"x86_64\", \"machines\": [\"*\"]}],"
		     "\"mapping\": {\"device\": \"flash\", \"executable\": {\"filename\": \"code.fd\", \"format\": \"raw\"},"
		     "\"nvram-template\": {\"filename\": \"/vars.fd\", \"format\": \"raw\"}}}", &f));
}
