# SPDX-License-Identifier: GPL-2.0
#
# Completion of zkz(8) for bash.

# Names of zones: $1 is what 'zkz list' shall show (nothing: running ones, -i installed, -c all).
_zkz_zones() {
	local IFS=$'\n' line

	for line in $(zkz list -np ${1:+"$1"} 2>/dev/null); do
		line=${line#*:}
		echo "${line%%:*}"
	done
}

# The verbs as zkz itself lists them.
_zkz_verbs() {
	zkz --help 2>/dev/null | sed -n 's/^  \([a-z]\+\)  .*/\1/p'
}

_zkz_migrate() {
	case $prev in
	-c)
		COMPREPLY=($(compgen -W "$(zkz migrate -c list 2>/dev/null | sed 's/ .*//') list" -- "$cur"))
		return
		;;
	--report)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	--streams)
		COMPREPLY=($(compgen -W "auto" -- "$cur"))
		return
		;;
	--max-downtime | --max-passes | --max-slowdown | --fetch-timeout) return ;;
	esac
	case $cur in
	-*) COMPREPLY=($(compgen -W "-n -q -c --max-downtime --max-passes --max-slowdown --mode --fetch-timeout --streams --with-storage --verify --no-probe --report --abort --json --help" -- "$cur")) ;;
	ssh:*) ;;
	*) COMPREPLY=($(compgen -W "$(_zkz_zones) ssh://" -- "$cur")) ;;
	esac
}

# The last word of cur, in the language of configurations, of which zkz itself knows what fits: $1 is the zone, $2 the
# text before cur.
_zkz_language() {
	local word=${cur##*[ ;=]} words

	words=$(zkz config --complete "$1" "$2$cur" 2>/dev/null)
	COMPREPLY=($(compgen -P "${cur%"$word"}" -W "$words" -- "$word"))
	[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}

_zkz_config() {
	local at=2 text

	[[ ${COMP_WORDS[at]} != -[dr] ]] || at=3
	if ((COMP_CWORD <= at)); then
		COMPREPLY=($(compgen -W "-d -r $(_zkz_zones -c)" -- "$cur"))
		return
	fi
	if [[ $prev == -f ]]; then
		COMPREPLY=($(compgen -f -- "$cur"))
		return
	fi
	# The shell's words end at '=', too; a quote begins many commands in one.
	text=${COMP_WORDS[*]:at + 1:COMP_CWORD - at - 1}
	text=${text:+$text }
	cur=${cur#[\'\"]}
	[[ $cur != = ]] || { text=${text% }= cur=''; }
	_zkz_language "${COMP_WORDS[at]}" "${text// = /=}"
	[[ -n $text ]] || COMPREPLY+=($(compgen -W "-f" -- "$cur"))
}

_zkz_storage() {
	case $prev in
	storage) COMPREPLY=($(compgen -W "lookup check create" -- "$cur")) ;;
	--format) COMPREPLY=($(compgen -W "raw qcow2" -- "$cur")) ;;
	*)
		case $cur in
		-*) COMPREPLY=($(compgen -W "--format --json --help" -- "$cur")) ;;
		/*) COMPREPLY=($(compgen -f -- "$cur")) ;;
		*) COMPREPLY=($(compgen -W "file:/ dev: lu:luname. iscsi:// nfs:// nbd:// nbds://" -- "$cur")) ;;
		esac
		;;
	esac
}

_zkz() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' i

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) ;;
		*)
			verb=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	case $verb in
	'') COMPREPLY=($(compgen -W "$(_zkz_verbs) --json --help --version" -- "$cur")) ;;
	migrate) _zkz_migrate ;;
	config) _zkz_config ;;
	list) COMPREPLY=($(compgen -W "-c -i -n -v -s -o -p $(_zkz_zones -c)" -- "$cur")) ;;
	log) COMPREPLY=($(compgen -W "-c -f $(_zkz_zones -c)" -- "$cur")) ;;
	downtime) COMPREPLY=($(compgen -W "--threshold --seconds $(_zkz_zones)" -- "$cur")) ;;
	shutdown) COMPREPLY=($(compgen -W "-r -t --all $(_zkz_zones)" -- "$cur")) ;;
	install)
		case $prev in
		-s | -c) COMPREPLY=($(compgen -f -- "$cur")) ;;
		*) COMPREPLY=($(compgen -W "-F -s -c $(_zkz_zones -c)" -- "$cur")) ;;
		esac
		;;
	clone)
		case $prev in
		-c) COMPREPLY=($(compgen -f -- "$cur")) ;;
		*) COMPREPLY=($(compgen -W "-F -c $(_zkz_zones -c)" -- "$cur")) ;;
		esac
		;;
	profile) COMPREPLY=($(compgen -W create -- "$cur")) ;;
	uninstall) COMPREPLY=($(compgen -W "-F $(_zkz_zones -c)" -- "$cur")) ;;
	rename) COMPREPLY=($(compgen -W "$(_zkz_zones -c)" -- "$cur")) ;;
	apply) COMPREPLY=($(compgen -W "-n $(_zkz_zones)" -- "$cur")) ;;
	attach | verify) COMPREPLY=($(compgen -W "$(_zkz_zones -c)" -- "$cur")) ;;
	boot | detach) COMPREPLY=($(compgen -W "$(_zkz_zones -i)" -- "$cur")) ;;
	upgrade) COMPREPLY=($(compgen -W "-n -f --all --module --old $(_zkz_zones)" -- "$cur")) ;;
	storage) _zkz_storage ;;
	recover) COMPREPLY=($(compgen -W "--force here elsewhere $(_zkz_zones -c)" -- "$cur")) ;;
	status) COMPREPLY=($(compgen -W "$(_zkz_zones -c)" -- "$cur")) ;;
	login) COMPREPLY=($(compgen -W "-i -t $(_zkz_zones)" -- "$cur")) ;;
	halt | reboot | resume | console) COMPREPLY=($(compgen -W "$(_zkz_zones)" -- "$cur")) ;;
	esac
	[[ ${COMPREPLY[*]} == ssh:// ]] && compopt -o nospace
	return 0
}

complete -F _zkz zkz
