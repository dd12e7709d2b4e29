# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: what becomes of zones when their host goes down, and comes up again.

# small NAME: a guest that is just a boot sector
small() {
	cp /lab/boot.img "/lab/boot-$1.img"
	zkz config "$1" -f - <<-END
	create -b
	add capped-memory; set physical=64M; end
	add virtual-cpu; set ncpus=1; end
	add device; set storage=file:/lab/boot-$1.img; set bootpri=0; end
	END
}

paused() {
	zkz list -cs | grep -q "$1 .* paused"
}

booted_with_host() {
	sed -n 's/.*zone \(z[0-9]\): booting it with the host.*/\1/p' "$WORK/zkzd.log" | tail -n 2 | paste -sd ' '
}

both_boot() {
	[ "$(booted_with_host)" = 'z3 z2' ]
}

# One guest heeds the power button, one cannot, and one is not asked.
down_with_the_host() {
	up
	small z2
	small z3
	zkz config z3 'set autoshutdown=halt'
	zkz boot z2
	zkz boot z3
	"$TREE/selftests/lib/qmp" z2 stop
	wait_for paused z2
	zkz shutdown --all z1 && fail "all of one zone"
	zkz shutdown --all -t 300 >"$WORK/out" 2>&1
	cat "$WORK/out"
	grep -q "zone 'z1': Zone shut down" "$WORK/out"
	grep -q "zone 'z2': warning: Zone z2 is halted: " "$WORK/out"
	grep -q "zone 'z2': Zone halted" "$WORK/out"
	grep -q "zone 'z3': Zone halted" "$WORK/out"
	! grep -q "zone 'z3'.*Asking" "$WORK/out" || fail "z3 was asked"
	ended 'the guest has powered off'
	zkz shutdown --all | grep -qx 'No zone runs.'
	# Those that others need come first.
	zkz config z2 'set autoboot=true; set boot-priority=low'
	zkz config z3 'set autoboot=true; set boot-priority=high'
	stop_daemon
	rm /run/zkz/booted
	start_daemon
	wait_for both_boot
	for z in z2 z3; do
		wait_for zkz halt "$z"
		zkz config "$z" delete -F
	done
}
