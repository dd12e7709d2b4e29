# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Hybrid migration: a guest that writes faster than the link sends runs on the target while its memory comes. What
# breaks meanwhile, and what becomes of the guest then. The guest itself compares all of its memory.

FETCH='"phase": *"fetch"'

# The set is written faster than this sends it; a fetch of it takes some seconds.
narrow() {
	on "$1" tc qdisc replace dev eth0 root tbf rate "$2" burst 256k latency 200ms
}

unnarrow() {
	both restore
}

# moved_by HOST MODE: what the migration that was begun there said
moved_by() {
	local status=0

	onhost "$1" end 150 >"$WORK/out" || status=$?
	cat "$WORK/out"
	[ $status -eq 0 ] || fail "exit status $status"
	grep -q "\"mode\": *\"$2\"" "$WORK/out" || fail "it was not $2"
}

# verified HOST OTHER: z1 runs on HOST only, and all of its memory is what it wrote
verified() {
	runs_on "$1" "$2" z1
	guest mem verify
	guest mem stop
}

auto_fetches() {
	z1_on a
	guest mem start size=64M rate=0
	narrow a 160mbit
	trap unnarrow EXIT
	onhost a begin z1 ssh://root@b -c none --max-downtime 500
	moved_by a hybrid
	unnarrow
	verified b a
	grep -q '"waits":[1-9]' "$WORK/out" || fail "nobody waited for a page"
	grep -q '"p99-us":[1-9]' "$WORK/out"
}

auto_copies() {
	z1_on b
	guest mem start size=16M rate=1M
	onhost b begin z1 ssh://root@a -c none --max-downtime 60000
	moved_by b precopy
	verified a b
}

forbidden() {
	z1_on a
	on a zkz config z1 'set hybrid=false'
	! migrate a b z1 --mode hybrid >"$WORK/out" 2>&1 || fail "it was not refused"
	on a zkz config z1 'clear hybrid'
	cat "$WORK/out"
	grep -q 'forbids hybrid' "$WORK/out"
	! migrate a b z1 --mode hybrid --verify >"$WORK/out" 2>&1 || fail "it was not refused"
	grep -q 'cannot be verified' "$WORK/out"
}

# begin_fetch [OPTION...]: from $here to $there, so slowly that there is time to break things
begin_fetch() {
	z1_anywhere
	guest mem start size=64M rate=0
	narrow "$here" 160mbit
	trap unnarrow EXIT
	onhost "$here" begin z1 "ssh://root@$there" -c none --mode hybrid --max-downtime 60000 "$@"
	onhost "$here" until "$FETCH" 90
}

# All TCP between the two hosts.
links_break() {
	local here there

	begin_fetch --streams 2
	on "$there" zkz status z1 | tee "$WORK/out"
	grep -q 'follows the guest' "$WORK/out"
	! on "$there" zkz migrate z1 "ssh://root@$here" >"$WORK/out" 2>&1 || fail "it was moved on"
	grep -q 'still on its way' "$WORK/out"
	on "$here" ss -K dst "$there" >/dev/null
	onhost "$here" until 'goes on over new connections' 60
	moved_by "$here" hybrid
	unnarrow
	verified "$there" "$here"
	grep -q '"resumes": *1' "$WORK/out"
}

worker_dies() {
	local here there

	begin_fetch
	onhost "$1" kill worker
	onhost "$here" end 60 || true
	unnarrow
	verified "$there" "$here"
}

source_worker_dies() {
	local here there

	z1_anywhere
	worker_dies "$here"
}

target_worker_dies() {
	local here there

	z1_anywhere
	worker_dies "$there"
}

# A guest without a part of its memory must not go on, and it is said what became of it.
source_dies() {
	local here there

	zone_remove z1
	zone_make a z1 256M 1 "$DISK"
	zone_boot a z1
	begin_fetch --fetch-timeout 3
	lab kill a
	wait_for 60 ended b
	on b zkz status z1 | tee "$WORK/out"
	grep -q 'have never come from' "$WORK/out"
	on b zkz log z1 | grep 'have never come from'
	onhost b nothing 30
	lab boot a
	lab insmod a
	lab install a
	on a cp "$TOP/build/guest/kernel" "$GUEST_KERNEL"
	both restore
	# It knows that it gave the zone away, and does not start it.
	! on a zkz boot z1 || fail "the zone was started where it does not belong"
	on b zkz boot z1
	guest_wait
	zone_remove z1
}

ended() {
	[ "$(zone_state "$1" z1)" = installed ]
}

two_vcpus() {
	zone_remove z1
	zone_make a z1 256M 2 "$DISK"
	zone_boot a z1
	guest mem start size=48M rate=0 threads=2
	narrow a 300mbit
	trap unnarrow EXIT
	onhost a begin z1 ssh://root@b --mode hybrid --streams 4 --max-downtime 60000
	moved_by a hybrid
	unnarrow
	verified b a
	zone_remove z1
}

ktap_case "a guest faster than the link moves all the same" auto_fetches
ktap_case "a guest that can be copied is copied" auto_copies
ktap_case "hybrid is refused where it is forbidden" forbidden
ktap_case "links break in the fetch: it goes on over others" links_break
ktap_case "source's worker dies in the fetch: all memory comes" source_worker_dies
ktap_case "target's worker dies in the fetch: all memory comes" target_worker_dies
ktap_case "2 vCPUs, four streams, encrypted" two_vcpus
ktap_case "source dies in the fetch: the zone ends, with a record" source_dies
