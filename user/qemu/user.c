// SPDX-License-Identifier: GPL-2.0
#include "qemu/user.h"

#include <pwd.h>

int qemu_user(struct spawn_user *user, struct zkz_err *err)
{
	const struct passwd *pw = getpwnam(QEMU_USER);

	if (!pw)
		return err_qemu_user(err, QEMU_USER);
	user->name = QEMU_USER;
	user->uid = pw->pw_uid;
	user->gid = pw->pw_gid;
	return 0;
}
