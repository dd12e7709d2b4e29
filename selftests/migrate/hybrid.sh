# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the cases of hybrid migrations share.

unnarrow() {
	both restore
}

# writing HOST [NCPUS]: z1 runs there, with two virtual CPUs, or more, that write, in order: so memory gets dirty quickly also
# where each write fault takes long
writing() {
	local cpus=${2:-2}

	if [ "$(zone_state "$1" z1)" != running ] || ! guest uptime | grep -qw "cpus=$cpus"; then
		zone_remove z1
		zone_make "$1" z1 256M "$cpus" "$DISK"
		zone_boot "$1" z1
	fi
	guest mem start size=64M rate=0 threads="$cpus" write=touch mode=seq
}

# transfer HOST NAME: what it counts of z1's migration, in bytes
transfer() {
	local said

	said=$(on "$1" zkz --json status z1) || fail "host $1 does not tell: $said"
	[[ $said =~ \"$2\":\ *([0-9]+) ]] || fail "host $1 does not tell of '$2': $said"
	echo "${BASH_REMATCH[1]}"
}

# has_dirty HOST MIB: so much memory of the guest would have to be sent again, at least
has_dirty() {
	local bytes

	bytes=$(transfer "$1" dirty)
	echo "$((bytes >> 20)) MiB are dirty"
	[ $((bytes >> 20)) -ge "$2" ]
}

# frozen_dirty HOST TO [OPTION...]: a hybrid migration to the moment when the guest is stopped. It could write before until
# 20 MiB were dirty, however slow it is; FETCH_TOTAL is what there is to fetch.
frozen_dirty() {
	trap unnarrow EXIT
	onhost "$1" hold source.before-freeze source.frozen
	onhost "$1" begin z1 "ssh://root@$2" --mode hybrid --max-downtime 60000 "${@:3}"
	onhost "$1" held source.before-freeze
	wait_for 240 has_dirty "$1" 20
	onhost "$1" letgo source.before-freeze
	onhost "$1" held source.frozen
	FETCH_TOTAL=$(transfer "$1" dirty)
}

# begin_fetch HOST TO [OPTION...]: the same, to the moment when the guest runs at the target and its memory has to come; the
# source's worker stands there. What is missing would take minutes.
begin_fetch() {
	frozen_dirty "$@"
	onhost "$1" hold source.fetch
	# For what the target needs to start the guest: its QEMU asks for pages one after the other, on a slow host for long,
	# while others are pushed.
	narrow "$1" 2mbit
	onhost "$1" letgo source.frozen
	onhost "$1" held source.fetch
	narrow "$1" 256kbit
}

# fetch_to HOST PERCENT: the fetch that was begun gets so far, at once, and hardly farther
fetch_to() {
	local missing left

	missing=$(transfer "$1" missing)
	left=$((missing - FETCH_TOTAL * (100 - $2) / 100))
	[ $left -ge 131072 ] || left=131072
	echo "$((missing >> 20)) of $((FETCH_TOTAL >> 20)) MiB are missing; $((left >> 20)) MiB are to come"
	# With headers.
	narrow "$1" 256kbit $((left + left / 16))
	onhost "$1" letgo
	onhost "$1" fetched "$2" 120
}

# ends_with HOST STATUS: the migration that was begun there
ends_with() {
	local status=0

	onhost "$1" end 400 >"$WORK/out" || status=$?
	cat "$WORK/out"
	[ $status -eq "$2" ] || fail "exit status $status"
}

# moved_by HOST: the migration that was begun there has moved the zone, in hybrid mode
moved_by() {
	ends_with "$1" 0
	grep -q '"mode": *"hybrid"' "$WORK/out" || fail "no memory was fetched"
}

# verified HOST OTHER: z1 runs on HOST only, and all of its memory is what it wrote
verified() {
	runs_on "$1" "$2" z1
	guest mem verify
	guest mem stop
}

# given_up HOST: it has nothing of the zone, and starts none of its own
given_up() {
	onhost "$1" nothing 60 || fail "something of z1 is left on host $1"
	! on "$1" zkz boot z1 || fail "a second copy was booted on host $1"
}

is_running() {
	[ "$(zone_state "$1" z1)" = running ]
}

is_installed() {
	[ "$(zone_state "$1" z1)" = installed ]
}

whole_again() {
	trap - EXIT
	lab heal a
	lab heal b
	both restore
}
