# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Storage that all hosts of a lab share: a folder by NFS, another one whose
# server takes root for nobody, and disks by NBD. Its files lie in /var/tmp and not
# in the state folder, because /run is often a tmpfs: too small for disks, and without O_DIRECT.

storage_dir() {
	echo "/var/tmp/zkz-lab-$LAB_NAME"
}

storage_make() {
	mkdir -p "$(storage_dir)"
}

# Called after the servers have been stopped.
storage_remove() {
	rm -rf "$(storage_dir)"
}

# Waits until process $1 accepts connections at port $2.
storage_wait_port() {
	local i

	for ((i = 0; i < 300; i++)); do
		# shellcheck disable=SC2016
		network_exec bash -c '</dev/tcp/10.77.0.1/$0' "$2" 2>/dev/null && return
		proc_alive "$1" || break
		sleep 0.1
	done
	tail -n 20 "$LAB_STATE/$1.log" >&2
	die "$1 does not serve 10.77.0.1:$2"
}

# QEMU's file locks hold across hosts through NFSv4 and nothing else here. A shorter lease loses locks on a
# slow machine: the client then drops them, and a second writer is let in. Not 4.2: its READ_PLUS, which Linux
# 6.12 uses, returns zeros for data that this server has just been sent.
storage_ganesha_config() {
	cat <<-END
	NFS_CORE_PARAM {
		Protocols = 4;
		NFS_Port = 2049;
		Bind_addr = 10.77.0.1;
		Enable_NLM = false;
		Enable_RQUOTA = false;
		Enable_UDP = false;
	}
	NFSv4 {
		Lease_Lifetime = 60;
		Graceless = true;
		Minor_Versions = 0, 1;
		RecoveryRoot = "$(storage_dir)/recovery";
	}
	EXPORT {
		Export_Id = 1;
		Path = "$(storage_dir)/shared";
		Pseudo = "/shared";
		Access_Type = RW;
		Squash = No_Root_Squash;
		SecType = sys;
		FSAL { Name = VFS; }
	}
	EXPORT {
		Export_Id = 2;
		Path = "$(storage_dir)/squashed";
		Pseudo = "/squashed";
		Access_Type = RW;
		Squash = Root_Squash;
		SecType = sys;
		FSAL { Name = VFS; }
	}
	END
}

storage_shared() {
	local dir h

	dir=$(storage_dir)
	if ! proc_alive nfs; then
		ls /usr/bin/ganesha.nfsd /usr/lib/*/ganesha/libfsalvfs.so /usr/sbin/mount.nfs4 >/dev/null ||
			die "NFS programs are missing; run 'apt-get install nfs-ganesha nfs-ganesha-vfs nfs-common'"
		storage_make
		mkdir -p "$dir/shared" "$dir/squashed" "$dir/recovery"
		storage_ganesha_config >"$LAB_STATE/ganesha.conf"
		proc_start nfs "$LAB_STATE/nfs.out" nsenter --net="/run/netns/$LAB_NS" -- ganesha.nfsd -F \
			-L "$LAB_STATE/nfs.log" -f "$LAB_STATE/ganesha.conf" -p "$LAB_STATE/ganesha.pid" -N NIV_EVENT
		storage_wait_port nfs 2049
	fi
	for h in $(state_hosts); do
		storage_mount "$h"
	done
	echo "$dir/shared"
}

# Also for a host that was booted again.
storage_mount() {
	proc_alive "host-$1" && proc_alive nfs || return 0
	ssh_exec "$1" sh -c 'mountpoint -q /shared || { mkdir -p /shared && modprobe nfsv4 &&
		mount -t nfs4 -o vers=4.1,tcp,hard,sec=sys 10.77.0.1:/shared /shared; }
		mountpoint -q /squashed || { mkdir -p /squashed &&
		mount -t nfs4 -o vers=4.1,tcp,hard,sec=sys 10.77.0.1:/squashed /squashed; }' </dev/null ||
		die "host '$1' cannot mount /shared and /squashed"
}

# One qemu-nbd for each disk; the first port that is free in the lab's own network. Any number of clients: it never
# learns that a host is gone whose power was cut.
storage_nbd() {
	local name=$1 size=$2 port=10809 f dir

	[[ $name =~ ^[A-Za-z0-9._-]{1,64}$ ]] || usage_error "nbd: name '$name': letters, digits, '.', '_' and '-'"
	[[ $size =~ ^[0-9]+[KMGT]?$ ]] || usage_error "nbd: size '$size': a number, and K, M, G or T"
	[ ! -e "$LAB_STATE/proc/nbd-$name" ] || die "disk '$name' exists already in lab '$LAB_NAME'"
	for f in "$LAB_STATE"/proc/nbd-*; do
		[ ! -e "$f" ] || port=$((port + 1))
	done
	storage_make
	dir=$(storage_dir)
	truncate -s "$size" "$dir/$name.disk"
	proc_start "nbd-$name" "$LAB_STATE/nbd-$name.log" nsenter --net="/run/netns/$LAB_NS" -- \
		qemu-nbd -f raw -x "$name" -b 10.77.0.1 -p "$port" -t -e 0 --cache=none "$dir/$name.disk"
	storage_wait_port "nbd-$name" "$port"
	echo "nbd://10.77.0.1:$port/$name"
}
