# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Everybody who may need a page that has not come: four virtual CPUs, the disk that reads and writes guest memory, the
# network's rings. And a target that has no memory for what comes.

# all_at_once FROM TO [OPTION...]
all_at_once() {
	writing "$1" 4
	guest disk start size=16M rate=4M direct=1
	keep_begin 20
	frozen_dirty "$1" "$2" "${@:3}"
	narrow "$1" 100mbit
	onhost "$1" letgo
	moved_by "$1"
	unnarrow
	keep_end
	guest disk verify
	guest disk stop
	verified "$2" "$1"
	grep -q '"waits":[1-9]' "$WORK/out" || fail "nobody waited for a page"
	# The cases that follow want one with a single processor.
	zone_remove z1
}

# The target has all memory and all devices but their last byte, which the source keeps because the target's worker
# does not commit: so neither copy changes, and they can be compared.
compared() {
	writing a
	frozen_dirty a b --streams 2 -c none
	onhost b hold target.before-commit
	onhost a letgo
	onhost b held target.before-commit
	onhost a owner z1 in-doubt
	wait_for 60 on a sh -c '! ps -eo args= | grep -q "^.zkz-src"'
	on a sha256sum /run/zkz/mem/z1 >"$WORK/digest" &
	on b sha256sum /run/zkz/mem/z1 >"$WORK/digest.b"
	wait $!
	diff "$WORK/digest" "$WORK/digest.b" || fail "the memory differs"
	onhost b letgo
	trap - EXIT
	moved_by a
	verified b a
}

# limit HOST: hardly more memory for zones than is in use
limit() {
	local used

	used=$(on "$1" stat -fc '%b %f' /run/zkz/mem)
	on "$1" mount -o "remount,size=$(((${used% *} - ${used#* }) * 4 + 2048))K" zkz /run/zkz/mem
}

unlimit() {
	on "$1" mount -o remount,size=64G,huge=2M zkz /run/zkz/mem
}

# fetch_without_room FROM TO [OPTION...]: pages come that the guest had not used before its memory was sent
fetch_without_room() {
	zone_remove z1
	zone_make "$1" z1 256M 2 "$DISK"
	zone_boot "$1" z1
	onhost "$1" hold source.before-freeze source.fetch
	onhost "$1" begin z1 "ssh://root@$2" --mode hybrid --max-downtime 60000 "${@:3}"
	onhost "$1" held source.before-freeze
	# A huge page would be room for its neighbours.
	on "$2" mount -o remount,huge=never zkz /run/zkz/mem
	guest mem start size=96M rate=0 threads=2 write=touch mode=seq
	wait_for 240 has_dirty "$1" 16
	narrow "$1" 4mbit
	onhost "$1" letgo source.before-freeze
	onhost "$1" held source.fetch
	limit "$2"
	onhost "$1" letgo
}

# stuck HOST: so many bytes are missing there, and none of them comes
stuck() {
	local before now

	before=$(on "$1" zkz --json status z1 | grep -o '"missing": *[0-9]*')
	sleep 2
	now=$(on "$1" zkz --json status z1 | grep -o '"missing": *[0-9]*')
	on "$1" df /run/zkz/mem
	echo "$before, then $now"
	[ -n "$now" ] && [ "$before" = "$now" ]
}

# The guest waits while the target has no memory, which it gets after so many seconds.
room_later() {
	# shellcheck disable=SC2064
	trap "unlimit $2; unnarrow" EXIT
	fetch_without_room "${@:1:2}" "${@:4}"
	unnarrow
	wait_for 60 stuck "$2"
	sleep "$3"
	unlimit "$2"
	moved_by "$1"
	verified "$2" "$1"
	trap - EXIT
}

no_room_at_all() {
	trap "unlimit b; unnarrow" EXIT
	fetch_without_room a b --fetch-timeout 3
	unnarrow
	wait_for 150 is_installed b
	ends_with a 1
	on b zkz status z1 | tee "$WORK/out"
	grep -q 'have never come from .*no memory for pages' "$WORK/out"
	onhost b nothing 60
	given_up a
	unlimit b
	zone_boot b z1
	runs_on b a z1
	trap - EXIT
}

turn_case "hybrid: 4 virtual CPUs, direct disk I/O and a connection, 4 streams, b to a" \
	all_at_once b a -c none --streams 4
turn_case "hybrid: target without memory, the guest waits" room_later a b 0 -c none
full_case "hybrid: whole memory compared" compared
full_case "hybrid: target without memory for half a minute, b to a" room_later b a 32 --streams 2
full_case "hybrid: target without memory for too long, the zone ends with a record" no_room_at_all
full_case "hybrid: 4 virtual CPUs, direct disk I/O and a connection, encrypted, a to b" all_at_once a b
