#!/bin/sh
# Prints registry.c: a list of the objects that files register by being there.
#
# A file registers an object by defining it at file scope with the line
#	const struct policy policy_NAME = {
# (likewise op_family, importer, target).  Sorted, so the result is the same
# on every machine.
set -eu

list() { # kind, header, folder
	names=$(grep -hoE "^const struct $1 $1_[a-z0-9_]+ =" "$3"/*.c 2>/dev/null |
		sed -E "s/.* ($1_[a-z0-9_]+) =/\1/" | LC_ALL=C sort)
	printf '\n#include "%s"\n\n' "$2"
	for n in $names; do printf 'extern const struct %s %s;\n' "$1" "$n"; done
	printf '\nconst struct %s *const %s_list[] = {\n' "$1" "$1"
	for n in $names; do printf '\t&%s,\n' "$n"; done
	printf '\tNULL\n};\n'
}

echo "/* Made by mk/registry.sh from the files in lib/; not edited. */"
list op_family op/op.h lib/op
list importer import/import.h lib/import
list policy policy/policy.h lib/policy
list target emit/target.h lib/emit
