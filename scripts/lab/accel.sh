# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# How hosts run: KVM where a guest really runs inside a guest, else QEMU's own emulation (TCG), which offers
# virtualisation (SVM) to the host too. ZKZ_LAB_ACCEL=tcg|kvm decides by hand.

accel_choose() {
	local cache=$LAB_BUILD/accel key

	case ${ZKZ_LAB_ACCEL:-} in
	tcg | kvm)
		echo "$ZKZ_LAB_ACCEL"
		return
		;;
	'') ;;
	*) die "ZKZ_LAB_ACCEL='$ZKZ_LAB_ACCEL' is neither 'tcg' nor 'kvm'" ;;
	esac
	key=$(cat /proc/sys/kernel/random/boot_id)
	mkdir -p "$LAB_BUILD"
	(
		flock 9
		grep -q "^$key " "$cache" 2>/dev/null || echo "$key $(accel_find)" >"$cache"
	) 9>"$LAB_BUILD/.accel.lock"
	cut -d' ' -f2 "$cache"
}

# The flags alone prove nothing, but without them there is nothing to try.
accel_find() {
	if [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo && accel_probe kvm host; then
		echo kvm
	else
		echo tcg
	fi
}

# The kind of virtualisation that a host sees.
accel_virt() {
	if [ "$1" = kvm ] && grep -qw vmx /proc/cpuinfo; then
		echo vmx
	else
		echo svm
	fi
}

# The rate of the time stamp counter in kHz, which emulated processors have from this machine. A host that finds it out by
# itself, while others boot, may be wrong by a factor, and so are its clock and every deadline in it from then on.
accel_tsc_khz() {
	local program=$LAB_BUILD/tsckhz

	mkdir -p "$LAB_BUILD"
	if ! (
		flock 9
		[ "$program" -nt "$LAB_DIR/tsckhz.c" ] ||
			{ gcc -O2 -Wall -o "$program.new" "$LAB_DIR/tsckhz.c" && mv "$program.new" "$program"; }
	) 9>"$LAB_BUILD/.tsckhz.lock"; then
		die "cannot measure the rate of the time stamp counter; run 'make deps'"
	fi
	"$program"
}

# Does a KVM guest run in a machine with accelerator $1 and processor $2?
accel_probe() {
	local release tmp status=1

	release=$("$LAB_TOP/scripts/kversions" "$(host_default_kernel)") || exit 1
	tmp=$(mktemp -d "$LAB_BUILD/tmp.XXXXXX")
	mkdir "$tmp/root"
	if accel_probe_initrd "$release" "$(accel_virt "$1")" "$tmp/root" "$tmp/initrd"; then
		# The group takes the shell's own word on an aborted QEMU, too.
		{ timeout 120 qemu-system-x86_64 -machine q35 -accel "$1" -cpu "$2" -m 512 -nodefaults -no-user-config \
			-display none -no-reboot -serial "file:$tmp/log" -kernel "/boot/vmlinuz-$release" \
			-initrd "$tmp/initrd" -append "console=ttyS0 panic=-1" || true; } </dev/null >/dev/null 2>&1
		grep -q 'nestprobe: a guest ran' "$tmp/log" 2>/dev/null && status=0
	fi
	rm -rf "$tmp"
	return $status
}

accel_probe_initrd() {
	local release=$1 module=kvm-amd root=$3

	[ "$2" = svm ] || module=kvm-intel
	mkdir "$root/bin" "$root/modules" "$root/proc" "$root/dev"
	gcc -O2 -Wall -static -o "$root/bin/nestprobe" "$LAB_DIR/nestprobe.c" || return 1
	cp /bin/busybox "$root/bin/"
	initrd_copy_modules "$release" / "$root/modules" "$module"
	cat >"$root/init" <<-'END'
	#!/bin/busybox sh
	/bin/busybox mount -t devtmpfs dev /dev
	for m in /modules/*.ko; do /bin/busybox insmod "$m"; done
	/bin/nestprobe
	/bin/busybox poweroff -f
	END
	chmod 755 "$root/init"
	initrd_pack "$root" "$4"
}
