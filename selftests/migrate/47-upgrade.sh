# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A zone that runs gets another QEMU and keeper on its host ('zkz upgrade'), and whatever dies meanwhile. All cases are on
# host a; the programs are the same ones again, where nothing else is said: what matters is that it is another process.

upgrade_work() {
	z1_on a
	guest mem start size=16M rate=2M
	guest disk start size=4M rate=1M
}

upgrade_worked() {
	runs_on a b z1
	guest mem verify
	guest disk verify
	guest mem stop
	guest disk stop
}

# upgrade_field NAME: of what zkz says of z1
upgrade_field() {
	on a zkz --json status z1 | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

# One link of the zone is left, in the bridge.
upgrade_links() {
	[ "$(on a sh -c 'ls -d /sys/class/net/br0/brif/zkz*' | wc -l)" = 1 ] &&
		[ "$(on a sh -c 'ls -d /sys/class/net/zkz*' | wc -l)" = 1 ]
}

upgrade_in_place() {
	local boot keeper qemu

	upgrade_work
	keep_begin
	boot=$(guest_boot)
	keeper=$(upgrade_field keeper)
	qemu=$(upgrade_field qemu)
	on a zkz upgrade -n z1 | tee "$WORK/out"
	grep -q 'nothing is to be done' "$WORK/out"
	on a zkz upgrade -f -n z1 | tee "$WORK/out"
	grep -q 'Zone can be upgraded to QEMU' "$WORK/out"
	[ "$(upgrade_field qemu)" = "$qemu" ] || fail "a dry run has changed the QEMU"
	on a zkz upgrade -f z1 | tee "$WORK/out"
	grep -Eq 'Zone upgraded to QEMU [0-9.]+; the guest stood still for [0-9.]+ ms' "$WORK/out"
	[ "$(upgrade_field keeper)" = "$keeper" ] || fail "the keeper is another process"
	[ "$(upgrade_field qemu)" != "$qemu" ] || fail "the QEMU is the same process"
	wait_for 30 upgrade_links
	keep_end
	[ "$(guest_boot)" = "$boot" ] || fail "the guest has booted anew"
	onhost a console z1 "net stat" "console ok rebinds="
	upgrade_worked
}

# What comes after it: another one, a reboot, a move there and back, the end.
upgrade_life() {
	local boot

	z1_on a
	on a zkz upgrade -f z1
	on a zkz upgrade -f --all
	boot=$(guest_boot)
	on a zkz reboot z1
	wait_for 300 booted_anew "$boot"
	runs_on a b z1
	guest mem start size=8M rate=1M
	migrate a b z1 -c none
	runs_on b a z1
	guest mem verify
	migrate b a z1 -c none
	on a zkz upgrade -f z1
	runs_on a b z1
	guest mem verify
	guest mem stop
	on a zkz halt z1
	onhost a nothing 60
}

# upgrade_held POINT: an upgrade stands there
upgrade_held() {
	upgrade_work
	onhost a hold "$1"
	# A case that fails must not leave it.
	trap 'onhost a letgo' EXIT
	onhost a doing upgrade -f z1
	onhost a held "$1"
}

# upgrade_not POINT COMMAND...: it fails by COMMAND, the guest runs on, and a second one succeeds
upgrade_not() {
	local status=0 qemu

	upgrade_held "$1"
	qemu=$(upgrade_field qemu)
	"${@:2}"
	onhost a letgo
	trap - EXIT
	onhost a end 150 || status=$?
	[ $status -ne 0 ] || fail "the upgrade succeeded"
	[ $status -ne 124 ] || fail "the upgrade hangs"
	runs_on a b z1
	guest mem verify
	guest disk verify
	[ "$(upgrade_field qemu)" = "$qemu" ] || fail "the QEMU is another process"
	wait_for 60 upgrade_links
	on a zkz status z1 | { ! grep 'auxiliary'; }

	echo "second attempt"
	on a zkz upgrade -f z1
	upgrade_worked
}

# The next QEMU hangs when it is to start the guest, and has not.
upgrade_hangs() {
	upgrade_not keeper.switch-sent onhost a next STOP z1
}

# upgrade_ends POINT COMMAND...: the zone ends by COMMAND, and leaves nothing
upgrade_ends() {
	upgrade_held "$1"
	"${@:2}"
	onhost a letgo
	trap - EXIT
	onhost a end 150 || true
	wait_for 60 zone_is a z1 installed
	onhost a nothing 60
	on a zkz boot z1
	guest_wait
}

zone_is() {
	[ "$(zone_state "$1" "$2")" = "$3" ]
}

upgrade_guest_ends() {
	guest poweroff || true
	wait_for 120 zone_is a z1 installed
}

# The next QEMU is killed when it runs the guest, and nobody has looked yet: that is the end of the zone, as of any QEMU.
next_runs() {
	onhost a qmp z1 --next query-status | grep -q '"running": *true'
}

upgrade_next_ends() {
	wait_for 60 next_runs
	onhost a next KILL z1
}

# Whoever wants something of the zone meanwhile hears why not.
upgrade_busy() {
	upgrade_held upgrade.checked
	says_no a 'busy with another operation' halt
	says_no a 'busy with another operation' reboot
	on a zkz list -cp | grep -q ':z1:running:.*:upgrading'
	onhost a letgo
	trap - EXIT
	onhost a end 150
	upgrade_worked
}

ktap_case "upgrade: busy guest, its connection is kept" upgrade_in_place
turn_case "upgrade: again, all zones, then a reboot, a move there and back, the end" upgrade_life
turn_case "upgrade: who wants something else waits" upgrade_busy
turn_case "upgrade: next QEMU killed before it is checked" upgrade_not upgrade.checked onhost a next KILL z1
turn_case "upgrade: worker killed: the next QEMU goes" upgrade_not upgrade.before-switch onhost a killer upgrade.before-switch
turn_case "upgrade: next QEMU killed while the guest stands still" \
	upgrade_not keeper.switch-stopped onhost a next KILL z1
turn_case "upgrade: next QEMU killed when it has all but the last byte" \
	upgrade_not keeper.switch-sent onhost a next KILL z1
turn_case "upgrade: next QEMU hangs with the whole guest" upgrade_hangs
turn_case "upgrade: next QEMU killed when it runs the guest: the zone ends" upgrade_ends keeper.switch-last upgrade_next_ends
turn_case "upgrade: keeper killed while the guest is nowhere: the zone ends" \
	upgrade_ends keeper.switch-sent onhost a killer keeper.switch-sent
turn_case "upgrade: the guest powers off meanwhile" upgrade_ends upgrade.before-switch upgrade_guest_ends
