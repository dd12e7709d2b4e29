#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The life of a zone on one host: configure, boot, look, stop, and every way in which a run can end. Runs in a
# lab host as root. KTAP on standard output.
#
#   host ---- br0 10.77.0.2 ---- tap ---- guest 10.77.0.100
set -u

KO=${ZKZ_KO:-}
TREE=${KO%/build/*}
GUEST=$TREE/build/guest
ADDR=10.77.0.100
WORK=$(mktemp -d)

# Booting a guest takes most of the time: in this order a case goes on with the guest of the one before it where
# it can, and those that only need a QEMU do not wait for its guest.
NAMES=(config_and_list called_by_other_names described_by_libvirt boot_maps_2m second_boot_refused console_works downtime_is_counted daemon_restart_keeps_zones
	reboot_keeps_running guest_that_cheats changed_alive links_change_alive memory_changes_alive applied kept_by_the_guest shutdown_by_acpi
	qemu_killed_is_told keeper_killed_leaves_nothing keeper_term_cleans_up hung_qemu_is_killed
	guest_poweroff_is_told autoboot_boots panic_is_told dead_guest_is_halted
	boots_from_disk links_are_not_followed images_stand_alone twins_do_not_run down_with_the_host
	installed_from_an_image seeded runs_commands boots_by_uefi boots_from_a_cd cloned making_breaks_off renamed
	disks_by_iscsi disks_by_tls disks_by_nfs storage_is_told hung_storage_holds_nobody
	stuck_qemu_keeps_its_zone bad_starts_leave_nothing foreign_zone_is_refused sized_and_placed vlans_stay_apart
	attached_by_hand
	module_is_exchanged
	doubt_is_followed damaged_owner_is_refused others_may_look_only rights_are_granted edits_do_not_meet
	undone_before_changed made_anew_at_once delete_forgets epoch_outlives_delete)

. "$(dirname "$0")/storage.sh"
. "$(dirname "$0")/edits.sh"
. "$(dirname "$0")/agent.sh"
. "$(dirname "$0")/host.sh"
. "$(dirname "$0")/identity.sh"
. "$(dirname "$0")/install.sh"
. "$(dirname "$0")/live.sh"
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/rights.sh"

fail() {
	echo "FAILED: $*"
	exit 1
}

# skip REASON: ends a case that cannot be tried here
skip() {
	echo "$*" >"$WORK/skip"
	exit 4
}

# Waits for a command to succeed; the limit is for hangs.
wait_for() {
	local end=$((SECONDS + 900))

	while [ $SECONDS -lt $end ]; do
		"$@" >/dev/null 2>&1 && return
		sleep 0.2
	done
	fail "waited too long for: $*"
}

# refused CODE COMMAND...: it must fail with this code, and with a remedy
refused() {
	local out

	if out=$(zkz --json "${@:2}"); then
		fail "zkz ${*:2} was not refused"
	fi
	grep -q "\"code\":\"$1\"" <<<"$out" || fail "zkz ${*:2} said $out, not $1"
	grep -q '"remedy":"[^"]' <<<"$out" || fail "zkz ${*:2} gave no remedy: $out"
}

guest() {
	"$GUEST/zguestctl" -t 240 "$ADDR" "$@"
}

ping_guest() {
	"$GUEST/zguestctl" -t 5 "$ADDR" ping
}

state() {
	zkz list -cp | awk -F: '$2 == "z1" { print $3 }'
}

is() {
	[ "$(state)" = "$1" ]
}

pid_of() {
	zkz --json status z1 | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

# The dead that busybox's init has not buried yet, which may take it a second, do not count.
nobody_left() {
	! pgrep -r D,R,S,T -x zkz-keeper && ! pgrep -r D,R,S,T -f '^qemu-system-x86_64 -name guest=z1'
}

# Nothing of a run may be left: no process, memory, link or socket. The keeper answers just before it ends.
nothing_left() {
	wait_for nobody_left
	[ ! -e /run/zkz/mem/z1 ] || fail "memory is left"
	if ip -o link | grep 'zkz[0-9]*\.[0-9]'; then
		fail "a link is left"
	fi
	if find /run/zkz/zones/z1 -name '*.sock' | grep .; then
		fail "a socket is left"
	fi
}

ended() {
	wait_for is installed
	zkz status z1 | grep -q "last run ended: $1" || fail "status says: $(zkz status z1)"
	nothing_left
}

run() {
	is running || zkz boot z1
}

up() {
	run
	wait_for ping_guest
}

start_daemon() {
	setsid zkzd --foreground 2>>"$WORK/zkzd.log" &
	echo $! >"$WORK/zkzd.pid"
	wait_for zkz list
}

stop_daemon() {
	local pid

	pid=$(cat "$WORK/zkzd.pid" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null
	wait_for test ! -e /run/zkz/zkzd.sock
}

prepare() {
	[ -e "$GUEST/initrd" ] || return 1
	mkdir -p /usr/libexec/zkz
	cp "$TREE/build/user/zkz" "$TREE/build/user/zkzd" /usr/sbin/ || return 1
	cp "$TREE/build/user/zkz-keeper" /usr/libexec/zkz/ || return 1
	ln -sf zkz /usr/sbin/zonecfg && ln -sf zkz /usr/sbin/zoneadm && ln -sf zkz /usr/sbin/zlogin || return 1
	# The tree is mounted without a cache: from there each boot would read all of the kernel again.
	cp "$GUEST/kernel" /run/guest-kernel || return 1
	getent group kvm >/dev/null || groupadd -r kvm
	getent group zkz >/dev/null || groupadd -r zkz
	id zkz-qemu >/dev/null 2>&1 || useradd -r -M -s /usr/sbin/nologin -G kvm zkz-qemu
	# As an installation does.
	zkzd --new-host-id || return 1
	start_daemon
}

config_and_list() {
	cat >"$WORK/z1.cfg" <<-END
	create -b
	set kernel=/run/guest-kernel
	set initrd=$GUEST/initrd
	set bootargs="console=ttyS0 quiet panic=-1 cryptomgr.notests zguest.ip=$ADDR/24"
	add capped-memory; set physical=192M; end
	add virtual-cpu; set ncpus=2; end
	add anet; set lower-link=br0; end
	END
	zkz config z1 -f "$WORK/z1.cfg"
	is installed
	zkz config z1 export >"$WORK/one"
	grep -q '^set mac-address=02:' "$WORK/one"
	# The text is canonical, and the made address is kept.
	sed 's/^create -b/create -b -F/' "$WORK/one" | zkz config z1 -f -
	zkz config z1 export | cmp - "$WORK/one"
	zkz config z1 export -f "$WORK/two"
	cmp "$WORK/one" "$WORK/two"
	[ "$(echo 'info autoboot' | zkz config z1)" = 'autoboot: false' ]
	[ "$(zkz list -cn)" = z1 ]
	zkz list -cv | grep -qx ' *0 global  *running  */  *linux  *shared'
	[ "$(zkz list -p -o name,state z1 global | paste -s)" = 'global:running	z1:installed' ]
	refused ZONE_NOT_FOUND list z1 no-such-zone
	refused CONFIG_NUMBER_RANGE config z1 'select virtual-cpu; set ncpus=0; end'
	refused ZONE_NOT_FOUND boot no-such-zone
}

