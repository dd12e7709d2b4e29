#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Second stage of a host, in its overlay root: makes it a usable machine, says so on the second serial port
# (the heartbeat channel) and becomes busybox init. A failure is told there too, and ends the host.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root

fail() {
	echo "lab: host-init: $*" >/dev/console
	echo "failed $*" >/dev/ttyS1
	sleep 1
	/bin/busybox poweroff -f
}

mount_all() {
	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t devtmpfs dev /dev
	mkdir -p /dev/pts /dev/shm
	mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
	mount -t tmpfs -o mode=1777 shm /dev/shm
	# Without these, programs that write to /dev/stdout write into a file.
	ln -sfn /proc/self/fd /dev/fd
	ln -sfn fd/0 /dev/stdin
	ln -sfn fd/1 /dev/stdout
	ln -sfn fd/2 /dev/stderr
	mount -t cgroup2 cgroup /sys/fs/cgroup
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t bpf bpf /sys/fs/bpf
	# The machine's own /root has start-up files that make every ssh command slow.
	mount -t tmpfs -o mode=700 root /root
}

read_cmdline() {
	read -r words </proc/cmdline
	for word in $words; do
		case $word in
		lab.host=*) host=${word#*=} ;;
		lab.hosts=*) hosts=${word#*=} ;;
		lab.kvm=*) kvm=${word#*=} ;;
		esac
	done
}

addr() {
	echo "10.77.0.$(($(printf %d "'$1") - 95))"
}

