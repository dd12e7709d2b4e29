# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What cannot be migrated is refused with the reason, and nothing happens.

# refused PATTERN OPTION-OR-ARGUMENT...: a migration of z1 from a to b that must not begin
refused() {
	local status=0

	on a zkz migrate "${@:2}" >"$WORK/out" 2>&1 || status=$?
	cat "$WORK/out"
	[ $status -eq 1 ] || fail "exit status $status"
	grep -Eqi -- "$1" "$WORK/out"
	onhost b nothing
}

# refused_alike PATTERN: the dry run knows it as well
refused_alike() {
	refused "$1" -n z1 ssh://root@b
	refused "$1" z1 ssh://root@b
}

# An earlier move may have left the zone's own configuration on host b.
configure_b() {
	on b zkz config z1 delete -F >/dev/null 2>&1 || true
	zone_text "$@" | on -i b zkz config z1 -f -
}

other_configuration() {
	z1_on a
	configure_b 128M 2 "$DISK"
	refused 'physical: 128M there, 256M here; virtual-cpu: ncpus: 2 there, 1 here' z1 ssh://root@b
	on b zkz config z1 info capped-memory | grep -q 128M || fail "the configuration of host b was changed"
	runs_on a b z1
	on b zkz config z1 delete -F
}

unknown_bridge() {
	z1_on a
	configure_b 256M 1 "$DISK" brx
	refused 'brx' z1 ssh://root@b
	runs_on a b z1
	on b zkz config z1 delete -F
}

# QEMU would notice that when all memory has been sent and the guest is stopped.
other_firmware() {
	local bios=/usr/share/seabios/bios-256k.bin

	z1_on a
	on b sh -c "cp $bios /run/bios && (head -c 262144 /dev/zero; cat /run/bios) >$bios"
	refused_alike 'pc.bios has 512 KiB there, 256 KiB here'
	on b cp /run/bios "$bios"
	runs_on a b z1
}

# A host whose CPU has less, as far as its QEMU is concerned.
lesser_cpu() {
	local qemu=/usr/local/bin/qemu-system-x86_64

	z1_on a
	on b sh -c "printf '#!/bin/sh\nexec /usr/bin/qemu-system-x86_64 \"\$@\" -cpu %s\n' \
		host,host-phys-bits=off,phys-bits=36,aes=off >$qemu && chmod 755 $qemu"
	refused_alike 'lacks 1 feature .*: aes; .* of 36 bits .* of 40'
	on b rm "$qemu"
	runs_on a b z1
}

# Memory of the host itself; what was promised to other zones is counted alike.
little_memory() {
	z1_on a
	# shellcheck disable=SC2016 # expanded there
	on b sh -c 'mkdir -p /run/full && mount -t tmpfs -o size=100% tmpfs /run/full &&
		fallocate -l "$(($(sed -n "s/^MemAvailable: *\([0-9]*\) kB/\1/p" /proc/meminfo) - 180000))K" /run/full/full'
	refused_alike 'needs 256 MiB of memory'
	on b umount /run/full
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

# The file belongs to QEMU's user of host a. That user of host b is another one to the file server: preparing
# the move must not give the file to it.
other_owner() {
	local img owner

	img=$(lab shared)/owned.img
	truncate -s 16M "$img"
	chmod 600 "$img"
	onhost b renumber 23456
	zone_remove z1
	zone_make a z2 256M 1 file:/shared/owned.img
	zone_boot a z2
	owner=$(stat -c %u "$img")
	guest disk start size=8M rate=1M
	refused 'may not read and write' -n z2 ssh://root@b
	[ "$(stat -c %u "$img")" = "$owner" ] || fail "the file was given away"
	guest disk verify
	guest disk stop
	onhost b renumber "$owner"
	migrate a b z2 -c none
	runs_on b a z2
	zone_remove z2
}

ktap_case "another zone of that name configured on the target" other_configuration
ktap_case "firmware of another size on the target" other_firmware
ktap_case "lesser CPU at the target" lesser_cpu
ktap_case "target short of memory" little_memory
ktap_case "bridge missing on the target" unknown_bridge
ktap_case "unknown zone" refused nosuch nosuch ssh://root@b
ktap_case "unknown host" refused nosuch z1 ssh://root@nosuch
ktap_case "other user than root at the target" other_user
ktap_case "local storage" local_storage
ktap_case "QEMU's user has another number on the target" other_owner
