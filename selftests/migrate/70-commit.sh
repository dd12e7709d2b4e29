# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Whatever dies around GO: the guest runs once, the hosts agree where, and nothing is left. Both sides stand at hold
# points when it happens; before the end of the devices the source's QEMU waits for disks that do not answer. In these
# cases $here is the source and $there the target.

# Undoes what a case did to the hosts.
commit_restore() {
	trap - EXIT
	file_server CONT || true
	both restore
}

# The same after one that failed halfway; the next one begins anew.
commit_failed() {
	commit_restore
	on "$here" zkz recover z1 >/dev/null 2>&1 || true
	zone_remove z1
}

# stand_at HOST POINT...: processes of that host have come to these hold points
stand_at() {
	local point

	for point in "${@:2}"; do onhost "$1" held "$point"; done
}

# commit_start HERE THERE: a migration under way to hold points of the source and of the target; several, or none ('')
# shellcheck disable=SC2086 # words
commit_start() {
	guest mem start size=16M rate=2M
	# The names are local, and gone when a failure ends the shell.
	# shellcheck disable=SC2064
	trap "here=$here there=$there; commit_failed" EXIT
	[ -z "$1" ] || onhost "$here" hold $1
	[ -z "$2" ] || onhost "$there" hold $2
	onhost "$here" begin z1 "ssh://root@$there" -c none --max-downtime 60000
	stand_at "$here" $1
	stand_at "$there" $2
}

# The target has committed, in migration $id; its QEMU has all it needs, and its keeper does not tell of it. The source
# is about to wait for the answer.
commit_reach() {
	z1_anywhere
	commit_start source.after-last-byte keeper.before-adopt
	id=$(onhost "$there" owner z1 arrived)
	[ "$(onhost "$here" owner z1 in-doubt)" = "$id" ]
}

# Shared files whose server answers no more, until it is told to go on.
file_server() {
	pkill "-$1" -f "ganesha.nfsd .*/zkz-lab/$LAB_NAME/"
}

# The same, but the source's QEMU hangs before the end of its devices, so that nothing can start the guest at the
# target: closing an image with lazy reference counts takes a write, after everything else of a stopped guest. Each time it
# has another name, because the server remembers for a minute which file had a name.
commit_reach_without_devices() {
	local name=lazy-$SECONDS.qcow2 DISK_FORMAT=qcow2 DISK img

	DISK=file:/shared/$name
	zone_remove z1
	img=$(lab shared)/$name
	qemu-img create -q -f qcow2 -o lazy_refcounts=on "$img" 32M
	z1_anywhere
	guest disk start size=4M rate=1M
	sleep 2
	guest disk verify
	guest disk stop
	commit_start source.first-pass ''
	file_server STOP
	onhost "$here" letgo
	id=$(onhost "$there" owner z1 arrived)
	[ "$(onhost "$here" owner z1 in-doubt)" = "$id" ]
}

# migrate_ends STATUS PATTERN: with this exit status, and this in its output
migrate_ends() {
	local status=0

	onhost "$here" end 150 >"$WORK/out" || status=$?
	cat "$WORK/out"
	[ $status -eq "$1" ] || fail "exit status $status"
	grep -q -- "$2" "$WORK/out" || fail "no '$2'"
}

# What the target tells about migration $id.
recorded() {
	on "$there" cat "/var/lib/zkz/migrations/$id"
}

# The target's owner file does not tell of migration $id any more.
given_back() {
	! on "$there" grep -qs "$id" /var/lib/zkz/zones/z1/owner
}

# settles KIND: the source's zkzd asks by itself, and writes that down. To ask at once is quicker, if it was silent for long.
settles() {
	on "$here" zkz recover z1 || true
	onhost "$here" owner z1 "$1"
}

# The source holds a guest that does not run, and says so.
source_in_doubt() {
	wait_for 30 stands_still || fail "the guest runs on the source"
	grep -q "state: in-doubt" "$WORK/out"
	grep -q "in doubt with: ssh://root@$there" "$WORK/out"
	! on "$here" zkz config z1 delete -F || fail "a zone in doubt was deleted"
	says_no "$here" 'zkz recover --force here z1' halt
}

