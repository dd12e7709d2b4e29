# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: what a zone's disks are opened as, and storage that does not answer.

# disk_zone NAME URI [FORMAT]: a zone that boots nothing from a disk
disk_zone() {
	zkz config "$1" -f - <<-END
	create -b
	add capped-memory; set physical=64M; end
	add virtual-cpu; set ncpus=1; end
	add device; set storage=$2; set format=${3:-raw}; set bootpri=0; end
	END
}

# Whoever may write to the folder of an image cannot have the host open another file in its place.
links_are_not_followed() {
	local before

	mkdir -p /lab/share /lab/private
	chmod 777 /lab/share
	chmod 700 /lab/private
	head -c 1M /dev/zero >/lab/private/shadow
	chmod 600 /lab/private/shadow
	before=$(stat -c '%u %g %a %Z' /lab/private/shadow)
	disk_zone z2 file:/lab/share/web.img
	ln -sf ../private/shadow /lab/share/web.img
	refused STORAGE_LINK boot z2
	ln -sfn /lab/private /lab/share/dir
	zkz config z2 'select device 0; set storage=file:/lab/share/dir/shadow; end'
	refused STORAGE_LINK boot z2
	# No file and no disk.
	rm -f /lab/share/web.img
	mkfifo /lab/share/web.img
	zkz config z2 'select device 0; set storage=file:/lab/share/web.img; end'
	refused STORAGE_KIND boot z2
	rm -f /lab/share/web.img
	[ "$(stat -c '%u %g %a %Z' /lab/private/shadow)" = "$before" ] || fail "the file behind the link was touched"
	# A link that only root can have made is one of the host's own, as those in /dev.
	ln -sfn /lab/private /lab/own
	zkz config z2 'select device 0; set storage=file:/lab/own/shadow; end'
	zkz boot z2
	[ "$(stat -c '%u %g %a' /lab/private/shadow)" = "${before% *}" ]
	zkz halt z2
	zkz config z2 delete -F
}

# An image whose header names other files.
images_stand_alone() {
	qemu-img create -q -f qcow2 /lab/base.img 1M
	qemu-img create -q -f qcow2 -b base.img -F qcow2 /lab/over.img
	disk_zone z2 file:/lab/over.img qcow2
	refused STORAGE_BACKING boot z2
	zkz config z2 'select device 0; set storage=file:/lab/base.img; end'
	zkz boot z2
	zkz halt z2
	zkz config z2 delete -F
}

# A copy of a zone's configuration has its disk and its MAC address.
twins_do_not_run() {
	head -c 1M /dev/zero >"/lab/my disk"
	zkz config z1 export >"$WORK/z1.cfg"
	zkz config z3 -f "$WORK/z1.cfg" 2>&1 | grep 'MAC address of zone z1'
	zkz config z3 delete -F
	disk_zone z2 file:/lab/my%20disk
	disk_zone z3 file:///lab/my%20disk 2>&1 | grep "disk of zone z2's device 0"
	zkz boot z2
	zkz boot z3 2>&1 | grep 'in use by zone z2'
	refused DISK_IN_USE boot z3
	zkz halt z2
	zkz boot z3
	zkz halt z3
	zkz config z2 delete -F
	zkz config z3 delete -F
	# By a network, its server has many names.
	qemu-nbd --fork --persistent --shared=4 -f raw -p 10900 -x disk --pid-file="$WORK/nbd.pid" "/lab/my disk"
	disk_zone z2 nbd://localhost:10900/disk
	disk_zone z3 nbd://127.0.0.1:10900/disk
	zkz boot z2
	refused DISK_IN_USE boot z3
	zkz halt z2
	zkz boot z3
	zkz halt z3
	kill "$(<"$WORK/nbd.pid")"
	zkz config z2 delete -F
	zkz config z3 delete -F
}

# A disk that can be made to answer nobody, until the case ends: /dev/dm-N in $STUCK. It holds what boots_from_disk has
# made.
stuck_disk() {
	local loop

	trap stuck_disk_away EXIT
	modprobe loop
	loop=$(losetup -f --show /lab/boot.img)
	DM_DISABLE_UDEV=1 dmsetup create stuck --table "0 $(blockdev --getsz "$loop") linear $loop 0"
	STUCK=/dev/dm-$(dmsetup info -c --noheadings -o minor stuck)
}

stuck_disk_away() {
	set +e
	DM_DISABLE_UDEV=1 dmsetup resume stuck
	zkz halt z2
	zkz halt z3
	DM_DISABLE_UDEV=1 dmsetup remove --retry stuck
	losetup -D
}

# Storage that does not answer stops the start, and nobody else.
hung_storage_holds_nobody() {
	local boot

	stuck_disk
	disk_zone z2 "file:$STUCK"
	DM_DISABLE_UDEV=1 dmsetup suspend stuck
	zkz boot z2 2>&1 | grep "$STUCK does not answer"
	# What looked at it hangs in the kernel still, and holds no lock.
	zkz boot z2 >"$WORK/boot" 2>&1 &
	boot=$!
	# As soon as it is on its way.
	wait_for zkz halt z2
	wait $boot && fail "the start did not end: $(cat "$WORK/boot")"
	DM_DISABLE_UDEV=1 dmsetup resume stuck
	zkz boot z2
	zkz halt z2
	zkz config z2 delete -F
}

# A QEMU that waits in the kernel outlives its keeper. A second one beside it would be the end of the disk.
stuck_qemu_keeps_its_zone() {
	local qemu keeper

	stuck_disk
	disk_zone z2 "file:$STUCK"
	zkz boot z2
	wait_for booted_disk
	qemu=$(zkz --json status z2 | sed -n 's/.*"qemu":\([0-9]*\).*/\1/p')
	keeper=$(zkz --json status z2 | sed -n 's/.*"keeper":\([0-9]*\).*/\1/p')
	DM_DISABLE_UDEV=1 dmsetup suspend stuck
	# It reads its disk again.
	zkz reboot z2
	wait_for grep -q '^State:.*D' /proc/"$qemu"/task/*/status
	kill -9 "$keeper"
	wait_for test ! -e "/proc/$keeper"
	zkz boot z2 2>&1 | grep 'hangs in the kernel'
	refused ZONE_HANGS boot z2
	[ -e /run/zkz/mem/z2 ] || fail "its memory was taken away"
	disk_zone z3 "file:$STUCK"
	# Nobody can look at the disk now. When it answers, it is in use: twins_do_not_run.
	zkz boot z3 2>&1 | grep 'does not answer'
	DM_DISABLE_UDEV=1 dmsetup resume stuck
	wait_for test ! -e "/proc/$qemu"
	zkz boot z2
	zkz halt z2
	zkz config z2 delete -F
	zkz config z3 delete -F
}
