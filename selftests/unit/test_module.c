// SPDX-License-Identifier: GPL-2.0
/* Why the kernel does not take the module, from what modprobe says and what the host is. */
#include <errno.h>

#include "lib/module.h"
#include "unit.h"

#define SAYS(why)	"modprobe: ERROR: could not insert 'zkz': " why

static const struct module_host open_host, secure = { .secure_boot = true, .locked_down = true };
static const struct module_host locked = { .locked_down = true };

static const struct {
	const char *said;
	int error;
	const struct module_host *host;
	enum err_id id;
} refusals[] = {
	{ SAYS("Key was rejected by service"), EKEYREJECTED, &secure, ERR_MODULE_SECURE_BOOT },
	{ SAYS("Required key not available"), ENOKEY, &secure, ERR_MODULE_SECURE_BOOT },
	{ SAYS("Operation not permitted"), EPERM, &secure, ERR_MODULE_SECURE_BOOT },
	{ SAYS("Key was rejected by service"), EKEYREJECTED, &open_host, ERR_MODULE_UNSIGNED },
	{ SAYS("Required key not available"), ENOKEY, &locked, ERR_MODULE_UNSIGNED },
	{ SAYS("Operation not permitted"), EPERM, &locked, ERR_MODULE_UNSIGNED },
	/* Nobody may load any (kernel.modules_disabled), or not this user. */
	{ SAYS("Operation not permitted"), EPERM, &open_host, ERR_MODULE_REFUSED },
	{ SAYS("Exec format error"), 0, &open_host, ERR_MODULE_REFUSED },
	{ SAYS("Unknown symbol in module, or unknown parameter (see dmesg)"), 0, &secure, ERR_MODULE_REFUSED },
	{ "modprobe: FATAL: Module zkz not found in directory /lib/modules/6.1.0-42-amd64", 0, &secure,
	  ERR_MODULE_MISSING },
	{ "", 0, &open_host, ERR_MODULE_REFUSED },
};

TEST(a_refusal_is_told_by_its_cause)
{
	struct zkz_err err;
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		CHECK_INT(module_errno(refusals[i].said), refusals[i].error);
		CHECK_INT(module_refused(refusals[i].said, refusals[i].host, &err), -1);
		unit_check(err_is(&err, refusals[i].id), __FILE__, __LINE__, "%s: %s", refusals[i].said,
			   err_code(&err));
		CHECK(err.remedy[0]);
	}
}

TEST(secure_boot_is_explained_with_commands)
{
	struct zkz_err err;

	module_refused(SAYS("Key was rejected by service"), &secure, &err);
	CHECK_HAS(err.text, "Key was rejected by service");
	CHECK_HAS(err.remedy, "mokutil --import /var/lib/dkms/mok.pub");
	CHECK_HAS(err.remedy, "mokutil --sb-state");
}

TEST(another_reason_is_quoted)
{
	struct zkz_err err;

	module_refused(SAYS("Exec format error"), &open_host, &err);
	CHECK_HAS(err.text, "loaded: could not insert 'zkz': Exec format error");
}

TEST(the_mode_in_brackets_is_that_of_the_kernel)
{
	CHECK(!module_locked_down("[none] integrity confidentiality\n"));
	CHECK(module_locked_down("none [integrity] confidentiality\n"));
	CHECK(module_locked_down("none integrity [confidentiality]\n"));
	CHECK(!module_locked_down(""));
}
