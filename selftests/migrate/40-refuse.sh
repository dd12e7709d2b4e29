# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What cannot be migrated is refused with the reason, and nothing happens.

# declined PATTERN OPTION-OR-ARGUMENT...: a migration of z1 from a to b that must not begin
declined() {
	local status=0

	on a zkz migrate "${@:2}" >"$WORK/out" 2>&1 || status=$?
	cat "$WORK/out"
	[ $status -eq 1 ] || fail "exit status $status"
	grep -Eqi -- "$1" "$WORK/out"
}

# refused PATTERN OPTION-OR-ARGUMENT...: the same, and nothing is left of it
refused() {
	declined "$@"
	onhost b nothing
}

# refused_alike PATTERN: the dry run knows it as well
refused_alike() {
	refused "$1" -n z1 ssh://root@b
	refused "$1" z1 ssh://root@b
}

# configure_b MEMORY NCPUS DISK-URI [LOWER-LINK]: another zone z1 there, until the case ends. An earlier move may have
# left the zone's own configuration.
configure_b() {
	z1_single_on a
	b_forgets
	trap b_forgets EXIT
	zone_text "$@" | on -i b zkz config z1 -f -
}

b_forgets() {
	on b zkz config z1 delete -F >/dev/null 2>&1 || true
}

other_configuration() {
	configure_b 128M 2 "$DISK"
	refused 'physical: 128M on the target, 256M on the source; virtual-cpu: ncpus: 2 on the target, 1 on the source' z1 ssh://root@b
	on b zkz config z1 info capped-memory | grep -q 128M || fail "the configuration of host b was changed"
	runs_on a b z1
}

unknown_bridge() {
	configure_b 256M 1 "$DISK" brx
	refused 'brx' z1 ssh://root@b
	runs_on a b z1
}

# QEMU would notice that when all memory has been sent and the guest is stopped.
other_firmware() {
	local bios=/usr/share/seabios/bios-256k.bin

	z1_on a
	# shellcheck disable=SC2064 # the name is local, and gone when a failure ends the shell
	trap "on b cp /run/bios $bios" EXIT
	on b sh -c "cp $bios /run/bios && (head -c 262144 /dev/zero; cat /run/bios) >$bios"
	refused_alike 'pc.bios has 512 KiB on the target, 256 KiB on the source'
	runs_on a b z1
}

# A host whose CPU has less, as far as its QEMU is concerned.
lesser_cpu() {
	local qemu=/usr/local/bin/qemu-system-x86_64

	z1_on a
	# shellcheck disable=SC2064 # as above
	trap "on b rm $qemu" EXIT
	# Without a machine there is no CPU either: QEMU is asked so what it can do.
	on b sh -c "printf '#!/bin/sh\ncase \"\$*\" in *\"-machine none\"*) set -- \"\$@\" ;; *) set -- \"\$@\" -cpu %s ;; esac
		exec /usr/bin/qemu-system-x86_64 \"\$@\"\n' \
		host,host-phys-bits=off,phys-bits=36,aes=off >$qemu && chmod 755 $qemu"
	refused_alike 'lacks 1 of the features .*: aes; .* of 36 bits .* of 40'
	runs_on a b z1
}

# Memory of the host itself; what was promised to other zones is counted alike.
# Nor do zones that run there suffer.
little_memory() {
	local dry

	z1_on a
	zone_text 64M 1 "$DISK" | sed '/^add anet/,/^end/d; /^add device/,/^end/d' | on -i b zkz config z5 -f -
	on b zkz boot z5
	trap 'on b umount /run/full; onhost b remove z5' EXIT
	# shellcheck disable=SC2016 # expanded there
	on b sh -c 'mkdir -p /run/full && mount -t tmpfs -o size=100% tmpfs /run/full &&
		fallocate -l "$(($(sed -n "s/^MemAvailable: *\([0-9]*\) kB/\1/p" /proc/meminfo) - 180000))K" /run/full/full'
	for dry in -n ''; do
		declined 'needs 256 MiB of memory' $dry z1 ssh://root@b
		[ "$(zone_state b z5)" = running ] || fail "zone z5 of the target does not run any more"
		[[ $(zone_state b z1) =~ ^(configured|)$ ]] || fail "something of z1 is left"
	done
	trap - EXIT
	on b umount /run/full
	onhost b remove z5
	runs_on a b z1
}

