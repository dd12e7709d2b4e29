# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Life after a move: what a guest and its owner do with a zone works as it did before, on either host, however the zone
# came there. The cases of a host use one guest, which each of them leaves running if it is not about its end.

# arrived HOST OTHER MODE: z1 runs on HOST, and came there by a move
arrived() {
	if [ "$(zone_state "$1" z1)" != running ] || ! on "$1" zkz status z1 | grep -q "last moved from:"; then
		z1_on "$2"
		migrate "$2" "$1" z1 --mode "$3"
	fi
	runs_on "$1" "$2" z1
}

# boots_anew HOST OTHER MODE COMMAND...: the guest's kernel is another one after it, in the same QEMU
boots_anew() {
	local boot run

	arrived "$@"
	boot=$(guest_boot)
	run=$(number_of "$1")
	"${@:4}"
	wait_for 300 booted_anew "$boot"
	[ "$(number_of "$1")" = "$run" ] || fail "the zone is not that of before: $(on "$1" zkz log z1 | tail -n 5)"
	guest disk start size=1M rate=1M
	guest disk verify
	guest disk stop
}

rebound() {
	[ "$(GUEST_SECONDS=20 guest net stat)" = "ok rebinds=$1" ]
}

driver_again() {
	local before

	arrived "$@"
	before=$(guest net stat | sed 's/.*=//')
	guest net rebind
	wait_for 60 rebound $((before + 1))
}

# A kernel as it is packaged: the one that QEMU starts is unpacked, and kexec takes no such.
guest_kexec() {
	lab ns "$MIGRATE_DIR/bring" "$GUEST_ADDR" "$("$TOP/scripts/kversions" --image "$("$TOP/scripts/kversions" --guest)")" /kernel \
		"$TOP/build/guest/initrd" /initrd
	guest kexec kernel=/kernel initrd=/initrd
}

console_both_ways() {
	arrived "$@"
	onhost "$1" console z1 "net stat" "console ok rebinds="
	on "$1" zkz log -c z1 | tail -n 100 | grep -q 'console ok rebinds='
}

# answers PATTERN HOST COMMAND [ARGUMENTS]: of z1's QEMU
answers() {
	local said

	said=$(onhost "$2" qmp z1 "${@:3}")
	echo "$said"
	grep -q -- "$1" <<<"$said"
}

ballooned() {
	answers "\"actual\": $2}" "$1" query-balloon
}

# What the monitor can change of a guest that runs: its memory, its link, and what its devices might use. The machine
# has no place for another device, before a move as after it, and says so.
changed_by_monitor() {
	arrived "$@"
	answers '"return": {}' "$1" balloon '{"value": 201326592}'
	wait_for 300 ballooned "$1" 201326592
	answers '"return": {}' "$1" balloon '{"value": 268435456}'
	wait_for 300 ballooned "$1" 268435456
	answers '"return": {}' "$1" set_link '{"name": "net0", "up": false}'
	! GUEST_SECONDS=3 guest ping || fail "the guest answers although its link is down"
	answers '"return": {}' "$1" set_link '{"name": "net0", "up": true}'
	guest_wait
	answers '"return": {}' "$1" blockdev-add '{"driver": "null-co", "node-name": "more", "size": 1048576}'
	answers 'does not support hotplugging' "$1" device_add \
		'{"driver": "virtio-blk-pci", "id": "blk9", "drive": "more", "bus": "pcie.0", "addr": "0x13"}'
	answers '"return": {}' "$1" blockdev-del '{"node-name": "more"}'
	answers '"return": {}' "$1" object-add '{"qom-type": "rng-random", "id": "more", "filename": "/dev/urandom"}'
	answers '"return": {}' "$1" object-del '{"id": "more"}'
	guest ping
}

# ends HOST OTHER MODE TEXT COMMAND...: the zone ends by it, and well
ends() {
	arrived "$@"
	"${@:5}"
	wait_for 60 is_installed "$1"
	onhost "$1" nothing 60
	on "$1" zkz status z1 | tee "$WORK/out"
	grep -q "last run ended: $4" "$WORK/out"
}

# Nothing is heard of the guest from the target while it is not the target's; then the target announces it.
heard_when_owned() {
	z1_on a
	guest mem start size=16M rate=2M
	trap 'kill "$(cat "$WORK/air.pid")"; both restore' EXIT
	ns_begin "$WORK/air" "$MIGRATE_DIR/heard" tap-b 52:54:00:77:01:01
	wait_for 20 grep -q ready "$WORK/air"
	onhost a hold source.devices-sent
	onhost a begin z1 ssh://root@b -c none --max-downtime 60000
	# All devices have been sent but for the last byte.
	onhost a held source.devices-sent
	[ "$(cat "$WORK/air")" = ready ] || fail "heard of the guest too early: $(cat "$WORK/air")"
	both letgo
	onhost a end 150 | grep successful
	wait_for 10 grep -q rarp "$WORK/air"
	runs_on b a z1
	head -n 12 "$WORK/air"
	guest mem stop
}

# after NAME FUNCTION ARGUMENT...: after a move to host b by pre-copy
after() {
	turn_case "after a move by pre-copy: $1" "$2" b a precopy "${@:3}"
}

# after_hybrid NAME FUNCTION ARGUMENT...: after one to host a in hybrid mode
after_hybrid() {
	turn_case "after a move in hybrid mode: $1" "$2" a b hybrid "${@:3}"
}

after "its network driver is taken away and back" driver_again
after "the guest starts another kernel (kexec)" boots_anew guest_kexec
after "the guest reboots itself" boots_anew guest reboot
after "console, both ways" console_both_ways
after "balloon, link and more by QEMU's monitor" changed_by_monitor
after "zkz reboot" boots_anew on b zkz reboot z1
after_hybrid "its network driver is taken away and back" driver_again
after_hybrid "the guest reboots itself" boots_anew guest reboot
after_hybrid "the guest starts another kernel (kexec)" boots_anew guest_kexec
after_hybrid "console, both ways" console_both_ways
after_hybrid "balloon, link and more by QEMU's monitor" changed_by_monitor
after_hybrid "zkz shutdown" ends "the guest has powered off" on a zkz shutdown z1
turn_case "the target announces the guest when it owns it, and not before" heard_when_owned
after "the guest powers off itself" ends "the guest has powered off" guest poweroff
after "zkz halt" ends "halted: as asked" on b zkz halt z1