boot_maps_2m() {
	up
	guest uptime | grep -qw 'cpus=2'
	zkz list | grep -qx z1
	[ "$(stat -c %U:%a /run/zkz/mem/z1)" = zkz-qemu:600 ]
	[ "$(ps -o user= -p "$(pid_of qemu)")" = zkz-qemu ]
	zkz status z1
	zkz status z1 | grep -q 'mapped by 2M pages: .*([1-9][0-9]*%)'
}

second_boot_refused() {
	refused ZONE_RUNNING_ALREADY boot z1
	refused ZONE_RUNNING config z1 delete -F
	wait_for ping_guest
}

# A QEMU that is held for half a second keeps its guest from running so long, a sleeping one too.
downtime_is_counted() {
	up
	zkz --json downtime --seconds 30 --threshold 400 z1 >"$WORK/gaps" &
	wait_for sh -c 'bpftool prog | grep -q on_exit'
	sleep 0.5
	kill -STOP "$(pid_of qemu)"
	sleep 0.6
	kill -CONT "$(pid_of qemu)"
	sleep 0.5
	kill -INT $!
	wait $!
	cat "$WORK/gaps"
	grep -q '"longest-ms":[4-9][0-9][0-9]' "$WORK/gaps" || grep -q '"longest-ms":[0-9]\{4\}' "$WORK/gaps"
	grep -q '"histogram":\[{' "$WORK/gaps"
	# The probes are gone with it.
	if bpftool prog | grep on_exit; then
		fail "the probes are left"
	fi
	zkz downtime --seconds 1 --threshold 0.1 z1
	refused ZONE_NOT_FOUND downtime no-such-zone
}

