# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A host: a QEMU whose root file system is this machine's, or that of another Debian. What it was started with is kept
# in its folder, so that it can be booted again.

HOST_9P=security_model=none,readonly=on,multidevs=remap
HOST_BOOT_SECONDS=${ZKZ_LAB_BOOT_SECONDS:-240}

host_dir() {
	echo "$LAB_STATE/hosts/$1"
}

host_number() {
	printf '%d' "'$1"
}

host_addr() {
	echo "10.77.0.$(($(host_number "$1") - 95))"
}

host_need() {
	state_need
	[ -d "$(host_dir "$1")" ] || die "lab '$LAB_NAME' has no host '$1'; it has: $(state_hosts | xargs)"
}

# The newest kernel of this machine, or of Debian $1.
host_default_kernel() {
	local kernel

	kernel=$("$LAB_TOP/scripts/kversions" | awk -v debian="${1:-}" \
		'debian ? $3 == debian : $4 == "/" { kernel = $1 } END { print kernel }')
	[ -n "$kernel" ] || die "no kernel${1:+ of Debian $1} is installed; run 'make roots'"
	echo "$kernel"
}

# The name of kernel $1, or of that of Debian $2.
host_kernel_name() {
	if [ -z "$1" ]; then
		host_default_kernel "$2"
	else
		"$LAB_TOP/scripts/kversions" --name "${2:+$2-}$1"
	fi
}

# The folder that is laid over the root of a host of Debian $2, so that it has QEMU $1; nothing for the Debian's own.
host_layer() {
	local layer version

	[ -n "$1" ] || return 0
	layer=$("$LAB_TOP/scripts/debian" qemu "$2") || exit 1
	version=$(cat "$layer/.version")
	[[ $version. == "$1".* ]] ||
		die "Debian $2 has QEMU $version in its backports, not '$1'"
	echo "$layer"
}

# host_define HOST KERNEL DEBIAN QEMU SMP MEM CPU PARAMETERS
host_define() {
	local dir kernel debian layer

	dir=$(host_dir "$1")
	[ -z "$3" ] || "$LAB_TOP/scripts/debian" path "$3" >/dev/null || exit 1
	kernel=$(host_kernel_name "$2" "$3") || exit 1
	debian=$("$LAB_TOP/scripts/kversions" --debian "$kernel") || exit 1
	layer=$(host_layer "$4" "$debian") || exit 1
	[[ $5 =~ ^[0-9]+$ ]] || usage_error "up: --smp '$5' is not a number"
	[[ $6 =~ ^[0-9]+$ ]] || usage_error "up: --mem '$6' is not a number of MiB"
	mkdir "$dir"
	state_set "$1" kernel "$kernel"
	state_set "$1" debian "$debian"
	state_set "$1" release "$("$LAB_TOP/scripts/kversions" "$kernel")"
	state_set "$1" root "$("$LAB_TOP/scripts/kversions" --root "$kernel")"
	state_set "$1" layer "$layer"
	state_set "$1" smp "$5"
	state_set "$1" mem "$6"
	state_set "$1" cpu "$7"
	state_set "$1" append "$8"
	truncate -s 256M "$dir/disk"
	mkfs.ext4 -q -F -E lazy_itable_init=1,nodiscard "$dir/disk"
	network_add_tap "$1"
}

# Where what is installed on host $1 comes from: folder $2, which has stage and kmod-KERNEL as build/ does, or build/.
host_built() {
	local folder=$LAB_TOP/build

	if [ -n "$2" ]; then
		folder=$(readlink -e "$2") || die "there is no folder '$2'; 'scripts/previous' makes build/previous"
	fi
	state_set "$1" built "$folder"
}

# The kernel's command line: every report of trouble ends the host, with limits that suit a slow machine. One
# processor boots; host-init.sh wakes the others. An emulated host is told how fast its time goes, and gives
# programs the same addresses each time: an emulator that keeps what it has translated by address translates
# each program once, and a command takes less than half of the time.
host_cmdline() {
	local hosts

	hosts=$(state_hosts | xargs | tr ' ' ,)
	echo "console=ttyS0 loglevel=7 panic=-1 oops=panic panic_on_warn=1 watchdog_thresh=30 softlockup_panic=1" \
		"nowatchdog=0 rcupdate.rcu_cpu_stall_timeout=120 tsc=reliable${3:+ tsc_early_khz=$3 norandmaps} maxcpus=1" \
		"cryptomgr.notests" \
		"lab.host=$1 lab.hosts=$hosts lab.tree=$LAB_TOP lab.kvm=$2 $(state_get "$1" append)"
}