# Only root may receive; what the target's zkzd says has to arrive.
other_user() {
	z1_on a
	on b sh -c '
		id tester || useradd -m -p "*" tester
		cp -r /root/.ssh /home/tester/
		chown -R tester /home/tester'
	refused 'Migrate to the root user' -n z1 ssh://tester@b
	runs_on a b z1
}

local_storage() {
	on a sh -c 'truncate -s 16M /lab/local.img && chmod 666 /lab/local.img'
	# A guest has to run, and need not do anything; it has the address of z1's, so that one has to go.
	zone_remove z1
	zone_make a z2 64M 1 file:/lab/local.img
	on a zkz boot z2
	refused 'local' z2 ssh://root@b
	[ "$(zone_state a z2)" = running ]
	on a zkz halt z2
	on a zkz config z2 delete -F
}

# squashed NAME SIZE: a file on the share whose server takes root for nobody; it is QEMU's, in a folder of QEMU's
squashed() {
	local dir

	dir=$(dirname "$(lab shared)")/squashed
	mkdir -p "$dir/own"
	qemu-img create -q -f "$DISK_FORMAT" "$dir/own/$1" "$2"
	chmod 700 "$dir/own"
	chmod 600 "$dir/own/$1"
	chown -R "$(on a id -u zkz-qemu):$(on a id -g zkz-qemu)" "$dir/own"
	echo "$dir/own/$1"
}

# Only QEMU's user may open it: not root, and not that user of a host where it has another number. Nothing is given
# to anybody, whether the move begins or not.
other_owner() {
	local img owner

	img=$(squashed owned.img 16M)
	owner=$(stat -c '%u %g %a' "$img")
	zone_remove z1
	zone_make a z2 256M 1 file:/squashed/own/owned.img
	zone_boot a z2
	guest disk start size=8M rate=1M
	onhost b renumber 23456
	refused 'may not read' -n z2 ssh://root@b
	refused 'may not read' z2 ssh://root@b
	onhost b renumber "${owner%% *}"
	guest disk verify
	guest disk stop
	migrate a b z2 -c none
	runs_on b a z2
	[ "$(stat -c '%u %g %a' "$img")" = "$owner" ] || fail "owner or mode of the file were changed"
	zone_remove z2
}

# What root may open stays root's, too.
owner_stays() {
	local img owner qemu_lock

	img=$(lab shared)/roots.img
	qemu-img create -q -f "$DISK_FORMAT" "$img" 16M
	chmod 600 "$img"
	owner=$(stat -c '%u %g %a %Z' "$img")
	zone_remove z1
	zone_make a z2 256M 1 file:/shared/roots.img
	zone_boot a z2
	# QEMU's lock of the image, which the target may only take when the source has let it go.
	qemu_lock=$(qemu-io -f "$DISK_FORMAT" -c quit "$img" 2>&1) && fail "the image is not locked: $qemu_lock"
	guest disk start size=8M rate=1M
	migrate a b z2 -c none
	runs_on b a z2
	guest disk verify
	guest disk stop
	migrate b a z2 -c none
	runs_on a b z2
	[ "$(stat -c '%u %g %a' "$img")" = "${owner% *}" ] || fail "owner or mode of the file were changed"
	zone_remove z2
}

owner_stays_qcow2() {
	local DISK_FORMAT=qcow2

	owner_stays
}

# serve HOST NAME PORT CLIENTS FILE [ADDRESS]: an NBD server; HOST is "" for this machine
serve() {
	local run=(on "$1")

	[ -n "$1" ] || run=(lab ns)
	# shellcheck disable=SC2016
	"${run[@]}" sh -c 'setsid qemu-nbd -f raw -x "$0" -p "$1" -t -e "$2" --cache=none ${4:+-b "$4"} "$3" >/dev/null 2>&1 </dev/null & echo $!' \
		"${@:2}" >"$WORK/serve"
	wait_for 30 "${run[@]}" bash -c "</dev/tcp/127.0.0.1/$3" >/dev/null
}

