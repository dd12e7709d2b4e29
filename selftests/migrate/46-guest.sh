# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What is known of a guest: that it was asked to shut down, that it has panicked, that it is paused. It shows before a
# move as after it, and after one that did not take place; and nobody is told that a guest has ended that has moved.

# aux HOST: auxiliary state of z1 there
aux() {
	on "$1" zkz list -cp | awk -F: '$2 == "z1" { print $8 }'
}

aux_is() {
	[ "$(aux "$1")" = "$2" ]
}

# z1 on host a, anew; as z1_on, with this edit of its configuration
z1_with() {
	zone_remove z1
	zone_text 256M 1 "$DISK" | sed "$1" | on -i a zkz config z1 -f -
	zone_boot a z1
}

shutdown_meets_a_move() {
	local status=0 job

	z1_on a
	guest button ignore
	on a zkz shutdown -r -t 900 z1 >"$WORK/shut" 2>&1 &
	job=$!
	wait_for 60 aux_is a shutting-down
	migrate a b z1 -n >/dev/null
	aux_is a shutting-down || fail "after a dry run: '$(aux a)'"
	migrate a b z1
	wait "$job" || status=$?
	cat "$WORK/shut"
	[ $status -eq 1 ] || fail "exit status $status"
	grep -q 'was handed over to ssh://root@b meanwhile and still runs there' "$WORK/shut"
	! grep -q 'Zone shut down' "$WORK/shut" || fail "it says that the zone was shut down"
	runs_on b a z1
	wait_for 30 aux_is b shutting-down
	guest button heed
	on b zkz shutdown -t 600 z1 | grep 'Zone shut down'
	onhost b nothing 60
}

panic_travels() {
	z1_with s/panic=-1/panic=0/
	guest crash
	wait_for 60 aux_is a panicked
	migrate a b z1 -n >/dev/null
	aux_is a panicked || fail "after a dry run: '$(aux a)'"
	! migrate a b z1 --mode precopy --max-downtime 1 --max-passes 1 >/dev/null || fail "it moved within 1 ms"
	aux_is a panicked || fail "after a failed migration: '$(aux a)'"
	migrate a b z1
	wait_for 30 aux_is b panicked
	# The reset button is what helps it.
	on b zkz reboot z1
	wait_for 300 guest ping
	aux_is b ""
}

# paused_for TEXT: z1 is, on host a, and everything that meets it says why
paused_for() {
	local status=0

	wait_for 300 aux_is a paused
	on a zkz status z1 | tee "$WORK/out"
	grep -q "auxiliary state: paused: $1" "$WORK/out"
	on a zkz shutdown z1 >"$WORK/out" 2>&1 || status=$?
	cat "$WORK/out"
	[ $status -eq 1 ] || fail "exit status $status"
	grep -q "is paused ($1) and cannot shut down" "$WORK/out"
	! migrate a b z1 >"$WORK/out" 2>&1 || fail "a paused zone moved"
	cat "$WORK/out"
	grep -q "is paused ($1) and cannot be migrated" "$WORK/out"
	onhost b nothing
}

no_room() {
	local DISK=file:/run/small/disk.img status=0

	zone_remove z1
	onhost a full /run/small
	zone_make a z1 256M 1 "$DISK"
	zone_boot a z1
	guest disk start size=16M rate=8M
	paused_for "no space on device 0"
	on a zkz resume z1 >"$WORK/out" 2>&1 || status=$?
	cat "$WORK/out"
	[ $status -eq 1 ] || fail "exit status $status"
	grep -q 'is paused again: no space on device 0' "$WORK/out"
	# A guest that is reset forgets what it was to write.
	on a zkz reboot z1
	wait_for 300 guest ping
	aux_is a "" || fail "after a reboot: '$(aux a)'"
	guest disk start size=16M rate=8M
	wait_for 300 aux_is a paused
	# It goes on by itself, and nothing was lost.
	onhost a room /run/small
	wait_for 90 aux_is a ""
	guest disk verify
	guest disk stop
	on a zkz log z1 | grep 'the guest goes on after'
	zone_remove z1
	on a umount /run/small
}

stopped_by_hand() {
	z1_on a
	onhost a qmp z1 stop
	paused_for "stopped through the monitor of QEMU"
	sleep 3
	aux_is a paused
	on a zkz resume z1
	aux_is a "" || fail "after it was resumed: '$(aux a)'"
	guest ping
	! on a zkz resume z1 || fail "a guest that runs was resumed"
}

# holds_no_more HOST: nothing is more than it was. The memory of zkzd may be by a little, and the kernel counts objects
# of a cache in slabs that it has not looked at.
holds_no_more() {
	join <(sort "$WORK/holds-$1") <(onhost "$1" holds | sort) | tee "$WORK/joined"
	awk '$3 > $2 + ($1 ~ /rss/ ? 1024 : $1 ~ /^zkz_/ ? 20 : 0) { print "more than before: " $0; bad = 1 }
		END { exit bad }' "$WORK/joined"
}

# many_moves N: so many moves, there and back
many_moves() {
	local i host

	z1_on a
	guest mem start size=16M rate=2M
	# What is made once is there now.
	migrate a b z1 -c none
	migrate b a z1 -c none
	runs_on a b z1
	for host in a b; do
		onhost "$host" holds >"$WORK/holds-$host"
	done
	for ((i = 1; i <= $1; i += 2)); do
		echo "moves $i and $((i + 1))"
		migrate a b z1 -c none >"$WORK/out" 2>&1 || fail "$(cat "$WORK/out")"
		migrate b a z1 --mode hybrid >"$WORK/out" 2>&1 || fail "$(cat "$WORK/out")"
	done
	runs_on a b z1
	guest mem verify
	guest mem stop
	# Workers may still be on their way out.
	for host in a b; do
		wait_for 60 holds_no_more "$host"
	done
}

turn_case "shutdown that meets a move says where the zone runs" shutdown_meets_a_move
turn_case "a panic shows after a dry run, a failed and a successful move" panic_travels
turn_case "a full disk pauses the guest, and it goes on when there is room" no_room
turn_case "a guest stopped through QEMU's monitor is resumed" stopped_by_hand
turn_case "nothing grows by four moves there and back" many_moves 4
full_case "nothing grows by fifty moves there and back" many_moves 50
