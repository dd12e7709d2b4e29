# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: what changes while a zone runs.

HOT=/lab/hot.img

has_links() {
	[ "$(guest net links)" = "ok links=$1" ]
}

disk_starts() {
	guest disk start dev=/dev/vda
}

no_disk() {
	! disk_starts
}

disk_writes() {
	guest disk stat | grep -q 'writes=[1-9][0-9]'
}

# works: what is written to the guest's first disk is what is read
works() {
	wait_for disk_starts
	wait_for disk_writes
	guest disk verify
	guest disk stop
}

runs_with() {
	zkz config -r z1 export | grep -qx -- "$1"
}

lacks_alive() {
	! runs_with "$1" || fail "z1 has '$1'"
}

# A zone with ports: a disk and an interface come, are used, outlive a reset, and go. What is stored stays.
changed_alive() {
	up
	mkdir -p /lab
	truncate -s 8M $HOT
	chmod 666 $HOT
	refused LIVE_NO_PORTS config -r z1 "add device; set storage=file:$HOT; end"
	zkz halt z1
	refused CONFIG_PORT_NONE config z1 "add device; set storage=file:$HOT; set port=1; end"
	zkz config z1 'set hot-plug=true'
	zkz config z1 export >"$WORK/stored"
	up
	no_disk
	zkz config -r z1 "add device; set storage=file:$HOT; end; add anet; set lower-link=br0; end" | tee "$WORK/said"
	grep -q 'Checking: Adding anet id=1' "$WORK/said"
	grep -q 'Checking: Adding device id=0' "$WORK/said"
	grep -q 'Applying the changes' "$WORK/said"
	works
	wait_for has_links 2
	zkz status z1 | grep -q 'anet 1: zkz'
	zkz config z1 export | cmp - "$WORK/stored"
	runs_with 'set port=1'
	# It is this zone's alone.
	zkz config z2 -f "$WORK/z1.cfg"
	zkz config z2 "add device; set storage=file:$HOT; end"
	refused DISK_IN_USE boot z2
	refused LIVE_BOOT config -r z1 'select virtual-cpu; set ncpus=3; end'
	refused LIVE_OWN config -r z1 'set autoboot=true'
	refused LIVE_NO_NEW config -r z1 'delete -F'
	refused LIVE_BOOT config -r z1 'remove anet 0'
	zkz reboot z1
	wait_for ping_guest
	works
	has_links 2
	# Under another QEMU, which got it in another way.
	zkz upgrade -f z1
	works
	zkz config -r z1 'remove device 0; remove anet 1'
	wait_for no_disk
	wait_for has_links 1
	lacks_alive 'add device'
	[ "$(ip -o link | grep -c 'zkz[0-9]*\.[0-9]')" = 1 ] || fail "its tap is left"
	zkz log z1 | grep -q 'device 0 has gone'
	# Anybody's again.
	zkz config z2 'remove anet 0'
	zkz boot z2
	zkz halt z2
	zkz config z2 delete -F
	# And it comes again, elsewhere or not.
	zkz config -r z1 "add device; set id=3; set storage=file:$HOT; set port=7; end"
	works
	zkz config -r z1 'remove device 3'
	wait_for no_disk
}

# What fails is taken back, with all that was done before it.
links_change_alive() {
	up
	ip link add br9 type bridge
	ip link set br9 up
	zkz config -r z1 'select anet 0; set lower-link=br9; end'
	[ "$(ls /sys/class/net/br9/brif)" ] || fail "it is not at its new bridge"
	ping_guest && fail "the guest is where it was"
	zkz config -r z1 'select anet 0; set lower-link=br0; end'
	wait_for ping_guest
	refused NETWORK_LINK config -r z1 'select anet 0; set lower-link=nobr; end'
	wait_for ping_guest
	lacks_alive 'set lower-link=nobr'
	zkz config -r z1 'select anet 0; set link-protection=mac-nospoof; end'
	hear br0
	says false "02:99:99:99:99:99"
	says end "$(mac_of_guest)" "$ADDR"
	wait_for grep -q ' end$' "$WORK/heard"
	deaf
	! grep false "$WORK/heard" || fail "the guest cheats"
	dropped 1
	zkz config -r z1 'select anet 0; clear link-protection; end'
	hear br0
	says false "02:99:99:99:99:99"
	says end "$(mac_of_guest)" "$ADDR"
	wait_for grep -q ' end$' "$WORK/heard"
	deaf
	grep false "$WORK/heard" || fail "the guest is protected still"
	refused STORAGE_MISSING config -r z1 "select anet 0; set lower-link=br9; end; add device; set storage=file:$HOT; end;
		add device; set storage=file:/no/such.img; end"
	wait_for ping_guest
	no_disk
	lacks_alive 'add device'
	ip link del br9
	refused LIVE_OWN config -r z1 "add attr; set name=a; set value=b; end"
}