# A QEMU that could not migrate lets its guest run, until its keeper has heard of it.
stands_still() {
	on "$here" zkz status z1 >"$WORK/out"
	cat "$WORK/out"
	! grep -q "guest: running" "$WORK/out"
}

# The guest is on $there, whole, and can go back.
there_and_back() {
	runs_on "$there" "$here" z1
	guest mem verify
	echo "back"
	migrate "$there" "$here" z1 -c none
	runs_on "$here" "$there" z1
	# The source has said that it will not ask.
	on "$here" test ! -e "/var/lib/zkz/migrations/$(onhost "$here" owner z1 here)"
	guest mem verify
	guest mem stop
}

source_worker_after_go() {
	local here there id

	commit_reach
	onhost "$here" kill worker
	migrate_ends 1 .
	source_in_doubt
	onhost "$there" letgo
	guest_wait
	guest mem verify
	settles elsewhere
	commit_restore
	there_and_back
}

# How often the guest was started on the target.
starts_there() {
	on "$there" sh -c 'cat /var/log/zkz/z1.messages 2>/dev/null | grep -c "QEMU event RESUME"' || true
}

# All devices have left but for the last byte, and the target has heard GO and not written that down. An end of their
# stream is no reason to start the guest; and what the target writes afterwards is no reason to keep it.
source_worker_before_commit() {
	local here there starts

	z1_anywhere
	starts=$(starts_there)
	commit_start source.devices-sent target.before-commit
	onhost "$here" owner z1 in-doubt
	onhost "$here" kill worker
	migrate_ends 1 .
	source_in_doubt
	onhost "$there" letgo
	settles here
	[ "$(starts_there)" = "$starts" ] || fail "the guest was started on the target"
	runs_on "$here" "$there" z1
	guest mem verify
	guest mem stop
	commit_restore
}

# QEMU lets the guest run on when nobody reads its devices: too early, and the keeper stops it until zkzd has asked. It
# asks by itself, also one that was started since.
source_worker_before_devices() {
	local here there id

	commit_reach_without_devices
	onhost "$here" kill zkzd
	file_server CONT
	wait_for 30 given_back
	onhost "$here" start
	onhost "$here" owner z1 here
	runs_on "$here" "$there" z1
	guest mem verify
	commit_restore
	zone_remove z1
}

source_qemu_before_devices() {
	local here there id

	commit_reach_without_devices
	onhost "$here" strike z1
	file_server CONT
	migrate_ends 1 "QEMU of the source"
	wait_for 30 given_back
	onhost "$here" nothing 60
	onhost "$there" nothing 60
	[ "$(zone_state "$here" z1)" = installed ]
	commit_restore
	zone_boot "$here" z1
	runs_on "$here" "$there" z1
	zone_remove z1
}

# All of the guest has left QEMU, and the worker has its last byte: it goes where it was going.
source_qemu_after_devices() {
	local here there

	z1_anywhere
	commit_start source.devices-sent target.before-commit
	onhost "$here" kill "$1" z1
	onhost "$there" letgo
	onhost "$there" owner z1 arrived
	onhost "$here" letgo
	migrate_ends 0 "Migration successful"
	commit_restore
	there_and_back
}

target_worker_after_commit() {
	local here there id

	commit_reach
	onhost "$there" kill worker
	# The source asks by itself.
	onhost "$here" letgo
	# What is asked is whether the guest runs: only its keeper can tell.
	onhost "$there" letgo
	migrate_ends 0 "Migration successful"
	guest_wait
	commit_restore
	there_and_back
}