take_keys() {
	mkdir -m 700 /root/.ssh /root/lab
	{ mount -t 9p -o trans=virtio,version=9p2000.L,ro keys /mnt && cp /mnt/* /root/lab/ && umount /mnt; } ||
		fail "cannot read the lab's keys"
	chmod 600 /root/lab/*
	cp /root/lab/id.pub /root/.ssh/authorized_keys
	cp /root/lab/id /root/.ssh/id_ed25519
	cp /root/lab/known_hosts /root/.ssh/known_hosts
	mount -t tmpfs -o mode=755 run /run
	mkdir -p /run/sshd /run/lock /run/lab
}

set_names() {
	hostname "$host"
	echo "$host" >/etc/hostname
	{
		printf '127.0.0.1\tlocalhost\n10.77.0.1\tmachine\n'
		for h in $(echo "$hosts" | tr , ' '); do
			printf '%s\t%s\n' "$(addr "$h")" "$h"
		done
	} >/etc/hosts
	: >/etc/fstab
}

load_modules() {
	modprobe -a virtio_net virtio_blk bridge tun tls ext4 || fail "modprobe"
	# Present only where the processor has the instructions; without it kTLS uses the slow generic code.
	modprobe -q aesni_intel
	case $kvm in
	svm) modprobe kvm-amd nested=0 ;;
	vmx) modprobe kvm-intel nested=0 ;;
	esac || fail "cannot load KVM"
	[ -e /dev/kvm ] || fail "no /dev/kvm"
	chmod 666 /dev/kvm /dev/net/tun
	hold_probes
	hold_vms
	wake_processors
}

# All patching up to here was done with nobody else to trip over it.
wake_processors() {
	for c in /sys/devices/system/cpu/cpu[1-9]*/online; do
		[ ! -e "$c" ] || echo 1 >"$c" || fail "cannot wake a processor: $c"
	done
}

# The first two probes of a tracepoint patch the code around it, further ones only make a list longer. Two
# instances of the tracer that record nothing are the first two, while no code of KVM runs yet, so that zkz's
# probes come and go without a patch. Without record-cmd no tracepoint of the scheduler is touched.
hold_probes() {
	cd /sys/kernel/tracing || fail "no tracefs"
	echo 0 >options/record-cmd
	for i in 1 2; do
		mkdir "instances/lab$i"
		echo 0 >"instances/lab$i/tracing_on"
		for e in entry exit vcpu_wakeup; do
			echo 1 >"instances/lab$i/events/kvm/kvm_$e/enable"
		done
	done || fail "cannot hold KVM's tracepoints"
	cd /
}

# The first virtual machine that starts and the last one that ends make the kernel patch branches in its
# scheduler and in KVM. An emulator that translates that code on one processor while another one patches it may
# keep the old translation, a breakpoint that is no more. Two machines that never run, one with KVM's interrupt
# controllers and one without, keep these branches as they are from here on, before anything else goes on.
hold_vms() {
	perl -e '
		sub call { ioctl($_[0], $_[1], 0) or die "$_[2]: $!\n" }
		open(my $kvm, "+<", "/dev/kvm") or die "/dev/kvm: $!\n";
		for my $irqchip (0, 1) {
			open(my $vm, "+<&=", 0 + call($kvm, 0xAE01, "KVM_CREATE_VM"));
			call($vm, 0xAE60, "KVM_CREATE_IRQCHIP") if $irqchip;
			call($vm, 0xAE41, "KVM_CREATE_VCPU");
			push @keep, $vm;
		}
		print "held\n";
		close STDOUT;
		sleep;' >/run/lab/vms 2>&1 &
	until [ -s /run/lab/vms ]; do sleep 0.05; done
	grep -q held /run/lab/vms || fail "$(cat /run/lab/vms)"
}

network() {
	ip link set lo up
	ip link add br0 type bridge stp_state 0 forward_delay 0 || fail "cannot make bridge br0"
	ip link set br0 address "$(cat /sys/class/net/eth0/address)"
	ip link set eth0 master br0 up || fail "cannot make eth0 a port of br0"
	ip addr add "$(addr "$host")/24" dev br0
	ip link set br0 up
}

# What must survive 'lab kill' and 'lab boot'. A test can make the device mapper's disk fail or hang.
keep_folders() {
	mkdir -p /lab /var/lib/zkz /etc/zkz
	modprobe dm_mod || fail "there is no device mapper"
	DM_DISABLE_UDEV=1 dmsetup create lab --table "0 $(cat /sys/block/vda/size) linear /dev/vda 0" ||
		fail "cannot map the host's disk"
	mount -t ext4 /dev/dm-0 /lab || fail "cannot mount the host's disk"
	mkdir -p /lab/var /lab/etc
	mount --bind /lab/var /var/lib/zkz
	mount --bind /lab/etc /etc/zkz
}

# The key exchange that ssh prefers, with sntrup761, takes an emulated processor a second.
sshd() {
	cat >/run/lab/sshd_config <<-END
	HostKey /root/lab/host_key
	AuthorizedKeysFile .ssh/authorized_keys
	PermitRootLogin prohibit-password
	UsePAM no
	UseDNS no
	StrictModes no
	MaxSessions 200
	MaxStartups 200
	PrintMotd no
	PidFile /run/sshd.pid
	Subsystem sftp internal-sftp
	KexAlgorithms curve25519-sha256
	SetEnv PATH=$PATH
	END
	/usr/sbin/sshd -f /run/lab/sshd_config || fail "cannot start sshd"
}

# The host is alive as long as the lines come; 'bye' tells an orderly end from a crash. The loop starts no
# process: in an emulated host that took 40 ms of its only processor each second.
become_init() {
	mkfifo /run/lab/tick
	cat >/run/lab/beat <<-'END'
	#!/bin/bash
	exec 3<>/run/lab/tick
	while :; do
		read -r up _ </proc/uptime
		echo "beat $up" >/dev/ttyS1
		read -rt 1 -u 3
	done
	END
	chmod 755 /run/lab/beat
	cat >/etc/inittab <<-'END'
	::respawn:/run/lab/beat
	::shutdown:/bin/sh -c 'echo bye >/dev/ttyS1'
	::shutdown:/bin/busybox sync
	END
	ln -sfn /bin/busybox /usr/local/sbin/poweroff
	ln -sfn /bin/busybox /run/lab/init
	echo "ready" >/dev/ttyS1
	exec /run/lab/init
}

mount_all
read_cmdline
take_keys
set_names
load_modules
network
keep_folders
sshd
become_init