# What is stored: the way to change a zone now and for good.
applied() {
	up
	zkz apply z1 | grep 'Nothing is to be applied'
	zkz config z1 "add device; set storage=file:$HOT; end; select virtual-cpu; set ncpus=1; end" 2>&1 | tee "$WORK/said"
	grep -q 'zkz apply z1' "$WORK/said"
	zkz apply -n z1 | tee "$WORK/said"
	grep -q 'Waits for a boot: virtual-cpu: ncpus: 2 running, 1 wanted' "$WORK/said"
	grep -q '1 change can be applied' "$WORK/said"
	no_disk
	zkz apply z1 2>&1 | tee "$WORK/said"
	grep -q '1 change applied' "$WORK/said"
	grep -q 'booted again: virtual-cpu: ncpus: 2 running, 1 configured' "$WORK/said"
	works
	# Where it is now, it will be found.
	zkz config z1 export | grep -qx 'set port=0'
	zkz halt z1
	up
	works
	runs_with 'set port=0'
	zkz config z1 'remove device 0'
	zkz apply z1
	wait_for no_disk
	zkz config z1 'set hot-plug=false; select virtual-cpu; set ncpus=2; end'
	zkz halt z1
}

available() {
	guest uptime | sed -n 's/.*available=\([0-9]*\).*/\1/p'
}

less_than() {
	[ "$(available)" -lt "$1" ]
}

more_than() {
	[ "$(available)" -gt "$1" ]
}

# The guest gives memory, gets it back, and has as much as is said when it boots.
memory_changes_alive() {
	local before

	up
	before=$(available)
	zkz config -r z1 'select capped-memory; set current=140M; end' | tee "$WORK/said"
	grep -q 'Checking: Modifying capped-memory current=140M' "$WORK/said"
	less_than $((before - (40 << 20))) || fail "the guest has $(available) of $before bytes"
	guest ping
	zkz config -r z1 'select capped-memory; clear current; end'
	more_than $((before - (20 << 20))) || fail "the guest has $(available) of $before bytes"
	refused CONFIG_MEMORY_CURRENT config z1 'select capped-memory; set current=1G; end'
	zkz config z1 'select capped-memory; set current=140M; end' 2>&1 | grep -q 'zkz apply z1'
	zkz halt z1
	up
	wait_for less_than $((before - (40 << 20)))
	zkz config z1 'select capped-memory; clear current; end'
	zkz apply z1
	more_than $((before - (20 << 20)))
}

# One that has no system, and so never lets go: it keeps what it has until it is reset.
kept_by_the_guest() {
	zkz config z2 -f - <<-END
	create -b
	set hot-plug=true
	add capped-memory; set physical=96M; end
	add virtual-cpu; set ncpus=1; end
	add device; set storage=file:/lab/hot0.img; set bootpri=0; end
	add device; set storage=file:$HOT; set port=auto; end
	END
	cp $HOT /lab/hot0.img
	zkz boot z2
	zkz config -r z2 'select capped-memory; set current=64M; end' 2>&1 | grep 'partially.*requested: 64M, final: 96M'
	refused LIVE_KEPT config -r z2 'remove device 1'
	zkz config -r z2 export | grep -qx "set storage=file:$HOT"
	zkz reboot z2
	wait_for gone_from_z2
	zkz halt z2
	zkz config z2 delete -F
}

gone_from_z2() {
	zkz log z2 | grep 'device 1 has gone' && ! zkz config -r z2 export | grep "$HOT"
}
