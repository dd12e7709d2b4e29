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

# abort_case_run PATTERN ACTION: start a migration, act when its output has PATTERN
abort_case_run() {
	local here there huge status=0

	z1_anywhere
	# The final pass has to take seconds where it is what is broken; elsewhere less is quicker.
	if [ "$1" = "$FROZEN" ]; then
		guest mem start size=64M rate=0
	else
		guest mem start size=16M rate=2M
	fi
	huge=$(zone_huge "$here" z1)
	# The names are local, and gone when a failure ends the shell.
	# shellcheck disable=SC2064
	trap "here=$here there=$there; restore" EXIT
	slow "$here"
	onhost "$here" begin z1 "ssh://root@$there" -c none --max-downtime 60000
	if [ "$1" = "$FROZEN" ]; then
		onhost "$here" frozen 4mbit
	else
		onhost "$here" until "$1" 60
	fi
	eval "$2"
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

# abort_case NAME PATTERN ACTION. In a hybrid migration the guest is stopped for too short a time to aim at: 70-commit.sh
# makes it longer.
abort_case() {
	[ "$2" != "$FROZEN" ] || [ "$MIGRATE_MODE" != hybrid ] || return 0
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

# The target has no room for the guest's memory.
full_run() {
	local here there status=0

	z1_anywhere
	guest mem start size=16M rate=2M
	resize "$there" 32M
	migrate "$here" "$there" z1 -c none || status=$?
	resize "$there" 64G
	[ $status -ne 0 ] || fail "the migration succeeded"
	runs_on "$here" "$there" z1
	guest mem verify
	guest mem stop
	migrate "$here" "$there" z1 -c none
	runs_on "$there" "$here" z1
}

# QEMU hangs while the guest is stopped, longer than anybody waits for it. Once it goes on, so must the guest.
hung_run() {
	local here there status=0

	z1_anywhere
	guest mem start size=64M rate=0
	# shellcheck disable=SC2064 # as above
	trap "here=$here there=$there; onhost $here unhang z1; restore" EXIT
	slow "$here"
	onhost "$here" begin z1 "ssh://root@$there" -c none --max-downtime 60000
	onhost "$here" frozen 4mbit
	onhost "$here" hang z1
	onhost "$here" signal INT
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
	abort_case "Ctrl-C while preparing" "$PREPARE" 'onhost $here signal INT'
	abort_case "Ctrl-C during a pass" "$PASS" \
		'status_tells $here source; status_tells $there target; onhost $here signal INT'
	abort_case "Ctrl-C while the guest is stopped" "$FROZEN" 'onhost $here signal INT'
	abort_case "target worker killed while preparing" "$PREPARE" 'onhost $there kill worker'
	abort_case "target QEMU killed" "$PASS" 'onhost $there kill qemu z1'
	abort_case "target QEMU killed while the guest is stopped" "$FROZEN" 'onhost $there kill qemu z1'
	abort_case "target keeper killed" "$PASS" 'onhost $there kill keeper z1'
	abort_case "target worker killed" "$PASS" 'onhost $there kill worker'
	abort_case "target zkzd killed" "$PASS" 'onhost $there kill zkzd'
	abort_case "source worker killed" "$PASS" 'onhost $here kill worker'
	abort_case "source worker killed while the guest is stopped" "$FROZEN" 'onhost $here kill worker'
	abort_case "source zkzd killed" "$PASS" 'onhost $here kill zkzd'
	abort_case "link cut" "$PASS" 'lab cut $there'
	not_hybrid "source QEMU hangs while the guest is stopped: the guest runs on when it does" hung_run
	ktap_case "guest stopped on purpose: refused, and left stopped" stopped_run
	ktap_case "target memory full: guest unharmed, nothing left, second attempt succeeds" full_run
}
