# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The configuration of a zone that moves: what was changed last is what it has, wherever it comes.

# has HOST TEXT / lacks HOST TEXT: the configuration of z1 there
has() {
	on "$1" zkz config z1 export | grep -Fqx -- "$2" || fail "the configuration of host $1 does not say '$2'"
}

lacks() {
	! on "$1" zkz config z1 export | grep -Fqx -- "$2" || fail "the configuration of host $1 says '$2'"
}

# machine HOST NCPUS: what z1's QEMU is built of there
machine() {
	local ncpus

	ncpus=$(on "$1" zkz config z1 'export -r' | sed -n 's/^set ncpus=//p')
	[ "$ncpus" = "$2" ] || fail "QEMU on host $1 has $ncpus processors by its configuration"
	[ "$(onhost "$1" qmp z1 query-cpus-fast | grep -o cpu-index | wc -l)" = "$2" ] || fail "QEMU on host $1 has others"
}

# Another machine is configured than the one that runs: it moves as it is, back as well, and is the other one when it
# is booted.
another_machine_waits() {
	z1_single_on a
	machine a 1
	on a zkz config z1 'select virtual-cpu; set ncpus=2; end; remove anet 0' >"$WORK/out" 2>&1
	grep -q 'booted again.*ncpus: 1 running, 2 configured; anet 0: only running' "$WORK/out"
	migrate a b z1
	runs_on b a z1
	machine b 1
	has b 'set ncpus=2'
	lacks b 'add anet'
	on b zkz upgrade -f z1
	runs_on b a z1
	machine b 1
	on b zkz reboot z1
	migrate b a z1
	wait_for 300 guest ping
	machine a 1
	on a zkz halt z1
	on a zkz boot z1
	machine a 2
	zone_remove z1
}

# A zone that runs is changed in what its machine is not built by: it moves, and takes that along.
changed_while_it_runs() {
	z1_single_on a
	on a zkz config z1 'set autoboot=true; add attr; set name=note; set value=a; end' >"$WORK/out" 2>&1
	cat "$WORK/out"
	! grep -q 'booted again' "$WORK/out" || fail "it takes effect at once"
	on a zkz config z1 'set initrd=/lab/none' >"$WORK/out" 2>&1
	grep -q 'booted again.*initrd' "$WORK/out"
	on a zkz config z1 "set initrd=$TOP/build/guest/initrd"
	on b ip link set br0 mtu 1280
	migrate a b z1 2>&1 | tee "$WORK/out"
	on b ip link set br0 mtu 1500
	grep -q 'anet 0: MTU 1280 on the target, 1500 on the source' "$WORK/out"
	runs_on b a z1
	has b 'set autoboot=true'
	has b 'set name=note'
}

# Host a has the configuration of the case before. It gets that of host b, but for what is its own affair, and has
# its own again if the zone does not come.
newer_comes_back() {
	[ "$(zone_state b z1)" = running ] && on b zkz config z1 export | grep -Fqx 'set name=note' || changed_while_it_runs
	on b zkz config z1 'set hybrid=false; set autoboot=false; remove attr note'
	on a zkz config z1 export >"$WORK/before"
	migrate b a z1 -n | tee "$WORK/out"
	grep -q 'autoboot: true there, false here; hybrid: not set there, false here; attr note: only there' "$WORK/out"
	on a zkz config z1 export >"$WORK/after"
	cmp "$WORK/before" "$WORK/after"
	onhost a nothing
	migrate b a z1 -q --mode precopy
	runs_on a b z1
	has a 'set autoboot=false'
	has a 'set hybrid=false'
	lacks a 'set name=note'
	on a zkz migrate -n --mode hybrid z1 ssh://root@b >"$WORK/out" 2>&1 && fail "hybrid, which the zone forbids"
	grep -q 'forbids hybrid' "$WORK/out"
	[ "$(on a stat -c %a:%U:%G /etc/zkz/zones/z1.cfg)" = 640:root:zkz ]
	on a sh -c '! ls /var/lib/zkz/zones/z1 | grep before' || fail "a copy of the configuration is left"
}

machine_type_of() {
	on "$1" zkz status z1 | sed -n 's/^ *machine type: //p'
}

# What a zone was booted with it has on every host, whatever its configuration says by now.
own_machine_type() {
	zone_remove z1
	zone_make a z1 256M 1 "$DISK"
	on a zkz config z1 'set machine-type=pc-q35-99.9'
	on a zkz boot z1 >"$WORK/out" 2>&1 && fail "no QEMU has that machine type"
	cat "$WORK/out"
	grep -q 'has no machine type pc-q35-99.9' "$WORK/out"
	on a zkz config z1 'set machine-type=pc-q35-7.1'
	zone_boot a z1
	[ "$(machine_type_of a)" = pc-q35-7.1 ] || fail "booted with '$(machine_type_of a)'"
	on a zkz config z1 'clear machine-type'
	migrate a b z1 -q
	runs_on b a z1
	[ "$(machine_type_of b)" = pc-q35-7.1 ] || fail "arrived as '$(machine_type_of b)'"
	zone_remove z1
	z1_on a
	[ "$(machine_type_of a)" = pc-q35-7.2 ] || fail "booted again with '$(machine_type_of a)'"
}