# Prints the path of the kernel of release $1 in root $2, unpacked, which boots faster.
host_kernel() {
	local image=${2%/}/boot/vmlinuz-$1 out=$LAB_BUILD/kernel-$1

	mkdir -p "$LAB_BUILD"
	(
		flock 9
		[ "$out" -nt "$image" ] || "$LAB_TOP/scripts/unpack-kernel" "$image" "$out"
	) 9>"$LAB_BUILD/.kernel.lock"
	echo "$out"
}

host_start() {
	local h=$1 dir accel cpu virt args release root layer khz=

	dir=$(host_dir "$h")
	release=$(state_get "$h" release)
	root=$(state_get "$h" root)
	layer=$(state_get "$h" layer)
	accel=$(accel_choose) || exit 1
	virt=$(accel_virt "$accel")
	cpu=$(state_get "$h" cpu)
	if [ "$accel" = kvm ]; then
		args=(-accel kvm -cpu "${cpu:-host}")
	else
		# TCG runs 'rep movsb' byte by byte; without ERMS and FSRM the kernel copies words.
		khz=$(accel_tsc_khz) || exit 1
		args=(-accel "tcg,thread=multi,tb-size=256" -cpu "${cpu:-max},erms=off,fsrm=off")
	fi
	[ -z "$layer" ] || args+=(-virtfs "local,path=$layer,mount_tag=layer,$HOST_9P")
	rm -f "$dir/killed"
	: >"$dir/beat"
	# A triple fault ends QEMU without a word; its log of resets is all that tells.
	proc_start "host-$h" "$dir/qemu.log" nsenter --net="/run/netns/$LAB_NS" -- \
		qemu-system-x86_64 -name "lab-$LAB_NAME-$h" -machine q35 -nodefaults -no-user-config -display none \
		-no-reboot -d cpu_reset -D "$dir/resets" "${args[@]}" -smp "$(state_get "$h" smp)" -m "$(state_get "$h" mem)" \
		-chardev "file,id=console,path=$dir/console" -serial chardev:console \
		-chardev "file,id=beat,path=$dir/beat" -serial chardev:beat \
		-virtfs "local,path=$root,mount_tag=root,$HOST_9P" \
		-virtfs "local,path=$LAB_TOP,mount_tag=tree,$HOST_9P" \
		-virtfs "local,path=$LAB_STATE/ssh,mount_tag=keys,$HOST_9P" \
		-drive "if=virtio,format=raw,file=$dir/disk" \
		-netdev "tap,id=net,ifname=tap-$h,script=no,downscript=no" \
		-device "virtio-net-pci,netdev=net,mac=52:54:00:77:00:$(printf %02x $(($(host_number "$h") - 95))),romfile=" \
		-kernel "$(host_kernel "$release" "$root")" -initrd "$(initrd_path "$release" "$root")" \
		-append "$(host_cmdline "$h" "$virt" "$khz")"
}

# Waits until a started host says that it is ready; dies with its console if it does not.
host_wait() {
	local h=$1 dir start=$SECONDS

	dir=$(host_dir "$h")
	until grep -q '^ready' "$dir/beat"; do
		if grep -q '^failed' "$dir/beat" || ! proc_alive "host-$h" ||
			[ $((SECONDS - start)) -ge "$HOST_BOOT_SECONDS" ]; then
			watch_tail "$h" >&2
			die "host '$h' did not come up: $(host_why "$h")"
		fi
		sleep 0.2
	done
	ssh_open "$h"
	say "host $h is up: $(host_addr "$h"), Debian $(state_get "$h" debian), Linux $(state_get "$h" release)"
}

host_why() {
	local dir

	dir=$(host_dir "$1")
	if grep -q '^failed' "$dir/beat"; then
		tr -d '\r' <"$dir/beat" | sed -n 's/^failed //p'
	elif proc_alive "host-$1"; then
		echo "not ready after $HOST_BOOT_SECONDS s"
	else
		echo "QEMU ended: $(tail -n 3 "$dir/qemu.log" | xargs -0)"
	fi
}

host_stop() {
	ssh_close "$1"
	proc_stop "host-$1"
}

host_kill() {
	touch "$(host_dir "$1")/killed"
	host_stop "$1"
}

host_boot() {
	proc_alive "host-$1" && die "host '$1' is running; 'lab kill $1' cuts its power"
	cat "$(host_dir "$1")/console" >>"$(host_dir "$1")/console.old"
	host_start "$1"
	host_wait "$1"
	storage_mount "$1"
}