console_works() {
	zkz log -c z1 | grep .
	# The console has one user at a time.
	(sleep 3) | zkz console z1 >"$WORK/console" 2>&1 &
	sleep 1
	refused CONSOLE_BUSY console z1
	wait
	grep -q 'disconnected' "$WORK/console"
}

reboot_keeps_running() {
	local qemu

	qemu=$(pid_of qemu)
	zkz reboot z1
	wait_for ping_guest
	[ "$(pid_of qemu)" = "$qemu" ]
	zkz log z1 | grep -q 'has reset the machine'
}

shutdown_by_acpi() {
	up
	zkz shutdown z1
	ended 'the guest has powered off'
	refused ZONE_NOT_RUNNING shutdown z1
	# One processor boots faster, and will do for all that follows.
	zkz config z1 'select virtual-cpu; set ncpus=1; end'
}

daemon_restart_keeps_zones() {
	local qemu

	up
	qemu=$(pid_of qemu)
	stop_daemon
	refused DAEMON_NOT_RUNNING list
	start_daemon
	is running
	[ "$(pid_of qemu)" = "$qemu" ]
	guest ping
}

qemu_killed_is_told() {
	run
	kill -9 "$(pid_of qemu)"
	ended 'QEMU was killed by signal 9'
	zkz log z1 | tail -n 3 | grep -q 'error: QEMU was killed'
}

keeper_killed_leaves_nothing() {
	local qemu

	run
	qemu=$(pid_of qemu)
	kill -9 "$(pid_of keeper)"
	# QEMU dies with its keeper; zkzd gives its memory back after a while.
	wait_for test ! -e "/proc/$qemu"
	is installed
	wait_for test ! -e /run/zkz/zones/z1/state
	nothing_left
	run
	zkz halt z1
	ended halted
}

keeper_term_cleans_up() {
	run
	kill "$(pid_of keeper)"
	ended halted
}

hung_qemu_is_killed() {
	run
	kill -STOP "$(pid_of qemu)"
	zkz halt z1
	ended halted
}

guest_poweroff_is_told() {
	up
	guest poweroff
	ended 'the guest has powered off'
}

autoboot_boots() {
	# With a kernel that stays where it is when it panics, which is what comes next.
	zkz config z1 "set autoboot=true; set bootargs=\"console=ttyS0 quiet panic=0 cryptomgr.notests zguest.ip=$ADDR/24\""
	stop_daemon
	# The mark of this boot of the host.
	rm /run/zkz/booted
	start_daemon
	wait_for is running
	wait_for ping_guest
	zkz config z1 'set autoboot=false'
}

panicked() {
	zkz list -cs | grep -q 'z1 .* panicked'
}

# Its memory is kept to be looked at. A reset is a new life.
panic_is_told() {
	up
	guest crash
	wait_for panicked
	zkz log z1 | grep -q 'kernel has panicked'
	zkz reboot z1
	wait_for ping_guest
	is running
}

pending() {
	[ "$(cat "$WORK"/shutdown.* | grep -c "Asking")" = "$1" ]
}

# A guest that is dead heeds no power button. Whoever gave up waiting for it does not count.
dead_guest_is_halted() {
	local i

	up
	guest crash
	wait_for panicked
	for i in 1 2 3 4; do
		timeout -s INT 1 zkz shutdown -t 600 z1 && fail "a dead guest has shut down"
	done
	for i in 1 2 3 4 5 6 7 8; do
		zkz shutdown -t 600 z1 >"$WORK/shutdown.$i" 2>&1 &
		wait_for pending "$i"
	done
	sleep 1
	grep 'Too many' "$WORK"/shutdown.* && fail "the dead wait still"
	refused ZONE_WAITERS shutdown z1
	zkz halt z1
	wait
	ended 'halted: as asked'
}

# SeaBIOS prints with a delay: the letter may come before the end of its line, or after.
booted_disk() {
	tr -d '\r\n' </var/log/zkz/z2.console | grep -q 'Booting from Hard Disk.*D'
}

