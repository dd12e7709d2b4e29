# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Ways to send: several streams, with and without encryption; a budget that cannot be met.

with_options() {
	z1_on "$1"
	guest mem start size=32M rate=5M
	migrate "$1" "$2" z1 "${@:3}"
	runs_on "$2" "$1" z1
	guest mem verify
	guest mem stop
}

# Hosts of this lab have one processor each, which is enough for one.
without_streams() {
	with_options "$@" --streams 3 --streams auto >"$WORK/out"
	cat "$WORK/out"
	grep -q 'Memory travels over 1 stream (processors: 1 here, 1 there' "$WORK/out"
}

# Writing its set faster than the link sends it, the guest never fits into 100 ms.
over_budget() {
	local status=0

	z1_on a
	guest mem start size=16M rate=0 write=touch
	trap 'onhost a restore' EXIT
	outpaced a
	migrate a b z1 -c none --mode precopy --max-downtime 100 --max-passes 3 >"$WORK/out" 2>&1 || status=$?
	trap - EXIT
	onhost a restore
	cat "$WORK/out"
	[ $status -eq 1 ] || fail "exit status $status"
	grep -q 'more than the allowed' "$WORK/out"
	runs_on a b z1
	guest mem verify
	guest mem stop
}

# The same guest may be slowed down. Whether that is enough depends on the machine; it is unharmed in any case.
slowed_down() {
	local status=0

	z1_on a
	guest mem start size=16M rate=0 write=touch
	trap 'onhost a restore' EXIT
	outpaced a 8000
	onhost a begin z1 ssh://root@b -c none --mode precopy --max-downtime 500 --max-passes 4 --max-slowdown 90
	onhost a end 400 >"$WORK/out" || status=$?
	trap - EXIT
	onhost a restore
	cat "$WORK/out"
	grep -q 'its writers wait up to 90 %' "$WORK/out"
	if [ $status -eq 0 ]; then
		grep -q 'Writers were slowed down by at most 90 %; they waited [1-9]' "$WORK/out"
		runs_on b a z1
	else
		# Before the stop, or after it.
		grep -Eq 'slowed down as it is|let go again' "$WORK/out"
		runs_on a b z1
	fi
	guest mem verify
	guest mem stop
}

mapped_mib() {
	echo $(($(on "$1" stat -c %b /run/zkz/mem/z1) / 2048))
}

has_at_most() {
	local mib

	mib=$(mapped_mib "$1")
	echo "$mib MiB, at most $2 wanted"
	[ "$mib" -le "$2" ]
}

# Memory that the guest has freed is a hole on the source, and none of it arrives.
freed() {
	local all

	z1_on "$1"
	guest fill size=96M
	all=$(mapped_mib "$1")
	guest fill free
	# Linux looks for free memory every two seconds, and reports some of it each time.
	wait_for 60 has_at_most "$1" $((all - 64))
	guest mem start size=32M rate=5M
	migrate "$1" "$2" z1 -c none --mode precopy --verify
	runs_on "$2" "$1" z1
	has_at_most "$2" $((all - 32))
	guest mem verify
	guest mem stop
}

# A zone made detached in advance, with another bridge: nobody can boot it, but it can be migrated there.
in_advance() {
	local bridge

	z1_on a
	on b zkz config z1 delete -F >/dev/null 2>&1 || true
	on b sh -c 'ip link add brz type bridge; ip link set brz up'
	on a zkz config z1 export | on -i b zkz config -d z1 -f -
	on b zkz config z1 'select anet 0; set lower-link=brz; end'
	[ "$(zone_state b z1)" = configured ] || fail "host b has a zone that is '$(zone_state b z1)'"
	! on b zkz boot z1 || fail "a second copy was booted"
	migrate a b z1 -c none | tee "$WORK/out"
	grep -q 'Using zone configuration on destination' "$WORK/out"
	[ "$(zone_state b z1)" = running ]
	onhost a nothing 60
	bridge=$(on b zkz config z1 info anet)
	[[ $bridge == *brz* ]] || fail "the zone's own bridge was lost: $bridge"
	zone_remove z1
	on b ip link del brz
}

# An image in a file that both hosts reach: its lock tells if both QEMUs would write to it at a time, and its own
# tables if one of them has read them too early.
shared_file() {
	local DISK=file:/shared/z1.qcow2 DISK_FORMAT=qcow2 img

	zone_remove z1
	img=$(lab shared)/z1.qcow2
	rm -f "$img"
	qemu-img create -q -f qcow2 "$img" 32M
	z1_on a
	guest disk start size=16M rate=4M
	migrate a b z1 -c none
	runs_on b a z1
	guest disk verify
	migrate b a z1 -c none
	runs_on a b z1
	guest disk verify
	guest disk stop
	zone_remove z1
	qemu-img check "$img"
}

turn_case "one stream, not encrypted" with_options a b -c none --streams 1
turn_case "four streams, encrypted" with_options b a --streams 4
turn_case "four streams, not encrypted" with_options a b -c none --streams 4
turn_case "as many streams as the hosts are good for, encrypted" without_streams b a
turn_case "configured in advance, detached" in_advance
turn_case "disk in a qcow2 file on shared storage, there and back" shared_file
not_hybrid turn_case "freed memory does not travel" freed b a
[ "$MIGRATE_MODE" = hybrid ] || turn_case "writers are slowed down, if allowed" slowed_down
not_hybrid turn_case "budget cannot be met: said, guest unharmed" over_budget
