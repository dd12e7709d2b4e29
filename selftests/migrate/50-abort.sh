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

# asks HOST VERB...: another client wants that of z1 while it is migrated, and has told the worker
asks() {
	on "$1" zkz --json "${@:2}" z1 >"$WORK/asks" 2>&1 &
	ASKER=$!
	wait_for 60 grep -q 'Aborting' "$WORK/asks"
}

# asked STATUS PATTERN: how that ends, in one last line
asked() {
	local status=0

	wait "$ASKER" || status=$?
	cat "$WORK/asks"
	[ $status -eq "$1" ] || fail "exit status $status of who asked"
	tail -n 1 "$WORK/asks" | grep -q -- "$2" || fail "who asked does not hear '$2'"
}

# What cannot be done meanwhile, and what can: on either host.
remedies() {
	says_no "$here" 'zkz migrate --abort z1' shutdown
	says_no "$here" 'zkz migrate --abort z1' reboot
	says_no "$there" "zkz migrate --abort z1' on $(on "$here" uname -n)" migrate --abort
	says_no "$there" "zkz migrate --abort z1' on $(on "$here" uname -n)" halt
}

# abort_case_run POINT ACTION [END]: start a migration, act at the hold point, and let it go on; END is of who acted
abort_case_run() {
	local here there holder huge status=0

	z1_anywhere
	guest mem start size=16M rate=2M
	huge=$(zone_huge "$here" z1)
	held_at "$1"
	eval "$2"
	onhost "$holder" letgo
	eval "${3:-}"
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

# abort_case NAME POINT ACTION [END]
abort_case() {
	turn_case "$1: guest unharmed, nothing left, second attempt succeeds" abort_case_run "${@:2}"
}

# GO was said: whoever asks hears where the zone is, and brings nothing back.
late_run() {
	local here there holder

	z1_anywhere
	guest mem start size=16M rate=2M
	held_at source.after-go
	asks "$here" "$@"
	onhost "$holder" letgo
	onhost "$here" end 150
	asked 1 "Too late, after .* handed over to ssh://root@$there"
	restore
	runs_on "$there" "$here" z1
	guest mem verify
	says_no "$here" "No migration from this host is under way: .* handed over to ssh://root@$there" migrate --abort
	says_no "$there" 'No migration of zone z1 from this host is under way' migrate --abort

	echo "back"
	migrate "$there" "$here" z1 -c none
	runs_on "$here" "$there" z1
	guest mem verify
	guest mem stop
}

halted_run() {
	local here there holder status=0

	z1_anywhere
	guest mem start size=16M rate=2M
	held_at source.first-pass
	asks "$here" halt
	onhost "$holder" letgo
	onhost "$here" end 150 || status=$?
	[ $status -eq 1 ] || fail "exit status $status"
	asked 0 'Zone halted'
	restore
	both nothing 60
	[ "$(zone_state "$here" z1)" = installed ] || fail "z1 cannot be booted on host $here"

	echo "second attempt"
	zone_boot "$here" z1
	guest mem start size=16M rate=2M
	migrate "$here" "$there" z1 -c none
	runs_on "$there" "$here" z1
	guest mem verify
	guest mem stop
}

# The guest has moved, its client is gone, and its memory is still here.
fetch_run() {
	local here there

	z1_anywhere
	writing "$here"
	begin_fetch "$here" "$there" -c none
	trap whole_again EXIT
	onhost "$here" signal KILL
	says_no "$here" "handed over to ssh://root@$there, .* needs the rest of its memory from this host" migrate --abort
	says_no "$here" "handed over to ssh://root@$there, .* needs the rest of its memory from this host" halt
	onhost "$here" letgo
	whole_again
	verified "$there" "$here"
	given_up "$here"

	echo "back"
	migrate "$there" "$here" z1 -c none
	runs_on "$here" "$there" z1
	guest mem verify
	# The cases that follow want one with a single processor.
	zone_remove z1
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
	turn_case "aborted by another client while preparing: guest unharmed, second attempt succeeds" \
		abort_case_run source.attached 'asks $here migrate --abort' 'asked 0 "guest runs on here"'
	abort_case "aborted by another client during a pass" source.first-pass \
		'remedies; asks $here migrate --abort' 'asked 0 "guest runs on here"'
	turn_case "aborted while its client is suspended: guest unharmed, second attempt succeeds" abort_case_run \
		source.first-pass 'onhost $here signal STOP; asks $here migrate --abort' \
		'asked 0 "guest runs on here"; onhost $here signal CONT'
	abort_case "aborted by another client right before GO" source.before-go \
		'asks $here migrate --abort' 'asked 0 "guest runs on here"'
	turn_case "aborted after GO: too late, the guest runs at the target" late_run migrate --abort
	turn_case "halted after GO: too late, the guest runs at the target" late_run halt
	turn_case "halted during a pass: the migration ends first, nothing left, it can be booted and moved" halted_run
	turn_case "aborted or halted during a fetch: refused, all memory comes" fetch_run
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
	not_hybrid turn_case "source QEMU hangs while the guest is stopped: the guest runs on when it does" hung_run
	turn_case "guest stopped on purpose: refused, and left stopped" stopped_run
	turn_case "target memory full: guest unharmed, nothing left, second attempt succeeds" full_run
}
