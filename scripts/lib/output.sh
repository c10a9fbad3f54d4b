# shellcheck shell=bash
# What the scripts say. Standard output carries data only (an address, a path); everything
# a person reads while waiting goes to standard error.

say() {
  printf '%s\n' "$*" >&2
}

die() {
  printf 'error: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do
    printf '       %s\n' "$line" >&2
  done
  exit 1
}
