# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# KTAP on standard output. Cases are declared first and run together, so that the plan is known before the first
# result. A case is a function run in a subshell that ends at the first command that fails; what it printed is
# shown, as comments, only if it failed.

KTAP_NAMES=()
KTAP_COMMANDS=()
KTAP_FAILED=0
KTAP_CHECK=true # command that says, and fails, if no further case can run
KTAP_ANEW=false # command that makes what they need anew
KTAP_OVER=
KTAP_MEND=true  # command that takes away what a case that failed has left, so that the next ones can be told from it

KTAP_TURN=      # of KTAP_TURNS: which of the cases that take turns are run; none: each of them
KTAP_TURNS=8
KTAP_TURN_CASES=0

# ktap_case NAME FUNCTION [ARGUMENT...]
ktap_case() {
	local command=

	[[ $1 =~ ${KTAP_MATCH:-} ]] || return 0
	[ $# -lt 2 ] || printf -v command '%q ' "${@:2}"
	KTAP_NAMES+=("$1")
	KTAP_COMMANDS+=("$command")
}

# turn_case NAME FUNCTION [ARGUMENT...]: one of many that are alike enough to be run by turns
turn_case() {
	local turn=$((KTAP_TURN_CASES++ % KTAP_TURNS + 1))

	if [[ -z $KTAP_TURN || $turn = "$KTAP_TURN" ]]; then
		ktap_case "$@"
	else
		ktap_case "$1 # SKIP it is the turn of others"
	fi
}

# not_hybrid ktap_case|turn_case NAME FUNCTION [ARGUMENT...]: a case that means pre-copy
not_hybrid() {
	[ "${MIGRATE_MODE:-}" = hybrid ] || "$@"
}

# full_case NAME FUNCTION [ARGUMENT...]: only if all of the cases are asked for
full_case() {
	[ -z "${MIGRATE_FULL:-}" ] || ktap_case "$@"
}

# ktap_run_one NUMBER NAME COMMAND
ktap_run_one() {
	local began=$SECONDS status

	if [ -z "$3" ]; then
		echo "ok $1 $2"
		return
	fi
	# In an 'if' or before '||' the shell would ignore failing commands inside.
	set +e
	# Which command it was is no part of what that command, in the background, say, writes into a file.
	(
		exec {KTAP_LOG}>&1
		set -eE
		trap 'echo "$BASH_COMMAND: exit status $?, at ${BASH_SOURCE[0]##*/}:$LINENO" >&"$KTAP_LOG"' ERR
		eval "$3"
	) >"$WORK/case.log" 2>&1 </dev/null
	status=$?
	set -e
	if [ $status -eq 0 ]; then
		echo "ok $1 $2"
		echo "# $((SECONDS - began)) s"
		return
	fi
	KTAP_FAILED=$((KTAP_FAILED + 1))
	$KTAP_CHECK >>"$WORK/case.log" 2>&1 || KTAP_OVER=1
	tail -n 60 "$WORK/case.log" | sed 's/^/# | /'
	[ -z "$KTAP_OVER" ] || ! $KTAP_ANEW || KTAP_OVER=
	[ -n "$KTAP_OVER" ] || $KTAP_MEND 2>&1 | tail -n 40 | sed 's/^/# | /' || true
	echo "# exit status $status after $((SECONDS - began)) s"
	echo "not ok $1 $2"
}

ktap_run() {
	local i n=${#KTAP_NAMES[@]}

	echo "TAP version 13"
	echo "1..$n"
	for ((i = 0; i < n; i++)); do
		ktap_run_one $((i + 1)) "${KTAP_NAMES[i]}" "${KTAP_COMMANDS[i]}"
		[ -z "$KTAP_OVER" ] || {
			echo "Bail out! What every case needs is gone."
			break
		}
	done
	echo "# Totals: pass:$((i + ${KTAP_OVER:-0} - KTAP_FAILED)) fail:$KTAP_FAILED"
	[ $KTAP_FAILED -eq 0 ]
}

# Ends a case with a reason, also from within $(...).
fail() {
	echo "FAILED: $*" >&2
	exit 1
}
