# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Is a host well? It must run, send its heartbeat, and its console must be free of the kernel's bad news.

WATCH_BEAT_SECONDS=${ZKZ_LAB_BEAT_SECONDS:-300}
WATCH_PATTERNS='Kernel panic|BUG:|Oops|WARNING: |general protection fault|stack guard page|soft lockup'
WATCH_PATTERNS+='|hard LOCKUP|rcu: INFO:|blocked for more than|UBSAN:|KASAN:|KFENCE:|possible .*lock|kmemleak:'

# Prints what is wrong with host $1; nothing, and success, if all is well.
watch_verdict() {
	local dir bad age

	dir=$(host_dir "$1")
	bad=$(cat "$dir/console.old" "$dir/console" 2>/dev/null | tr -d '\r' | grep -aE -m1 "$WATCH_PATTERNS") || true
	if [ -n "$bad" ]; then
		echo "${bad#\[*\] }$(watch_hint "$dir")"
		return 1
	fi
	[ ! -e "$dir/killed" ] || return 0
	if ! proc_alive "host-$1"; then
		tail -n 1 "$dir/beat" | grep -q '^bye' && return 0
		echo "died: $(grep -som1 '^Triple fault' "$dir/resets") $(tail -n 3 "$dir/qemu.log" | xargs -0)"
		return 1
	fi
	age=$(($(date +%s) - $(stat -c %Y "$dir/beat")))
	if [ "$age" -gt "$WATCH_BEAT_SECONDS" ]; then
		echo "hangs: no heartbeat for $age s"
		return 1
	fi
}

# Recognises the one failure that is known to be the emulator's.
watch_hint() {
	grep -aqE 'RIP: 0010:asm_exc_int3|Oops: int3' "$1/console" || return 0
	echo " (probably a stale breakpoint of the emulator: see the pitfalls in Documentation/lab.rst)"
}

watch_tail() {
	local dir

	dir=$(host_dir "$1")
	echo "--- console of host $1, last lines"
	cat "$dir/console.old" "$dir/console" 2>/dev/null | tr -d '\r' | tail -n 60 || true
	echo "---"
}

watch_word() {
	local why

	if ! why=$(watch_verdict "$1"); then
		echo "failed: $why"
	elif [ -e "$(host_dir "$1")/killed" ]; then
		echo "powered off"
	elif ! proc_alive "host-$1"; then
		echo "shut down"
	elif ! grep -q '^ready' "$(host_dir "$1")/beat"; then
		echo "booting"
	else
		echo "running"
	fi
}

watch_check() {
	local h why status=0

	for h in $(state_hosts); do
		why=$(watch_verdict "$h") && continue
		watch_tail "$h" >&2
		say "host '$h' failed: $why" >&2
		status=1
	done
	return $status
}