serve_end() {
	local run=(on "$1")

	[ -n "$1" ] || run=(lab ns)
	"${run[@]}" kill "$2"
}

# One URI, two disks. The name leads every host to itself; host a is told otherwise, so that nothing looks local.
other_disk() {
	local here there size img=$(mktemp "${TMPDIR:-/tmp}/zkz-other.XXXXXX")

	truncate -s 16M "$img"
	on b truncate -s 16M /lab/other.img
	serve '' other 10890 0 "$img" && here=$(cat "$WORK/serve")
	serve b other 10890 0 /lab/other.img && there=$(cat "$WORK/serve")
	on a sh -c 'grep -q disks.lab /etc/hosts || echo 10.77.0.1 disks.lab >>/etc/hosts'
	on b sh -c 'grep -q disks.lab /etc/hosts || echo 127.0.0.1 disks.lab >>/etc/hosts'
	zone_remove z1
	zone_make a z2 256M 1 nbd://disks.lab:10890/other
	zone_boot a z2
	guest disk start size=14M rate=4M
	guest disk verify
	refused 'other contents' -n z2 ssh://root@b
	refused 'other contents' z2 ssh://root@b
	runs_on a b z2
	serve_end b "$there"
	on b truncate -s 15M /lab/other.img
	serve b other 10890 0 /lab/other.img && there=$(cat "$WORK/serve")
	refused '16777216 bytes on this host and 15728640' -n z2 ssh://root@b
	# The same disk is the same, whatever the guest writes meanwhile.
	on b sed -i 's/127.0.0.1 disks.lab/10.77.0.1 disks.lab/' /etc/hosts
	for size in 1 2 3; do
		on a zkz migrate -n z2 ssh://root@b || fail "dry run $size"
	done
	guest disk stop
	serve_end b "$there"
	zone_remove z2
	serve_end '' "$here"
	rm -f "$img"
}

# Addresses of the host itself.
own_server() {
	local server host

	on a truncate -s 16M /lab/own.img
	serve a own 10891 0 /lab/own.img :: && server=$(cat "$WORK/serve")
	zone_remove z1
	for host in 127.0.0.1 '[::1]' localhost 10.77.0.2 a; do
		zone_make a z2 64M 1 "nbd://$host:10891/own"
		on a zkz boot z2
		refused 'local storage: .* this host itself' z2 ssh://root@b
		zone_remove z2
	done
	on a kill "$server"
}

# The guest has the only place that the server has.
one_client() {
	local server img=$(mktemp "${TMPDIR:-/tmp}/zkz-one.XXXXXX") begin

	truncate -s 16M "$img"
	serve '' one 10892 1 "$img" && server=$(cat "$WORK/serve")
	zone_remove z1
	zone_make a z2 64M 1 nbd://10.77.0.1:10892/one
	on a zkz boot z2
	begin=$SECONDS
	refused 'nbd://10.77.0.1:10892/one does not answer one more client' z2 ssh://root@b
	grep -q 'shared' "$WORK/out"
	[ $((SECONDS - begin)) -lt 40 ] || fail "it took $((SECONDS - begin)) s"
	zone_remove z2
	serve_end '' "$server"
	rm -f "$img"
}

blank_names() {
	local server img=$(mktemp "${TMPDIR:-/tmp}/zkz blank.XXXXXX")

	truncate -s 16M "$img"
	serve '' 'my disk' 10893 0 "$img" && server=$(cat "$WORK/serve")
	zone_remove z1
	zone_make a z2 256M 1 nbd://10.77.0.1:10893/my%20disk
	zone_boot a z2
	migrate a b z2 -c none
	runs_on b a z2
	zone_remove z2
	serve_end '' "$server"
	rm -f "$img"
}

