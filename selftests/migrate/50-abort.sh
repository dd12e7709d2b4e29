# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Whatever fails before GO: the guest runs on at the source, the target keeps nothing, and the next attempt
# succeeds. That attempt moves the guest, so the directions alternate. In these cases $here is the host that
# runs z1 and $there the other one.

# Undoes what a case did to the hosts, also one that failed halfway.
restore() {
	trap - EXIT
	lab heal "$there"
	both restore
}

# huge_again HOST PERCENT: so much of z1 is mapped by 2M pages
huge_again() {
	local now

	now=$(zone_huge "$1" z1)
	echo "mapped by 2M pages: $now% (before: $2%)"
	[ "$now" -ge "$2" ]
}

# held_at POINT [COMMAND]: a migration of z1 from $here to $there that has come to this hold point, and stands there;
# the command undoes, in the end, what the case will do
held_at() {
	holder=$here
	[[ $1 != target.* ]] || holder=$there
	# The names are local, and gone when a failure ends the shell.
	# shellcheck disable=SC2064
	trap "here=$here there=$there; ${2:-:}; restore" EXIT
	onhost "$holder" hold "$1"
	onhost "$here" begin z1 "ssh://root@$there" -c none --max-downtime 60000
	onhost "$holder" held "$1"
}

# abort_case_run POINT ACTION: start a migration, act at the hold point, and let it go on
abort_case_run() {
	local here there holder huge status=0

	z1_anywhere
	guest mem start size=16M rate=2M
	huge=$(zone_huge "$here" z1)
	held_at "$1"
	eval "$2"
	onhost "$holder" letgo
	onhost "$here" end 150 || status=$?
	restore
	[ $status -ne 0 ] || fail "the migration succeeded"
	[ $status -ne 124 ] || fail "the migration hangs"
	runs_on "$here" "$there" z1
	guest mem verify
	# What was mapped by single pages for the migration returns bit by bit, as the guest goes on.
	wait_for 60 huge_again "$here" "$huge"

	echo "second attempt"
	migrate "$here" "$there" z1 -c none
	runs_on "$there" "$here" z1
	guest mem verify
	guest mem stop
}

# abort_case NAME POINT ACTION
abort_case() {
	ktap_case "$1: guest unharmed, nothing left, second attempt succeeds" abort_case_run "${@:2}"
}

# status_tells HOST ROLE: it shows what the module counts there
status_tells() {
	on "$1" zkz --json status z1 >"$WORK/out"
	cat "$WORK/out"
	grep -q "\"transfer\": *{\"role\": *\"$2\"" "$WORK/out"
}

# With a source given, mount does not add the options that it finds in the table of mounts.
resize() {
	on "$1" mount -o "remount,size=$2" zkz /run/zkz/mem
}

# The target has room for the guest's memory, but not any more when it comes.
full_run() {
	local here there holder status=0

	z1_anywhere
	guest mem start size=16M rate=2M
	narrow "$here" 40mbit
	held_at source.first-pass "resize $there 64G"
	resize "$there" 32M
	onhost "$holder" letgo
	onhost "$here" end 120 || status=$?
	resize "$there" 64G
	restore
	[ $status -eq 1 ] || fail "exit status $status"
	runs_on "$here" "$there" z1
	guest mem verify
	guest mem stop
	migrate "$here" "$there" z1 -c none
	runs_on "$there" "$here" z1
}

# QEMU hangs while the guest is stopped, longer than anybody waits for it. Once it goes on, so must the guest.
hung_run() {
	local here there holder status=0

	z1_anywhere
	guest mem start size=16M rate=2M
	held_at source.last-pass "onhost $here unhang z1"
	onhost "$here" hang z1
	onhost "$here" signal INT
	onhost "$holder" letgo
	onhost "$here" end 150 || status=$?
	# What the keeper was still waiting for when it gave the worker its answer.
	sleep 3
	on "$here" zkz recover z1 && fail "settled with a QEMU that hangs"
	on "$here" zkz migrate z1 "ssh://root@$there" && fail "migrated with a QEMU that hangs"
	onhost "$here" unhang z1
	restore
	[ $status -ne 0 ] || fail "the migration succeeded"
	[ $status -ne 124 ] || fail "the migration hangs"
	runs_on "$here" "$there" z1
	guest mem verify
	guest mem stop
	migrate "$here" "$there" z1 -c none
	runs_on "$there" "$here" z1
}

# A guest that was stopped on purpose is not migrated, and not started by the attempt.
stopped_run() {
	local here there status=0

	z1_anywhere
	onhost "$here" qmp z1 stop
	migrate "$here" "$there" z1 || status=$?
	[ $status -ne 0 ] || fail "the migration succeeded"
	[[ $(onhost "$here" qmp z1 query-status) == *'"paused"'* ]] || fail "the guest was started"
	onhost "$here" qmp z1 cont
	runs_on "$here" "$there" z1
}

# shellcheck disable=SC2016 # the actions are expanded when the case runs
{
	abort_case "Ctrl-C while preparing" source.attached 'onhost $here signal INT'
	abort_case "Ctrl-C during a pass" source.first-pass \
		'status_tells $here source; status_tells $there target; onhost $here signal INT'
	abort_case "Ctrl-C while the guest is stopped" source.last-pass 'onhost $here signal INT'
	abort_case "target worker killed while preparing" target.booted 'onhost $there kill worker'
	abort_case "target QEMU killed" source.first-pass 'onhost $there kill qemu z1'
	abort_case "target QEMU killed while the guest is stopped" source.last-pass 'onhost $there kill qemu z1'
	abort_case "target keeper killed" source.first-pass 'onhost $there kill keeper z1'
	abort_case "target worker killed" source.first-pass 'onhost $there kill worker'
	abort_case "target zkzd killed" source.first-pass 'onhost $there kill zkzd'
	abort_case "source worker killed" source.first-pass 'onhost $here kill worker'
	abort_case "source worker killed while the guest is stopped" source.last-pass 'onhost $here kill worker'
	abort_case "source zkzd killed" source.first-pass 'onhost $here kill zkzd'
	abort_case "link cut" source.first-pass 'lab cut $there'
	not_hybrid "source QEMU hangs while the guest is stopped: the guest runs on when it does" hung_run
	ktap_case "guest stopped on purpose: refused, and left stopped" stopped_run
	ktap_case "target memory full: guest unharmed, nothing left, second attempt succeeds" full_run
}