turn_case "another machine is configured, and waits" another_machine_waits
turn_case "changed while it runs" changed_while_it_runs
turn_case "the newer configuration comes back" newer_comes_back
turn_case "a machine type of its own" own_machine_type

# protected HOST: its bridge gets packets of z1's own address, and none of another one
protected() {
	local mac

	mac=$(on "$1" zkz config z1 'info anet' | sed -n 's/.*mac-address: //p')
	on "$1" sh -c "rm -f /tmp/heard; setsid $TOP/selftests/zone/frames hear br0 /tmp/heard >/dev/null 2>&1 & echo \$! >/tmp/hear.pid"
	wait_for 60 on "$1" grep -q listening /tmp/heard
	guest net send "hex=$("$TOP/selftests/zone/frames" make false "$mac" 192.0.2.1)"
	guest net send "hex=$("$TOP/selftests/zone/frames" make end "$mac" "$GUEST_ADDR")"
	wait_for 60 on "$1" grep -q ' end$' /tmp/heard
	on "$1" sh -c '! grep false /tmp/heard; kill $(cat /tmp/hear.pid)'
}

# What is the machine's goes along, also through a reset there; what is the host's is found again on the way back.
sized_and_placed() {
	local uuid boot status=0 note=/var/lib/zkz/zones/z1/incomplete

	zone_remove z1
	zone_make a z1 256M 1 "$DISK"
	on a zkz config z1 'add admin; set user=nobody; set auths=login,manage; end; select device 0; set create-size=1G; end'
	on a zkz config z1 'set uuid=auto; add dedicated-cpu; set cpus=0; end; select anet 0; set mtu=1400; end'
	on a zkz config z1 "select anet 0; set link-protection=mac-nospoof,ip-nospoof; set allowed-address=$GUEST_ADDR; end"
	zone_boot a z1
	protected a
	uuid=$(on a zkz list -p -o uuid z1)
	[ "${#uuid}" = 36 ]
	# Disks that somebody makes there by that name are not overrun.
	on b sh -c "mkdir -p ${note%/*} && echo '[]' >$note"
	migrate a b z1 >"$WORK/incomplete" 2>&1 || status=$?
	grep -q 'Zone z1 is incomplete' "$WORK/incomplete" || fail "status $status: $(cat "$WORK/incomplete")"
	on b rm "$note"
	runs_on a b z1
	migrate a b z1
	runs_on b a z1
	protected b
	[ "$(on b zkz list -p -o uuid z1)" = "$uuid" ]
	on b zkz config z1 export | grep 'set auths="login,manage"'
	on b zkz config z1 export | grep 'set create-size=1G'
	[ "$(guest net mtu)" = "ok mtu=1400" ]
	if on b zkz config z1 export | grep dedicated-cpu; then
		fail "host b has the processors of host a"
	fi
	boot=$(guest_boot)
	on b zkz reboot z1
	wait_for 300 booted_anew "$boot"
	[ "$(guest net mtu)" = "ok mtu=1400" ]
	migrate b a z1
	runs_on a b z1
	[ "$(guest net mtu)" = "ok mtu=1400" ]
	on a zkz config z1 export | grep 'set cpus=0'
	zone_remove z1
}

turn_case "size of packets, identity, processors and protection: a to b, boot there, and back" sized_and_placed

# tagged HOST: z1 is in the VLANs there that it is configured for; another QEMU has another link
tagged() {
	on "$1" sh -c 'bridge vlan show dev "$(basename /sys/class/net/br0/brif/zkz*)"' | tee "$WORK/vlans"
	grep -q '[^0-9]1 PVID Egress Untagged' "$WORK/vlans" && grep -Eq '[^0-9]20$' "$WORK/vlans" || fail "VLANs on host $1"
}

writes_fail() {
	guest disk stat | grep -q 'writes=0 .*errors=[1-9]'
}

# only_reads HOST: its guest cannot write to its second disk, and has a CD
only_reads() {
	guest disk start dev=/dev/vdb
	wait_for 120 writes_fail
	guest disk stop
	onhost "$1" qmp z1 query-block >"$WORK/said"
	grep -q '"removable": *true' "$WORK/said" && [ "$(grep -o '"ro": *true' "$WORK/said" | wc -l)" = 2 ] ||
		fail "$(cat "$WORK/said")"
}

