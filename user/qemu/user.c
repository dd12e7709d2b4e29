// SPDX-License-Identifier: GPL-2.0
#include "qemu/user.h"

#include <pwd.h>

int qemu_user(struct spawn_user *user, struct zkz_err *err)
{
	const struct passwd *pw = getpwnam(QEMU_USER);

	if (!pw) {
		err_set(err, ERR_QEMU, "This host has no user %s for QEMU to run as", QEMU_USER);
		return err_remedy(err, "Make it with 'systemd-sysusers', or with useradd and the group kvm.");
	}
	user->name = QEMU_USER;
	user->uid = pw->pw_uid;
	user->gid = pw->pw_gid;
	return 0;
}
