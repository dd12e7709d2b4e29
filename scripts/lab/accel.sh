# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# How hosts run: KVM where a guest really runs inside a guest, else QEMU's own emulation (TCG), which offers
# virtualisation (SVM) to the host too. ZKZ_LAB_ACCEL=tcg|kvm decides by hand.

accel_choose() {
	case ${ZKZ_LAB_ACCEL:-} in
	tcg | kvm) echo "$ZKZ_LAB_ACCEL" ;;
	'') echo tcg ;;
	*) die "ZKZ_LAB_ACCEL='$ZKZ_LAB_ACCEL' is neither 'tcg' nor 'kvm'" ;;
	esac
}

# The kind of virtualisation that a host sees.
accel_virt() {
	if [ "$1" = kvm ] && grep -qw vmx /proc/cpuinfo; then
		echo vmx
	else
		echo svm
	fi
}