# The target runs another zone on that disk.
disk_in_use() {
	z1_on a
	zone_text 64M 1 "$DISK" | sed '/^add anet/,/^end/d' | on -i b zkz config z5 -f -
	on b zkz boot z5
	status=0
	on a zkz migrate z1 ssh://root@b >"$WORK/out" 2>&1 || status=$?
	cat "$WORK/out"
	[ $status -eq 1 ] && grep -q 'in use by zone z5' "$WORK/out"
	guest ping
	on b zkz halt z5
	on b zkz config z5 delete -F
	runs_on a b z1
}

# within SECONDS COMMAND...: it ends by itself in that time, as the lab's other waits are minutes
within() {
	local end=$((SECONDS + $1))

	"${@:2}"
	[ $SECONDS -le $end ] || fail "it took $((SECONDS - end)) seconds more than $1"
}

same_host() {
	local status=0

	z1_on a
	on a zkz migrate z1 ssh://root@a >"$WORK/out" 2>&1 || status=$?
	cat "$WORK/out"
	[ $status -eq 1 ] || fail "exit status $status"
	grep -q 'is this host' "$WORK/out"
	runs_on a b z1
}

# The connections for memory come from the ports that nothing else uses; ssh stays as it is.
block_b() {
	on b tc qdisc add dev eth0 clsact
	on b tc filter add dev eth0 ingress protocol ip flower ip_proto tcp dst_port 32768-60999 src_port 32768-60999 action drop
}

unblock_b() {
	on b tc qdisc del dev eth0 clsact
}

blocked_port() {
	z1_on a
	trap unblock_b EXIT
	block_b
	within 60 refused 'Cannot connect to .*, port [0-9]+.*timed out' z1 ssh://root@b
	grep -q 'ssh reaches that host' "$WORK/out"
	runs_on a b z1

	onhost a begin z1 ssh://root@b
	onhost a until 'Checking migration compat' 60
	onhost a signal INT
	onhost a end 20 && fail "it was not cancelled"
	onhost b nothing
	trap - EXIT
	unblock_b
}

# What a shell makes of words is its own.
other_shell() {
	z1_on a
	# As root, but for the shell.
	on b sh -c 'cp -p /etc/passwd /run/passwd; cp -p /etc/shadow /run/shadow
		useradd -o -u 0 -g 0 -M -d /root -s "$(command -v tcsh)" -p "*" toor'
	trap 'on b sh -c "mv /run/passwd /etc/passwd; mv /run/shadow /etc/shadow"' EXIT
	[ "$(on a ssh toor@b 'echo $shell')" = "$(on b sh -c 'command -v tcsh')" ]
	on a zkz migrate -n -c none z1 ssh://toor@b
	runs_on a b z1
}

# Hosts know each other by their identity, and not by their names.
same_name() {
	z1_on a
	trap 'on b hostname b' EXIT
	on b hostname a
	migrate a b z1 -c none
	runs_on b a z1
	migrate b a z1 -c none
	runs_on a b z1
}

turn_case "another zone of that name configured on the target" other_configuration
turn_case "firmware of another size on the target" other_firmware
turn_case "lesser CPU at the target" lesser_cpu
turn_case "target short of memory" little_memory
turn_case "bridge missing on the target" unknown_bridge
ktap_case "to the host where it is" same_host
turn_case "root's shell at the target is csh" other_shell
turn_case "two hosts of one name" same_name
turn_case "target's data port blocked: soon over, sooner by Ctrl-C" blocked_port
ktap_case "unknown zone" refused nosuch nosuch ssh://root@b
ktap_case "unknown host" refused nosuch z1 ssh://root@nosuch
turn_case "other user than root at the target" other_user
turn_case "local storage" local_storage
turn_case "only QEMU's user may open a disk, and has another number on the target" other_owner
turn_case "a file of root's stays root's" owner_stays
turn_case "a file of root's stays root's, qcow2" owner_stays_qcow2
turn_case "a disk that is another one on the target" other_disk
turn_case "a disk that this host serves itself" own_server
turn_case "a server that takes one client" one_client
turn_case "an export with a blank in its name" blank_names
turn_case "a disk in use by another zone of the target" disk_in_use