# A boot sector that writes a letter to the serial port, and the letter it writes.
boots_from_disk() {
	mkdir -p /lab
	{
		printf '\272\370\003\260D\356\364\353\375'
		head -c 501 /dev/zero
		printf '\125\252'
		head -c 1M /dev/zero
	} >/lab/boot.img
	chmod 600 /lab/boot.img
	chown root:root /lab/boot.img
	zkz config z2 -f - <<-END
	create -b
	add capped-memory; set physical=64M; end
	add virtual-cpu; set ncpus=1; end
	add device; set storage=file:/lab/boot.img; set bootpri=0; end
	END
	zkz boot z2
	[ "$(stat -c %U:%a /lab/boot.img)" = root:600 ]
	wait_for booted_disk
	zkz halt z2
	zkz config z2 delete -F
}

# What is wrong is said, with a remedy, and nothing is left of the try.
bad_starts_leave_nothing() {
	zkz config z1 'add device; set storage=file:/no/such.img; end'
	refused STORAGE_MISSING boot z1
	zkz config z1 'remove device; select anet 0; set lower-link=nobr0; end'
	refused NETWORK_LINK boot z1
	zkz config z1 'select anet 0; set lower-link=eth0; end'
	refused NETWORK_NO_BRIDGE boot z1
	zkz config z1 'select anet 0; set lower-link=br0; end; select capped-memory; set physical=1T; end'
	refused MEMORY_SMALL boot z1
	zkz config z1 'select capped-memory; set physical=192M; end; set kernel=/no/such/kernel'
	refused STORAGE_MISSING boot z1
	zkz config z1 'set kernel=/etc/hostname'
	refused QEMU_START boot z1
	zkz config z1 "set kernel=/run/guest-kernel"
	nothing_left
}

owner() {
	echo "{\"epoch\":${2:-7},\"owner\":\"$1\",\"migration\":\"\",\"peer\":\"b\"}" >/var/lib/zkz/zones/z1/owner
}

# The module that is installed takes the place of the one that is loaded, when no zone is on it.
module_is_exchanged() {
	local updates

	updates=/lib/modules/$(uname -r)/updates
	mkdir -p "$updates"
	cp "$KO" "$updates/zkz.ko"
	# Of this module alone: to read all of them takes an emulated host minutes.
	depmod "$(uname -r)" "$updates/zkz.ko" || fail "depmod"
	run
	zkz upgrade --module | grep -q 'is the one that is installed' || fail "another one is loaded"
	refused MODULE_HAS_ZONES upgrade --module -f
	zkz halt z1 || fail "z1 does not halt"
	zkz upgrade --module -f || fail "the module was not exchanged"
	[ -d /sys/module/zkz ] || fail "no module is loaded"
	run
}

foreign_zone_is_refused() {
	owner elsewhere
	is configured
	refused ZONE_ELSEWHERE boot z1
	owner incoming
	refused ZONE_INCOMING boot z1
	owner here
	is installed
}

# A migration that ends in doubt: a hold on the keeper that is lost while the guest is stopped.
lose_hold() {
	/usr/bin/python3 - "$1" <<-'END'
		import json, socket, sys
		def talk(path, *requests):
		    s = socket.socket(socket.AF_UNIX)
		    s.settimeout(30)
		    s.connect("/run/zkz/zones/z1/" + path)
		    f = s.makefile("rw")
		    for r in requests:
		        f.write(json.dumps(r) + "\n")
		    f.flush()
		    answers = 0
		    while answers < len(requests):
		        line = f.readline()
		        assert line and '"error"' not in line, line
		        answers += '"return"' in line or '"result"' in line
		    return s, f
		hold = talk("keeper.sock", {"op": "guard", "side": "source"})
		talk("qmp.sock", {"execute": "qmp_capabilities"}, {"execute": "stop"})
		with open("/var/lib/zkz/zones/z1/owner", "w") as f:
		    json.dump({"epoch": 7, "owner": sys.argv[1], "migration": "", "peer": "b"}, f)
	END
}

in_doubt() {
	zkz list -cs | grep -q 'z1 .* in-doubt'
}

# Whatever the owner file says, and whenever: the keeper brings the zone there.
doubt_is_followed() {
	up
	lose_hold in-doubt
	wait_for in_doubt
	refused ZONE_IN_DOUBT reboot z1
	refused ZONE_IN_DOUBT shutdown z1
	ping_guest && fail "the guest runs"
	owner here
	wait_for ping_guest
	is running
	lose_hold elsewhere
	wait_for is configured
	nothing_left
	owner here
}

