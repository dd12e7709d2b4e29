// SPDX-License-Identifier: GPL-2.0
/* Profiles: what is taken for one, what becomes of it for a zone, and the disk that is drawn of it. */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <unistd.h>

#include "lib/jsonl.h"
#include "storage/seed.h"
#include "unit.h"
#include "zone/profile.h"

static const struct zone_model zone = {
	.name = "my_web1", .nr_nics = 1, .nic = { { .mac = "52:54:00:77:01:01" } },
};

static json_t *complete(const char *text, const struct zone_model *z, struct zkz_err *err)
{
	json_t *profile = json_loads(text, JSON_DECODE_ANY, NULL), *whole;

	CHECK(profile);
	whole = profile_complete(profile, z, "an-id", err);
	json_decref(profile);
	return whole;
}

TEST(a_guest_is_named_as_its_zone)
{
	struct zkz_err err = { 0 };
	json_t *whole = complete("{\"user-data\": \"#cloud-config\\n{}\"}", &zone, &err), *meta;

	CHECK(whole);
	CHECK_STR(json_str(whole, "user-data"), "#cloud-config\n{}");
	meta = json_loads(json_str(whole, "meta-data"), 0, NULL);
	CHECK(meta);
	CHECK_STR(json_str(meta, "local-hostname"), "my-web1");
	CHECK_STR(json_str(meta, "instance-id"), "an-id");
	json_decref(meta);
	json_decref(whole);
}

TEST(zones_can_share_one)
{
	static const char text[] = "{\"user-data\": \"#!/bin/sh\\necho %{zonename} %{zonename}-%{id} %{\","
		" \"meta-data\": \"mine\", \"network-config\": \"a: '%{mac-address}'\"}";
	struct zkz_err err = { 0 };
	struct zone_model alone = { .name = "z" };
	json_t *whole = complete(text, &zone, &err);

	CHECK_STR(json_str(whole, "user-data"), "#!/bin/sh\necho my_web1 my_web1-%{id} %{");
	CHECK_STR(json_str(whole, "meta-data"), "mine");
	CHECK_STR(json_str(whole, "network-config"), "a: '52:54:00:77:01:01'");
	json_decref(whole);
	whole = complete(text, &alone, &err);
	CHECK_STR(json_str(whole, "network-config"), "a: '%{mac-address}'");
	json_decref(whole);
}

TEST(what_is_no_profile)
{
	static const struct {
		const char *text;
		enum err_id id;
	} wrong[] = {
		{ "5", ERR_PROFILE_EMPTY }, { "null", ERR_PROFILE_EMPTY }, { "{}", ERR_PROFILE_EMPTY },
		{ "{\"meta-data\": \"\"}", ERR_PROFILE_EMPTY },
		{ "{\"user-data\": 5}", ERR_PROFILE_FILE },
		{ "{\"user-data\": \"#!\", \"../x\": \"\"}", ERR_PROFILE_FILE },
		{ "{\"user-data\": \"users: []\"}", ERR_PROFILE_KIND }, { "{\"user-data\": \"\"}", ERR_PROFILE_KIND },
	};
	struct zkz_err err;
	char *much;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		err = (struct zkz_err){ 0 };
		CHECK(!complete(wrong[i].text, &zone, &err));
		CHECK(err_is(&err, wrong[i].id));
	}
	CHECK(asprintf(&much, "{\"user-data\": \"#!%*s\"}", PROFILE_MAX, "") > 0);
	err = (struct zkz_err){ 0 };
	CHECK(!complete(much, &zone, &err));
	CHECK(err_is(&err, ERR_PROFILE_LARGE));
	free(much);
}

/* Return: how many files there are that are texts of @texts. */
static int files_in(int fd, const json_t *texts)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	int n = 0;

	archive_read_support_format_iso9660(a);
	CHECK_INT(lseek(fd, 0, SEEK_SET), 0);
	CHECK_INT(archive_read_open_fd(a, fd, 2048), ARCHIVE_OK);
	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		const char *text = json_str(texts, archive_entry_pathname(e));
		char content[128] = "";

		if (!text)
			continue;
		CHECK_INT(archive_read_data(a, content, sizeof(content) - 1), (la_ssize_t)strlen(text));
		CHECK_STR(content, text);
		n++;
	}
	archive_read_free(a);
	return n;
}

/* The label is in the volume descriptor, which is the block 16. */
TEST(a_disk_is_drawn)
{
	json_t *texts = json_pack("{s:s, s:s, s:s}", "user-data", "#cloud-config\n", "meta-data", "{}\n",
				  "network-config", "");
	struct zkz_err err = { 0 };
	char label[33] = "";
	int fd = seed_image(texts, &err);

	CHECK(fd >= 0);
	CHECK_INT(files_in(fd, texts), 3);
	CHECK_INT(pread(fd, label, 32, 16 * 2048 + 40), 32);
	CHECK(!strncasecmp(label, "cidata ", 7));
	close(fd);
	json_decref(texts);
}