# Nobody is left who remembers; the owner file is all there is, and then it goes too.
target_forgets() {
	local here there id

	commit_reach
	onhost "$here" kill worker
	migrate_ends 1 .
	source_in_doubt
	onhost "$there" kill zkzd
	onhost "$there" letgo
	guest_wait
	guest mem verify
	! recorded || fail "the commit was journaled too early for this case"
	# The source may not ask before the zone is gone there.
	onhost "$here" mute
	onhost "$there" start
	onhost "$there" owner z1 here
	on "$there" zkz halt z1
	on "$there" zkz config z1 delete -F
	commit_restore
	settles elsewhere
	onhost "$here" nothing 60
	! on "$here" zkz boot z1 || fail "the zone can be booted where it was handed over"
	zone_remove z1
}

# target_qemu_after_commit VERB...: done to the target's QEMU
target_qemu_after_commit() {
	local here there id

	commit_reach_without_devices
	onhost "$there" "$@"
	file_server CONT
	migrate_ends 1 .
	settles here
	runs_on "$here" "$there" z1
	guest mem verify
	commit_restore
	echo "second attempt"
	migrate "$here" "$there" z1 -c none
	runs_on "$there" "$here" z1
	guest mem verify
	zone_remove z1
}

# unstarted WHAT MODE TARGET-POINT [SOURCE-POINT]: WHAT runs QEMU at the target is killed after the commit, and the guest
# cannot have run. The source hears of it before it lets the last byte go.
unstarted() {
	local here there id MIGRATE_MODE=$2

	z1_anywhere
	commit_start "${4:-}" "$3"
	id=$(onhost "$there" owner z1 arrived)
	onhost "$there" kill "$1" z1
	if [ -n "${4:-}" ]; then
		onhost "$there" hold target.before-journal
		onhost "$there" letgo "$3"
		# Where the keeper could tell, the zone is given back without an answer.
		[ "$1" = qemu ] || onhost "$there" held target.before-journal
		[ "$1" = keeper ] || wait_for 30 given_back
		onhost "$here" letgo
	fi
	onhost "$there" letgo
	migrate_ends 1 .
	settles here
	wait_for 30 given_back
	runs_on "$here" "$there" z1
	guest mem verify
	guest mem stop
	commit_restore
}

# After the commit, but before the last byte has left: the source knows that the guest cannot have run.
target_lost_unsent() {
	local here there id

	commit_reach_without_devices
	lab kill "$there"
	# Else its QEMU would go on, and the last byte leave for a host that is no more.
	onhost "$here" until 'who owns the zone' 150
	file_server CONT
	host_again "$there"
	migrate_ends 1 .
	settles here
	runs_on "$here" "$there" z1
	guest mem verify
	commit_restore
	echo "second attempt"
	migrate "$here" "$there" z1 -c none
	runs_on "$there" "$here" z1
	guest mem verify
	zone_remove z1
}

address() {
	on "$1" hostname -I | grep -o '10\.77\.0\.[0-9]*'
}

# Whoever answers at the target's address must be the target.
another_host() {
	local here there id file=/var/lib/zkz/host-id

	commit_reach_without_devices
	onhost "$here" kill worker
	migrate_ends 1 .
	on "$there" sh -c "cp $file /run/host-id; tr 0-9 a-f9876543210 <$file >$file.new; mv $file.new $file"
	file_server CONT
	! on "$here" zkz recover z1 >"$WORK/out" 2>&1 || fail "another host was believed"
	cat "$WORK/out"
	grep -q "is not the host" "$WORK/out"
	source_in_doubt
	on "$there" sh -c "rm $file"
	! on "$here" zkz recover z1 >"$WORK/out" 2>&1 || fail "a host without an identity was believed"
	cat "$WORK/out"
	grep -q "no identity" "$WORK/out"
	source_in_doubt
	on "$there" cp /run/host-id "$file"
	# By another of its addresses.
	on "$here" zkz recover z1 "ssh://root@$(address "$there")" || true
	settles here
	runs_on "$here" "$there" z1
	guest mem verify
	commit_restore
	zone_remove z1
}

