# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The state folder of a lab and the processes that belong to it.
#
# A process is recorded as "PID STARTTIME" in proc/NAME, who made the lab in maker: only what still has the same
# start time is ever signalled, so that a number used again by somebody else's process is safe.

state_init() {
	LAB_STATE=${XDG_RUNTIME_DIR:-/run}/zkz-lab/$LAB_NAME
	LAB_NS=zkz-lab-$LAB_NAME
}

# The folder and the note of who made it come together or not at all: nothing in between can be interrupted.
state_create() {
	mkdir -p "${LAB_STATE%/*}"
	(
		trap '' INT TERM HUP
		mkdir -m 700 "$LAB_STATE" 2>/dev/null && echo "$$ $(proc_starttime $$)" >"$LAB_STATE/maker"
	) || die "lab '$LAB_NAME' is already up ($LAB_STATE); take it down with 'lab -n $LAB_NAME down'" \
		"or choose another name with -n"
	mkdir "$LAB_STATE/hosts" "$LAB_STATE/proc"
}

# Whether this shell made the state folder.
state_mine() {
	[ "$(cut -d' ' -f1 "$LAB_STATE/maker" 2>/dev/null)" = $$ ]
}

# Whether nothing of this lab runs any more and nobody took it down: whoever used it was killed, with its hosts.
state_abandoned() {
	local f

	[ -s "$LAB_STATE/maker" ] || return 1
	for f in "$LAB_STATE"/hosts/*/killed; do
		[ ! -e "$f" ] || return 1
	done
	for f in "$LAB_STATE"/maker "$LAB_STATE"/proc/*; do
		! note_alive "$f" || return 1
	done
}

state_need() {
	[ -d "$LAB_STATE" ] || die "lab '$LAB_NAME' is not up; start it with 'lab -n $LAB_NAME up'"
}

state_remove() {
	rm -rf "$LAB_STATE"
	rmdir "${LAB_STATE%/*}" 2>/dev/null || true
}

state_hosts() {
	local d

	for d in "$LAB_STATE"/hosts/*/; do
		[ -d "$d" ] && basename "$d"
	done
	return 0
}

state_set() {
	echo "$3" >"$LAB_STATE/hosts/$1/$2"
}

state_get() {
	cat "$LAB_STATE/hosts/$1/$2" 2>/dev/null || true
}

# The 22nd field of stat; what is before the last ')' may contain anything.
proc_starttime() {
	local line

	{ line=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
	# shellcheck disable=SC2086
	set -- ${line##*) }
	[ "$1" != Z ] || return 1
	echo "${20}"
}

# Starts a daemon: its own session, no standard input, output to LOG, no other file of ours open: a lock held
# by the caller ('flock FILE lab up') must not stay held as long as the lab lives.
proc_start() {
	local name=$1 log=$2 fd pid
	shift 2

	(
		cd /
		for fd in /proc/self/fd/*; do
			fd=${fd##*/}
			[ "$fd" -le 2 ] || eval "exec $fd>&-"
		done
		exec setsid -- "$@"
	) </dev/null >"$log" 2>&1 &
	pid=$!
	echo "$pid $(proc_starttime "$pid")" >"$LAB_STATE/proc/$name"
	disown "$pid"
}

# Whether the process runs that the file $1 tells of.
note_alive() {
	local pid start

	{ read -r pid start <"$1"; } 2>/dev/null || return 1
	[ -n "$start" ] && [ "$(proc_starttime "$pid")" = "$start" ]
}

proc_alive() {
	note_alive "$LAB_STATE/proc/$1"
}

proc_pid() {
	local pid

	read -r pid _ <"$LAB_STATE/proc/$1" && echo "$pid"
}

# Ends a process with signal $2 (KILL if none); after 5 s with KILL.
proc_stop() {
	local i

	if proc_alive "$1"; then
		kill -s "${2:-KILL}" "$(proc_pid "$1")" 2>/dev/null || true
		for ((i = 0; i < 100; i++)); do
			proc_alive "$1" || break
			[ $i -ne 50 ] || kill -KILL "$(proc_pid "$1")" 2>/dev/null || true
			sleep 0.1
		done
	fi
	rm -f "$LAB_STATE/proc/$1"
}

state_stop_all() {
	local f

	for f in "$LAB_STATE"/proc/*; do
		[ -e "$f" ] && proc_stop "${f##*/}" TERM
	done
	return 0
}
