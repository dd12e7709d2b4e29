# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The way into a host: one kept ssh connection for each, through which commands run without a new handshake.

# One key pair for root of every host and of this machine, and one host key for all hosts of the lab.
ssh_keys() {
	local dir=$LAB_STATE/ssh h

	mkdir -m 700 "$dir"
	ssh-keygen -q -t ed25519 -N '' -C "lab-$LAB_NAME" -f "$dir/id"
	ssh-keygen -q -t ed25519 -N '' -C "lab-$LAB_NAME" -f "$dir/host_key"
	for h in $1; do
		echo "$h,$(host_addr "$h") $(cut -d' ' -f1,2 "$dir/host_key.pub")"
	done >"$dir/known_hosts"
}

# Arguments for ssh to host $1, in SSH_ARGS.
ssh_args() {
	SSH_ARGS=(-F none -i "$LAB_STATE/ssh/id" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR
		-o "UserKnownHostsFile=$LAB_STATE/ssh/known_hosts" -o GlobalKnownHostsFile=/dev/null
		-o StrictHostKeyChecking=yes -o ConnectTimeout=60 -o ServerAliveInterval=20 -o ServerAliveCountMax=6
		-o "ControlPath=$(host_dir "$1")/ssh.sock" "root@$(host_addr "$1")")
}

ssh_open() {
	local h=$1 i

	ssh_args "$h"
	proc_start "ssh-$h" "$(host_dir "$h")/ssh.log" nsenter --net="/run/netns/$LAB_NS" -- \
		ssh -M -N "${SSH_ARGS[@]}"
	for ((i = 0; i < 600; i++)); do
		[ ! -S "$(host_dir "$h")/ssh.sock" ] || return 0
		proc_alive "ssh-$h" || break
		sleep 0.1
	done
	cat "$(host_dir "$h")/ssh.log" >&2
	watch_tail "$h" >&2
	die "host '$h' is up, but ssh cannot log in"
}

# A socket that outlives its connection makes every later ssh fail.
ssh_close() {
	proc_stop "ssh-$1" TERM
	rm -f "$(host_dir "$1")/ssh.sock"
}

# Arguments for ssh to run $2... in host $1, in SSH_ARGS: the remote shell sees every argument quoted, and stays
# to turn a death by signal into an exit code.
ssh_command() {
	ssh_args "$1"
	SSH_ARGS+=("$(printf '%q ' "${@:2}"); exit \$?")
}

# ssh_exec HOST CMD ARG...: standard input goes to CMD
ssh_exec() {
	ssh_command "$@"
	network_exec ssh "${SSH_ARGS[@]}"
}

# Does not return: a signal to this process must reach ssh and not its parent.
ssh_become() {
	local input=$1

	ssh_command "${@:2}"
	[ -n "$input" ] || exec </dev/null
	network_become ssh "${SSH_ARGS[@]}"
}

ssh_shell() {
	ssh_args "$1"
	network_become ssh -t "${SSH_ARGS[@]}"
}

# Through the connection and not from the shared file system: the host must not see files of two builds.
ssh_install() {
	local stage=$INSTALL_FOLDER

	[ -n "$stage" ] || stage=$(state_get "$1" built)/stage
	[ -d "$stage" ] || die "$stage is missing; run 'make stage stage-test'"
	tar -C "$stage" --owner=0 --group=0 -cf - . |
		ssh_exec "$1" tar -C / --keep-directory-symlink --no-overwrite-dir -xf - ||
		die "host '$1': cannot install $stage"
	# Once for the disk of its own that a host has; later ones leave it as it is.
	[ ! -e "$stage/usr/sbin/zkzd" ] || ssh_exec "$1" zkzd --new-host-id ||
		die "host '$1': cannot be given an identity"
}

ssh_insmod() {
	local kernel ko

	kernel=$(state_get "$1" kernel)
	ko=$(state_get "$1" built)/kmod-$kernel/zkz.ko
	[ -e "$ko" ] || die "$ko is missing; run 'make kmod-$kernel'"
	# shellcheck disable=SC2016
	ssh_exec "$1" sh -c 'cat >/run/zkz.ko && insmod /run/zkz.ko "$@"; s=$?; rm -f /run/zkz.ko; exit $s' \
		insmod "${INSMOD_PARAMS[@]}" <"$ko" ||
		die "host '$1': cannot load $ko; 'lab -n $LAB_NAME log $1' may tell why"
}