# The target is lost while the zone is in doubt: somebody decides, and what comes back is behind.
taken_by_force() {
	local here there id

	commit_reach_without_devices
	onhost "$here" kill worker
	lab kill "$there"
	migrate_ends 1 .
	file_server CONT
	source_in_doubt
	! on "$here" zkz boot z1 || fail "a zone in doubt was booted"
	on "$here" zkz recover --force here z1
	guest_wait
	guest mem verify
	host_again "$there"
	! on "$there" zkz boot z1 || fail "the copy of the host that was lost can be booted"
	commit_restore
	migrate "$here" "$there" z1 -c none
	runs_on "$there" "$here" z1
	guest mem verify
	zone_remove z1
}

# The source is told, by somebody who has looked, that the target has the zone.
given_up_by_force() {
	local here there id

	commit_reach
	onhost "$here" kill worker
	migrate_ends 1 .
	source_in_doubt
	# Else zkzd would be quicker.
	onhost "$there" mute
	onhost "$there" letgo
	guest_wait
	on "$here" zkz recover --force elsewhere z1
	onhost "$here" nothing 60
	! on "$here" zkz boot z1 || fail "the zone can be booted on both hosts"
	commit_restore
	there_and_back
}

# The target had committed, and lost its power. The source, which would know, is not to be heard: the target's zone boots
# anew, but not at once.
arrived_boots_late() {
	local here there id

	z1_anywhere
	on "$here" zkz config z1 set autoboot=true
	commit_reach
	onhost "$here" mute
	lab kill "$there"
	host_again "$there"
	sleep 60
	[ "$(zone_state "$there" z1)" != running ] || fail "a zone that may be given back was booted"
	wait_for 150 is_running "$there"
	commit_restore
	onhost "$here" owner z1 elsewhere
	onhost "$here" nothing 60
	zone_remove z1
}

# The same, and the administrator does not want to wait.
arrived_taken_by_force() {
	local here there id

	commit_reach
	onhost "$here" mute
	lab kill "$there"
	host_again "$there"
	! on "$there" zkz boot z1 >"$WORK/out" 2>&1 || fail "a zone that may be given back was booted"
	cat "$WORK/out"
	grep -q "recover --force here z1" "$WORK/out"
	on "$there" zkz recover --force here z1
	zone_boot "$there" z1
	commit_restore
	onhost "$here" owner z1 elsewhere
	onhost "$here" nothing 60
	! on "$here" zkz boot z1 || fail "the zone can be booted on both hosts"
	zone_remove z1
}

# Nobody can tell whether the guest has run: the zone is the target's, and stands still.
# target_keeper_after_commit MODE
target_keeper_after_commit() {
	local here there id MIGRATE_MODE=$1

	commit_reach
	onhost "$there" kill keeper z1
	onhost "$here" letgo
	migrate_ends 1 "belongs to $there now"
	onhost "$here" nothing 60
	onhost "$there" nothing 60
	[ "$(zone_state "$there" z1)" = installed ]
	! on "$here" zkz boot z1 || fail "the zone can be booted on both hosts"
	commit_restore
	zone_boot "$there" z1
	runs_on "$there" "$here" z1
}

# first_run ACTION: a migration to a host that does not know the zone yet
first_run() {
	local here there

	z1_anywhere
	on "$there" zkz config z1 delete -F >/dev/null 2>&1 || true
	onhost "$there" gone z1
	commit_start source.first-pass ''
	eval "$1"
	onhost "$here" letgo
	migrate_ends 1 .
	commit_restore
	runs_on "$here" "$there" z1
	onhost "$there" gone z1
	guest mem verify
	guest mem stop
}

# As after a GO that was lost: the source is in doubt about a migration that the target does not know.
lost_go() {
	local here there epoch host id=0123456789abcdef0123456789abcdef file=/var/lib/zkz/zones/z1/owner

	z1_anywhere
	host=$(on "$there" cat /var/lib/zkz/host-id)
	epoch=$(on "$here" sed -n 's/.*"epoch": *\([0-9]*\).*/\1/p' $file)
	on -i "$here" sh -c "cat >$file" <<-END
		{"owner":"in-doubt","epoch":$((epoch + 1)),"migration":"$id","peer":"ssh://root@$there","host":"$host"}
	END
	settles here
	on "$here" zkz status z1 >"$WORK/out"
	cat "$WORK/out"
	grep -q "epoch: $epoch\$" "$WORK/out"
	! grep -q "moved from\|doubt" "$WORK/out" || fail "the state tells of a migration that never was"
	runs_on "$here" "$there" z1
}

