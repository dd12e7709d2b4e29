# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the cases of hybrid migrations share.

unnarrow() {
	both restore
}

# writing HOST [NCPUS]: z1 runs there, with two virtual CPUs, or more, that write
writing() {
	local cpus=${2:-2}

	if [ "$(zone_state "$1" z1)" != running ] || ! guest uptime | grep -qw "cpus=$cpus"; then
		zone_remove z1
		zone_make "$1" z1 256M "$cpus" "$DISK"
		zone_boot "$1" z1
	fi
	guest mem start size=64M rate=0 threads="$cpus" write=touch
}

# begin_fetch HOST TO [OPTION...]: a hybrid migration of a guest that writes, so slow that there is time to break things
begin_fetch() {
	narrow "$1" 100mbit
	trap unnarrow EXIT
	onhost "$1" begin z1 "ssh://root@$2" --mode hybrid --max-downtime 60000 "${@:3}"
	onhost "$1" frozen 8mbit 90
	onhost "$1" until "$FETCH" 90
}

# ends_with HOST STATUS: the migration that was begun there
ends_with() {
	local status=0

	onhost "$1" end 150 >"$WORK/out" || status=$?
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
