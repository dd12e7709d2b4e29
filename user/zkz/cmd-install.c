// SPDX-License-Identifier: GPL-2.0
/* Verbs that give zones their disks, and take them away: install, uninstall and clone. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "zkz/client.h"
#include "zkz/cmds.h"
#include "zkz/profile.h"
#include "zkz/progress.h"

/* Ctrl-C asks zkzd to take back what is there. */
static int run(json_t *req)
{
	struct progress bar = { 0 };
	struct client_view view = { .before = progress_hide, .cancel = true, .arg = &bar };

	if (isatty(1))
		view.progress = progress_show;
	return client_run(req, &view);
}

/* zkzd is in another folder. */
static bool set_image(json_t *req, const char *image)
{
	char dir[2048], path[4096];

	if (image[0] == '/' || strchr(image, ':')) {
		json_object_set_new(req, "image", json_string(image));
		return true;
	}
	if (!getcwd(dir, sizeof(dir)))
		return false;
	snprintf(path, sizeof(path), "%s/%s", dir, image);
	json_object_set_new(req, "image", json_string(path));
	return true;
}

/* Return: EXIT_OK, or with what zkz ends. */
static int set_profile(json_t *req, const char *zone, const char *path)
{
	struct zkz_err err = { 0 };
	json_t *profile = path ? profile_read(path, &err) : NULL;

	if (profile)
		json_object_set_new(req, "profile", profile);
	return path && !profile ? client_fail(zone, &err) : EXIT_OK;
}

int cmd_install(int argc, char **argv)
{
	const char *image = NULL, *profile = NULL;
	bool force = false;
	json_t *req;
	int c;

	while ((c = getopt(argc, argv, "s:c:F")) != -1) {
		if (c == 's')
			image = optarg;
		else if (c == 'c')
			profile = optarg;
		else if (c == 'F')
			force = true;
		else
			return cmd_wrong_use("unknown option, or one without its value");
	}
	if (argc - optind != 1)
		return cmd_wrong_use("the name of one zone is needed");
	req = client_request("install", argv[optind]);
	json_object_set_new(req, "force", json_boolean(force));
	if (image && !set_image(req, image)) {
		json_decref(req);
		return cmd_wrong_use("write the whole path of the image");
	}
	c = set_profile(req, argv[optind], profile);
	if (!c)
		return run(req);
	json_decref(req);
	return c;
}

int cmd_clone(int argc, char **argv)
{
	const char *profile = NULL;
	bool force = false;
	json_t *req;
	int c;

	while ((c = getopt(argc, argv, "c:F")) != -1) {
		if (c == 'c')
			profile = optarg;
		else if (c == 'F')
			force = true;
		else
			return cmd_wrong_use("unknown option, or one without its value");
	}
	if (argc - optind != 2)
		return cmd_wrong_use("the names of two zones are needed");
	req = client_request("clone", argv[optind + 1]);
	json_object_set_new(req, "source", json_string(argv[optind]));
	json_object_set_new(req, "force", json_boolean(force));
	c = set_profile(req, argv[optind + 1], profile);
	if (!c)
		return run(req);
	json_decref(req);
	return c;
}

static bool sure(const char *zone)
{
	char line[16] = "";

	printf("Are you sure you want to uninstall zone %s (y/[n])? ", zone);
	fflush(stdout);
	return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

int cmd_uninstall(int argc, char **argv)
{
	bool force = false;
	int c;

	while ((c = getopt(argc, argv, "F")) != -1) {
		if (c != 'F')
			return cmd_wrong_use("unknown option");
		force = true;
	}
	if (argc - optind != 1)
		return cmd_wrong_use("the name of one zone is needed");
	if (!force && (!isatty(0) || client_json))
		return cmd_wrong_use("-F is needed where nobody can be asked");
	if (!force && !sure(argv[optind]))
		return EXIT_FAILED;
	return client_run(client_request("uninstall", argv[optind]), NULL);
}
