#!/bin/sh
# Prints bash completion for tamp and its stages, from the option tables that
# the executables themselves print (--complete, see lib/base/opt.h).
#
#	completion.sh BIN-DIRECTORY STAGE...
set -eu

bin=$1
shift

# From lines "NAMES<TAB>KIND<TAB>WORDS" of the command given: all names, and
# a case for each option that takes an argument.
options() { "$@" --complete | cut -f 1 | tr '\n' ' '; }

arguments() {
	"$@" --complete | while IFS='	' read -r names kind words; do
		pattern=$(printf '%s' "$names" | tr ' ' '|')
		case $kind in
		words) echo "		$pattern) _tamp_words \"$words\"; return ;;" ;;
		file) echo "		$pattern) _tamp_files; return ;;" ;;
		any) echo "		$pattern) return ;;" ;;
		esac
	done
}

stage() { # name, the command that prints its table
	name=$1
	shift
	cat <<EOS
	$name)
		case \$2 in
$(arguments "$@")
		esac
		_tamp_options "$(options "$@")"
		;;
EOS
}

cat <<'EOS'
# bash completion for tamp.  Made by mk/completion.sh.

_tamp_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_tamp_files() { compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")); }
_tamp_options() {
	case $cur in
	-*) _tamp_words "$1" ;;
	*) _tamp_files ;;
	esac
}

# $1: the stage, $2: the word before the one to complete
_tamp_stage() {
	case $1 in
EOS
for s in "$@"; do
	stage "$s" "$bin/tamp-$s"
done
stage build "$bin/tamp" build
cat <<EOS
	*) _tamp_files ;;
	esac
}

_tamp() {
	local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
	local name=\${COMP_WORDS[0]##*/}
	COMPREPLY=()
	case \$name in
	tamp-*) _tamp_stage "\${name#tamp-}" "\$prev" ;;
	*)
		if [ "\$COMP_CWORD" = 1 ]; then
			_tamp_words "$("$bin/tamp" --complete | tr '\n' ' ')--help --version"
		else
			_tamp_stage "\${COMP_WORDS[1]}" "\$prev"
		fi
		;;
	esac
}

complete -F _tamp tamp$(printf ' tamp-%s' "$@")
EOS