# What a guest only reads, the VLANs of its link and what it must not send: in another QEMU as on another host.
read_only_and_tagged() {
	local shared boot h

	shared=$(lab shared)
	"$TOP/selftests/zone/bootcd" "$shared/os.iso"
	truncate -s 4M "$shared/ro.img"
	zone_remove z1
	zone_make a z1 256M 1 "$DISK"
	on a zkz config z1 "add device; set storage=file:/shared/ro.img; set read-only=true; end"
	on a zkz config z1 "add device; set storage=file:/shared/os.iso; set cdrom=true; end"
	on a zkz config z1 'select anet 0; set vlan-id=1; set allowed-vlan-ids=20; set link-protection=mac-nospoof; end'
	on a ip link set br0 type bridge vlan_filtering 1
	zone_boot a z1
	only_reads a
	tagged a
	migrate a b z1 >"$WORK/out" 2>&1 && fail "it moved to a bridge without VLANs"
	grep -q VLAN "$WORK/out" || fail "$(cat "$WORK/out")"
	runs_on a b z1
	on b ip link set br0 type bridge vlan_filtering 1
	migrate a b z1
	runs_on b a z1
	only_reads b
	tagged b
	boot=$(guest_boot)
	on b zkz reboot z1
	wait_for 300 booted_anew "$boot"
	on b zkz upgrade -f z1
	runs_on b a z1
	only_reads b
	tagged b
	on b zkz status z1 | tee "$WORK/out"
	grep -q 'packets of the guest dropped' "$WORK/out"
	migrate b a z1
	runs_on a b z1
	only_reads a
	tagged a
	zone_remove z1
	for h in a b; do
		on $h ip link set br0 type bridge vlan_filtering 0
	done
}

turn_case "read-only disk, CD drive and VLANs: a to b, boot there, upgrade, and back" read_only_and_tagged

# has_hot HOST: z1's guest has a second disk and a second interface, and both work
has_hot() {
	guest disk verify
	[ "$(guest net links)" = "ok links=2" ] || fail "$(guest net links)"
	on "$1" zkz config -r z1 export | grep -qx 'set port=0' && on "$1" zkz config -r z1 export | grep -qx 'set port=1'
}

one_link() {
	[ "$(guest net links)" = "ok links=1" ]
}

# What has come while the guest ran goes along, and goes on the other host; what comes there goes along, too.
changed_alive() {
	local shared boot

	shared=$(lab shared)
	truncate -s 8M "$shared/hot.img" "$shared/hot2.img"
	chmod 666 "$shared/hot.img" "$shared/hot2.img"
	zone_remove z1
	zone_make a z1 256M 1 "$DISK"
	on a zkz config z1 'set hot-plug=true'
	zone_boot a z1
	on a zkz config -r z1 "add device; set storage=file:/shared/hot.img; end; add anet; set lower-link=br0; end"
	wait_for 120 guest disk start dev=/dev/vdb rate=1M
	on a zkz config -r z1 'select capped-memory; set current=192M; end'
	has_hot a
	migrate a b z1
	runs_on b a z1
	has_hot b
	onhost b qmp z1 query-balloon | grep -q $((192 << 20)) || fail "$(onhost b qmp z1 query-balloon)"
	on b zkz config -r z1 'select capped-memory; clear current; end'
	onhost b qmp z1 query-balloon | grep -q $((256 << 20)) || fail "$(onhost b qmp z1 query-balloon)"
	lacks b 'set storage=file:/shared/hot.img'
	boot=$(guest_boot)
	guest disk stop
	on b zkz reboot z1
	wait_for 300 booted_anew "$boot"
	guest disk start dev=/dev/vdb rate=1M
	has_hot b
	on b zkz upgrade -f z1
	runs_on b a z1
	has_hot b
	guest disk stop
	on b zkz config -r z1 'remove device 1; remove anet 1'
	wait_for 120 one_link
	on b zkz config -r z1 "add device; set id=7; set storage=file:/shared/hot2.img; set port=6; end"
	wait_for 120 guest disk start dev=/dev/vdb rate=1M
	migrate b a z1 --mode hybrid
	runs_on a b z1
	guest disk verify
	guest disk stop
	# Nobody else holds it.
	on a zkz config -r z1 'remove device 7'
	on a zkz config z1 "add device; set storage=file:/shared/hot.img; end"
	on a zkz apply z1
	wait_for 120 guest disk start dev=/dev/vdb rate=1M
	migrate a b z1
	runs_on b a z1
	guest disk verify
	has b 'set port=0'
	on b zkz halt z1
	zone_boot b z1
	guest disk start dev=/dev/vdb rate=1M
	guest disk verify
	zone_remove z1
}

turn_case "disks and interfaces that came alive: a to b, boot there, upgrade, and back" changed_alive
