# shellcheck shell=bash
# The programs that check scripts and dependencies: shellcheck and cargo-deny. Worth having, and not worth another
# program on every machine: elsewhere they are used if they are there; in CI (CI=true) they have to run, and are
# fetched built, which takes seconds where a build of cargo-deny takes minutes. check-tools.txt pins each file.

readonly CHECK_TOOLS="$ROOT/target/check-tools"

# What was not checked, and why: said at the end of everything.
NOT_CHECKED=()

# find_check_tool NAME: true if it can be run by its name from now on. In CI there is no other end.
find_check_tool() {
  PATH="$CHECK_TOOLS/bin:$PATH"
  command -v "$1" >/dev/null 2>&1 && return 0
  if [ -z "${CI:-}" ]; then
    NOT_CHECKED+=("$1 is not installed")
    return 1
  fi
  _install_check_tools
  command -v "$1" >/dev/null 2>&1 || _install_otherwise "$1" || true
  command -v "$1" >/dev/null 2>&1 || die "CI is set, so $1 has to run, and it cannot be installed"
}

_install_check_tools() {
  [ -z "${TOPICCTL_NO_INSTALL:-}" ] || return 0
  say "fetching the programs of scripts/lib/check-tools.txt"
  rm -rf "$CHECK_TOOLS"
  python3 -m venv "$CHECK_TOOLS" >&2 &&
    "$CHECK_TOOLS/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
      --require-hashes -r "$ROOT/scripts/lib/check-tools.txt" >&2 || true
}

# Where nobody offers them built.
_install_otherwise() {
  [ -z "${TOPICCTL_NO_INSTALL:-}" ] || return 1
  case "$1" in
    shellcheck) apt_install shellcheck ;;
    cargo-deny) cargo install --locked --version 0.20.2 --root "$CHECK_TOOLS" cargo-deny >&2 ;;
  esac
}