# A note that a worker left, of a migration before the last one, is only removed.
stale_note() {
	local here there dir=/var/lib/zkz/zones/z1 before

	z1_anywhere
	before=$(on "$here" cat $dir/owner)
	on -i "$here" sh -c "cat >$dir/journal" <<-END
		{"undo":"00112233445566778899aabbccddeeff","imported":true,"before":{"owner":"here","epoch":1}}
	END
	on "$here" sh -c "for i in \$(seq 60); do [ -e $dir/journal ] || exit 0; sleep 0.5; done; exit 1"
	[ "$(on "$here" cat $dir/owner)" = "$before" ]
	[ "$(zone_state "$here" z1)" = running ]
}

ktap_case "source worker killed after GO: in doubt, until zkzd finds the guest at the target" source_worker_after_go
turn_case "source worker killed after GO, before the commit: the guest does not start, zkzd brings it back" \
	source_worker_before_commit
turn_case "source worker killed after GO, before the devices: zkzd brings the guest back" source_worker_before_devices
turn_case "source QEMU killed after GO, before the devices: the zone is given back" source_qemu_before_devices
turn_case "source QEMU killed after GO, after the devices: the guest arrives" source_qemu_after_devices qemu
turn_case "source keeper killed after GO, after the devices: the guest arrives" source_qemu_after_devices keeper
turn_case "target worker killed after its commit: the source asks and the guest runs once" target_worker_after_commit
turn_case "target zkzd killed after its commit: it says owned, also of a deleted zone" target_forgets
turn_case "target QEMU killed after the commit: the zone is given back" target_qemu_after_commit strike z1
turn_case "target QEMU hangs after the commit: the zone is given back" target_qemu_after_commit hang z1
turn_case "target keeper killed after the commit, before the devices: the guest runs on at the source" \
	target_qemu_after_commit kill keeper z1
turn_case "target QEMU killed before the commit is told: given back" unstarted qemu precopy target.committed
turn_case "target keeper killed before the commit is told: given back" unstarted keeper hybrid target.committed
turn_case "target QEMU killed before the last byte: given back" unstarted qemu hybrid target.before-start \
	source.before-last-byte
turn_case "target keeper killed before the last byte: the source knows better" unstarted keeper precopy \
	target.before-start source.before-last-byte
turn_case "target host lost after the commit, before the devices: the guest runs on at the source" target_lost_unsent
turn_case "another host answers for the target: not believed" another_host
turn_case "target lost for good: taken by force, and what comes back is behind" taken_by_force
turn_case "target keeper killed after the commit: owned by the target, stopped" target_keeper_after_commit precopy
turn_case "target keeper killed after the commit of a fetch: owned by the target, stopped" \
	target_keeper_after_commit hybrid
turn_case "in doubt, and given up by force: it is the target's" given_up_by_force
turn_case "target host lost after the commit: the zone boots there, late" arrived_boots_late
turn_case "target host lost after the commit, its zone taken by force: the source hears of it" arrived_taken_by_force
turn_case "GO is lost: zkzd finds out, and all is well at the source" lost_go
turn_case "note of an older migration: removed, and the zone left alone" stale_note
# shellcheck disable=SC2016 # the actions are expanded when the case runs
{
	turn_case "target keeper killed in a first migration: nothing left" first_run \
		'onhost $there kill keeper z1'
	turn_case "target keeper and zkzd killed in a first migration: nothing left" first_run \
		'onhost $there pause z1; onhost $there kill zkzd; onhost $there kill keeper z1; onhost $there start'
}
