# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Zones with disks that only their host has: they go along with --with-storage, while the guest writes to them.

disks_go_along() {
	local boot

	local_zone a
	migrate a b z1 >"$WORK/out" 2>&1 && fail "local disks were left behind"
	grep -q -- '--with-storage' "$WORK/out" || fail "$(cat "$WORK/out")"
	guest disk start dev=/dev/vdb size=16M rate=4M
	migrate a b z1 --with-storage -n
	runs_on a b z1
	[ -z "$(files b)" ] || fail "a dry run has left $(files b)"
	migrate a b z1 --with-storage | tee "$WORK/out"
	grep -q 'Copying disks' "$WORK/out" && grep -q '3 disks of 57.9 MiB went along' "$WORK/out"
	runs_on b a z1
	guest disk verify
	[ "$(files a)" = tools.img ] || fail "host a still has $(files a)"
	[ "$(files b)" = "tools.img z1.img z1.qcow2" ] || fail "host b has $(files b)"
	# They are the zone's now, whatever becomes of its next migration.
	on b sh -c '! test -e /var/lib/zkz/zones/z1/made' || fail "host b would take them away"
	[ "$(on a sha256sum $LOCAL/tools.img)" = "$(on b sha256sum $LOCAL/tools.img)" ]
	guest disk stop
	guest disk start size=16M rate=4M
	boot=$(guest_boot)
	on b zkz reboot z1
	wait_for 300 booted_anew "$boot"
	guest disk start size=16M rate=4M
	# What is only read is there already, and is compared.
	migrate b a z1 --with-storage
	runs_on a b z1
	guest disk verify
	guest disk stop
	on a zkz halt z1
	on a qemu-img check -q $LOCAL/z1.qcow2
	on a zkz uninstall -F z1
	[ "$(files a)" = tools.img ]
}

# local_fails COMMAND...: held while disks are copied, it fails by COMMAND; the guest runs on, and nothing is left
local_fails() {
	local status=0

	local_zone a
	guest disk start dev=/dev/vdb size=16M rate=4M
	onhost a hold source.mirror
	# A case that fails must not leave it.
	trap 'onhost a letgo' EXIT
	onhost a begin z1 ssh://root@b -c none --max-downtime 60000 --with-storage
	onhost a held source.mirror
	[ "$(files b)" = "tools.img z1.img z1.qcow2" ] || fail "host b has $(files b)"
	"$@"
	onhost a letgo
	trap - EXIT
	onhost a end 150 || status=$?
	[ $status -ne 0 ] || fail "the migration succeeded"
	[ $status -ne 124 ] || fail "the migration hangs"
	runs_on a b z1
	guest disk verify
	[ -z "$(files b)" ] || fail "host b still has $(files b)"

	echo "second attempt"
	migrate a b z1 --with-storage
	runs_on b a z1
	guest disk verify
	guest disk stop
	zone_remove z1
}

# The other zone needs it, running or not.
local_of_two() {
	local_zone a
	zone_text 64M 1 "file:$LOCAL/z1.img" | sed '/^add anet/,/^end/d' | on -i a zkz config z5 -f -
	migrate a b z1 --with-storage 2>&1 | tee "$WORK/out"
	grep -q "z1.img went along.*zone z5 has it, too" "$WORK/out"
	runs_on b a z1
	[ "$(files a)" = "tools.img z1.img" ] || fail "host a has $(files a)"
	on a zkz config z5 delete -F
	zone_remove z1
}

# What is there by that name, or has no room, is told before anything is copied.
local_refused() {
	local_zone a
	on b sh -c "mkdir -p $LOCAL; echo mine >$LOCAL/z1.qcow2"
	migrate a b z1 --with-storage >"$WORK/out" 2>&1 && fail "a file of host b was overrun"
	grep -q "z1.qcow2" "$WORK/out" || fail "$(cat "$WORK/out")"
	runs_on a b z1
	[ "$(files b)" = z1.qcow2 ] || fail "host b has $(files b)"
	[ "$(on b cat $LOCAL/z1.qcow2)" = mine ]
	on b rm $LOCAL/z1.qcow2
	zone_remove z1
}

turn_case "local disks go along: there, booted anew, and back" disks_go_along
turn_case "local disks: the target's QEMU is killed" local_fails onhost b kill qemu z1
turn_case "local disks: the source's worker is killed" local_fails onhost a killer source.mirror
turn_case "local disks: the user gives up" local_fails onhost a signal INT
turn_case "local disks: what is there is left alone" local_refused
turn_case "local disks: one is configured for another zone, too" local_of_two
