# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The initramfs of a host: busybox, init.sh and the modules needed to mount the machine's root file system.

INITRD_MODULES="virtio_pci 9pnet_virtio 9p overlay"
INITRD_APPLETS="sh mount mkdir insmod switch_root cat echo sleep poweroff"

# The modules (with what they need, in order) of release $1 in root $2 as paths; built-in ones are left out.
initrd_module_files() {
	local release=$1 root=$2 m
	shift 2

	for m in "$@"; do
		modprobe -d "$root" -S "$release" --show-depends "$m" ||
			die "kernel $release has no module '$m'; install its complete linux-image package"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# Copies modules of release $1 in root $2 into folder $3 as NN-name.ko, unpacked: the shell's insmod does not unpack.
initrd_copy_modules() {
	local release=$1 root=$2 dir=$3 n=10 f name files
	shift 3

	files=$(initrd_module_files "$release" "$root" "$@") || exit 1
	for f in $files; do
		name=${f##*/}
		name=$n-${name%%.ko*}.ko
		case $f in
		*.ko) cp "$f" "$dir/$name" ;;
		*.xz) xz -dc "$f" >"$dir/$name" ;;
		*.gz) gzip -dc "$f" >"$dir/$name" ;;
		*.zst) zstd -qdc "$f" >"$dir/$name" ;;
		esac
		n=$((n + 1))
	done
}

# Folder $1 becomes initramfs $2, which appears complete or not at all.
initrd_pack() {
	(cd "$1" && find . | cpio -o -H newc --quiet -R 0:0 | gzip -1) >"$2.tmp"
	mv "$2.tmp" "$2"
}

# Prints the path of the initramfs for release $1 of root $2; builds it if it is missing or older than its parts.
initrd_path() {
	local release=$1 root=$2 out=$LAB_BUILD/initrd-$1 tmp a

	mkdir -p "$LAB_BUILD"
	(
		flock 9
		if [ ! -e "$out" ] || [ "$LAB_DIR/init.sh" -nt "$out" ] || [ "$LAB_DIR/initrd.sh" -nt "$out" ] ||
			[ "${root%/}/lib/modules/$release/modules.dep" -nt "$out" ] || [ /bin/busybox -nt "$out" ]; then
			tmp=$(mktemp -d "$LAB_BUILD/tmp.XXXXXX")
			mkdir "$tmp/bin" "$tmp/modules" "$tmp/proc" "$tmp/dev" "$tmp/lower" "$tmp/layer" \
				"$tmp/upper" "$tmp/root"
			cp /bin/busybox "$tmp/bin/"
			for a in $INITRD_APPLETS; do ln -s busybox "$tmp/bin/$a"; done
			install -m 755 "$LAB_DIR/init.sh" "$tmp/init"
			# shellcheck disable=SC2086
			initrd_copy_modules "$release" "$root" "$tmp/modules" $INITRD_MODULES
			initrd_pack "$tmp" "$out"
			rm -rf "$tmp"
		fi
	) 9>"$LAB_BUILD/.initrd.lock"
	echo "$out"
}
