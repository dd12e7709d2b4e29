# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Zones whose disks are elsewhere than on an NBD server without encryption, which is what the other cases have: by iSCSI with
# CHAP, and by NBD with TLS. Their servers are real, and run on this machine.

STORAGE_SECRET=a-secret-of-16-b

# on_both COMMAND...: in both hosts, what may differ from case to case
on_both() {
	on a "$@"
	on b "$@"
}

# The zone has its disk there, writes to it, moves, boots anew, and comes back.
moves_with() {
	local boot

	zone_remove z1
	zone_make a z1 256M 1 "$1"
	zone_boot a z1
	guest disk start size=8M rate=1M
	migrate a b z1
	runs_on b a z1
	guest disk verify
	guest disk stop
	boot=$(guest_boot)
	on b zkz reboot z1
	wait_for 300 booted_anew "$boot"
	guest disk start size=8M rate=1M
	migrate b a z1
	runs_on a b z1
	guest disk verify
	guest disk stop
	zone_remove z1
}

# tgtd's control socket is this machine's: its number tells it from those of others. It ends with its last target.
storage_iscsi_away() {
	set +e
	tgtadm -C "$CTL" --op delete --mode target --tid 1 --force
	tgtadm -C "$CTL" --op delete --mode system
	wait "$NS_JOB"
	on_both rm -f /etc/zkz/chap/zkz
}

disk_by_iscsi() {
	local target=iqn.2026-01.org.example:moved

	command -v tgtd tgtadm >/dev/null || fail "tgt is not installed; 'make deps' installs it"
	CTL=$((BASHPID % 20000 + 10000))
	truncate -s 64M "$WORK/lun"
	ns_begin "$WORK/tgtd" tgtd -f -C "$CTL" --iscsi portal=10.77.0.1:3261
	trap storage_iscsi_away EXIT
	wait_for 60 tgtadm -C "$CTL" --op show --mode system >/dev/null
	tgtadm -C "$CTL" --op new --mode target --tid 1 -T "$target"
	tgtadm -C "$CTL" --op new --mode logicalunit --tid 1 --lun 1 -b "$WORK/lun"
	tgtadm -C "$CTL" --op new --mode account --user zkz --password "$STORAGE_SECRET"
	tgtadm -C "$CTL" --op bind --mode account --tid 1 --user zkz
	tgtadm -C "$CTL" --op bind --mode target --tid 1 --initiator-address ALL
	# shellcheck disable=SC2016
	on_both sh -c 'mkdir -p /etc/zkz/chap && umask 077 && echo "$0" >/etc/zkz/chap/zkz' "$STORAGE_SECRET"
	# What the target host lacks is known before the guest stops.
	zone_remove z1
	zone_make a z1 256M 1 "iscsi://zkz@10.77.0.1:3261/target.$target,lun.1"
	zone_boot a z1
	on b rm /etc/zkz/chap/zkz
	if migrate a b z1 -n >"$WORK/no" 2>&1; then
		fail "a host without the secret is good enough: $(<"$WORK/no")"
	fi
	grep 'chap/zkz' "$WORK/no"
	runs_on a b z1
	# shellcheck disable=SC2016
	on b sh -c 'umask 077 && echo "$0" >/etc/zkz/chap/zkz' "$STORAGE_SECRET"
	moves_with "iscsi://zkz@10.77.0.1:3261/target.$target,lun.1"
}

# An authority, and a server and a client that it has signed, in $WORK/tls.
storage_certificates() {
	local dir=$WORK/tls who

	mkdir -p "$dir"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout "$dir/ca-key.pem" -out "$dir/ca-cert.pem"
	for who in server client; do
		openssl req -newkey rsa:2048 -nodes -subj "/CN=$who" -keyout "$dir/$who-key.pem" |
			openssl x509 -req -days 2 -CA "$dir/ca-cert.pem" -CAkey "$dir/ca-key.pem" -CAcreateserial \
				-out "$dir/$who-cert.pem" -extfile <(echo subjectAltName=IP:10.77.0.1)
	done
	# Without, the server computes some for a quarter of a minute.
	openssl genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out "$dir/dh-params.pem"
}

storage_tls_away() {
	set +e
	kill "$(<"$WORK/nbds.pid")"
	wait "$NS_JOB"
	on_both sh -c 'rm -f /etc/zkz/tls/nbd/*'
}

disk_by_tls() {
	local h

	storage_certificates
	truncate -s 64M "$WORK/secret.disk"
	ns_begin "$WORK/nbds" qemu-nbd -f raw -x moved -b 10.77.0.1 -p 10951 -t -e 0 \
		--object "tls-creds-x509,id=tls,endpoint=server,verify-peer=on,dir=$WORK/tls" --tls-creds tls "$WORK/secret.disk"
	trap storage_tls_away EXIT
	for h in a b; do
		tar -C "$WORK/tls" -c ca-cert.pem client-cert.pem client-key.pem |
			on -i "$h" sh -c 'mkdir -p /etc/zkz/tls/nbd && tar -C /etc/zkz/tls/nbd -x &&
				chown zkz-qemu /etc/zkz/tls/nbd/* && chmod 600 /etc/zkz/tls/nbd/*'
	done
	wait_for 60 on a zkz storage check nbds://10.77.0.1:10951/moved
	moves_with nbds://10.77.0.1:10951/moved
}

turn_case "a disk by iSCSI with CHAP moves along, and its guest boots there" disk_by_iscsi
turn_case "a disk by NBD with TLS, likewise" disk_by_tls
