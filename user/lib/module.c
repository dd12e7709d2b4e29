// SPDX-License-Identifier: GPL-2.0
/*
 * modprobe(8) finds the module, of whatever kernel and however compressed, and
 * says in words why the kernel refuses it. Words of the C library: it does not
 * translate them, and neither do we.
 */
#include "lib/module.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/spawn.h"

#define SRCVERSION	"/sys/module/zkz/srcversion"
#define FILESYSTEMS	"/proc/filesystems"
#define LOCKDOWN	"/sys/kernel/security/lockdown"
/* Four bytes of attributes, then one that is 1 if it is on. */
#define SECURE_BOOT	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SECURE_BOOT_AT	4
#define FILE_MAX	65536
/* It tries itself out at load. */
#define LOAD_MS		60000

int module_errno(const char *said)
{
	static const int errors[] = { EKEYREJECTED, ENOKEY, EPERM };
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strstr(said, strerror(errors[i])))
			return errors[i];
	return 0;
}

bool module_locked_down(const char *modes)
{
	return strchr(modes, '[') && !strstr(modes, "[none]");
}

/* The kernel's lockdown refuses with an error that other things cause, too. */
static bool about_keys(int error, const struct module_host *h)
{
	return error == EKEYREJECTED || error == ENOKEY || (error == EPERM && (h->secure_boot || h->locked_down));
}

/* The last line is the reason, after the name of the program and the level. */
static const char *reason(const char *said)
{
	const char *at = strstr(said, "could not insert");

	return at ? at : said;
}

int module_refused(const char *said, const struct module_host *h, struct zkz_err *err)
{
	int error = module_errno(said);

	if (about_keys(error, h))
		return h->secure_boot ? err_module_secure_boot(err, error) : err_module_unsigned(err, error);
	if (strstr(said, "not found in directory"))
		return err_module_missing(err);
	return err_module_refused(err, reason(said));
}

/* Byte @at of a file, 0 if there is none. */
static char byte_of(const char *path, size_t at)
{
	size_t len = 0;
	char *data = file_read(path, FILE_MAX, &len, NULL);
	char byte = data && len > at ? data[at] : 0;

	free(data);
	return byte;
}

static struct module_host this_host(void)
{
	char *modes = file_read(LOCKDOWN, FILE_MAX, NULL, NULL);
	struct module_host h = {
		.secure_boot = byte_of(SECURE_BOOT, SECURE_BOOT_AT) == 1,
		.locked_down = modes && module_locked_down(modes),
	};

	free(modes);
	return h;
}

/* One that was loaded from elsewhere, as a developer does, modprobe does not know. */
static bool loaded(void)
{
	char *names = file_read(FILESYSTEMS, FILE_MAX, NULL, NULL);
	bool yes = names && strstr(names, "\tzkzfs\n");

	free(names);
	return yes;
}

int module_load(struct zkz_err *err)
{
	char *argv[] = { (char *)"modprobe", (char *)"zkz", NULL };
	struct module_host h;
	char said[512] = "";
	int rc;

	if (loaded())
		return 0;
	rc = spawn_run(argv, said, sizeof(said), deadline_in_ms(LOAD_MS), err);
	if (rc <= 0)
		return rc;
	said[strcspn(said, "\n")] = '\0';
	h = this_host();
	return module_refused(said, &h, err);
}

/* First line of a file or of what a program says, without its end. */
static void keep_line(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%.*s", (int)strcspn(text, "\n"), text);
}

int module_versions(struct module_versions *v, struct zkz_err *err)
{
	char *argv[] = { (char *)"modinfo", (char *)"-F", (char *)"srcversion", (char *)"zkz", NULL };
	char *now = file_read(SRCVERSION, FILE_MAX, NULL, NULL);
	char said[512] = "";
	int rc;

	keep_line(v->loaded, sizeof(v->loaded), now ? now : "");
	free(now);
	rc = spawn_run(argv, said, sizeof(said), deadline_in_ms(LOAD_MS), err);
	if (rc)
		return rc < 0 ? -1 : err_module_missing(err);
	keep_line(v->installed, sizeof(v->installed), said);
	return 0;
}

int module_unload(struct zkz_err *err)
{
	char *argv[] = { (char *)"modprobe", (char *)"-r", (char *)"zkz", NULL };
	char said[512] = "";
	int rc;

	if (!loaded())
		return 0;
	rc = spawn_run(argv, said, sizeof(said), deadline_in_ms(LOAD_MS), err);
	if (rc <= 0)
		return rc;
	said[strcspn(said, "\n")] = '\0';
	return err_module_in_use(err, said);
}