damaged_owner_is_refused() {
	echo '{"epoch":' >/var/lib/zkz/zones/z1/owner
	is unavailable
	refused ZONE_OWNER_DAMAGED boot z1
	owner here
}

others_may_look_only() {
	usermod -a -G zkz nobody
	[ "$(stat -c %a:%U:%G /etc/zkz/zones/z1.cfg)" = 640:root:zkz ]
	stop_daemon
	# As an older zkz has left it.
	chmod 644 /etc/zkz/zones/z1.cfg
	chgrp root /etc/zkz/zones/z1.cfg
	start_daemon
	[ "$(stat -c %a:%U:%G /etc/zkz/zones/z1.cfg)" = 640:root:zkz ]
	runuser -u nobody -- zkz list -c | grep -qx z1
	(runuser -u nobody -- zkz --json boot z1 || true) | grep -q '"code":"DENIED_RIGHT"'
	runuser -u nobody -- zkz config z1 export | grep -q '^create -b'
	(runuser -u nobody -- zkz --json config z1 'set autoboot=true' || true) | grep -q '"code":"DENIED_RIGHT"'
	(runuser -u nobody -- zkz --json config z1 'delete -F' || true) | grep -q '"code":"DENIED_RIGHT"'
}

delete_forgets() {
	zkz config z1 delete -F
	[ -z "$(state)" ]
	grep -q '"owner":"none"' /var/lib/zkz/zones/z1/owner
	refused ZONE_NOT_FOUND status z1
}

epoch() {
	zkz --json status z1 | sed -n 's/.*"epoch": *\([0-9]*\).*/\1/p'
}

# Other hosts may have seen the zone, and must not take what is made anew for what was before.
epoch_outlives_delete() {
	local before now

	zkz config z1 -f "$WORK/z1.cfg"
	owner here 41
	zkz config z1 delete -F
	zkz config z1 -f "$WORK/z1.cfg"
	[ "$(epoch)" = 1041 ] || fail "the epoch was 41, and is $(epoch)"
	# Nobody can tell what it was.
	echo '{"epoch":' >/var/lib/zkz/zones/z1/owner
	before=$(date +%s)
	zkz config z1 delete -F
	zkz config z1 -f "$WORK/z1.cfg"
	now=$(epoch)
	[ "$now" -ge "$before" ] || fail "the epoch is $now"
	zkz config z1 delete -F
}

# A case is a subshell that ends at the first command that fails; its output is shown only then.
run_case() {
	local status z

	rm -f "$WORK/skip"
	# In an 'if', or before '||', the shell would ignore failing commands inside; so would it if this function were there.
	(
		set -e
		"$2"
	) >"$WORK/case" 2>&1 </dev/null
	status=$?
	if [ $status -eq 0 ]; then
		echo "ok $1 $2"
		return
	fi
	if [ $status -eq 4 ] && [ -s "$WORK/skip" ]; then
		skipped=$((skipped + 1))
		echo "ok $1 $2 # SKIP $(<"$WORK/skip")"
		return
	fi
	failed=$((failed + 1))
	{
		cat "$WORK/case"
		zkz list -cs
		tail -n 15 /var/log/zkz/z1.messages "$WORK/zkzd.log"
		! is running || ping_guest || "$TREE/selftests/lib/qmp" z1 --look
		# The next case is not to suffer from a guest that hangs, or from a zone that is there already.
		zkz halt z1
		for z in z2 z3; do
			zkz halt "$z"
			zkz config "$z" delete -F
		done
	} 2>&1 | sed 's/^/# /'
	echo "not ok $1 $2"
}

finish() {
	zkz halt z1 >/dev/null 2>&1
	zkz halt z2 >/dev/null 2>&1
	stop_daemon
	# Zones outlive the daemon, and so does what holds their memory and the module.
	umount /run/zkz/mem
	rm -rf "$WORK"
}

trap finish EXIT
echo "TAP version 13"
if [ -z "$KO" ] || ! prepare; then
	echo "1..0 # SKIP needs a lab host and a built tree"
	exit 4
fi
echo "1..${#NAMES[@]}"
failed=0 skipped=0
for ((i = 0; i < ${#NAMES[@]}; i++)); do
	run_case $((i + 1)) "${NAMES[i]}"
done
echo "# Totals: pass:$((${#NAMES[@]} - failed - skipped)) fail:$failed xfail:0 xpass:0 skip:$skipped error:0"
[ $failed -eq 0 ]
