# shellcheck shell=bash
# The Rust toolchain that rust-toolchain.toml names, and the components the checks need.

wanted_rust() {
  sed -n 's/^channel *= *"\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml"
}

# Sets the PATH so that cargo is found, installing what may be installed.
require_rust() {
  PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
  require_c_compiler
  # Newer Debian and Ubuntu releases have rustup as a package.
  command -v cargo >/dev/null 2>&1 || apt_install rustup || true
  command -v cargo >/dev/null 2>&1 ||
    die "Rust $(wanted_rust) builds topicctl, and cargo was not found" \
      "install rustup from https://rustup.rs, or with a package manager:" \
      "  Debian 13, Ubuntu 24.04   sudo apt-get install rustup" \
      "  macOS                     brew install rustup" \
      "it fetches the toolchain that rust-toolchain.toml names by itself"
  if command -v rustup >/dev/null 2>&1; then
    _require_toolchain
  elif ! cargo --version | grep -q -F "cargo $(wanted_rust) "; then
    say "note: rust-toolchain.toml asks for Rust $(wanted_rust), and this is $(cargo --version);" \
      "without rustup it is used as it is, and may find other lints"
  fi
}

_require_toolchain() {
  local wanted
  wanted="$(wanted_rust)"
  rustup run "$wanted" cargo --version >/dev/null 2>&1 && return 0
  [ -z "${TOPICCTL_NO_INSTALL:-}" ] || die "Rust $wanted is not installed" \
    "install it with: rustup toolchain install $wanted --profile minimal"
  say "installing Rust $wanted"
  rustup toolchain install "$wanted" --profile minimal >&2 </dev/null ||
    die "rustup could not install Rust $wanted; its own words are above"
}

# require_rust_component NAME COMMAND...: COMMAND works if the component is there.
require_rust_component() {
  local name="$1"
  shift
  "$@" >/dev/null 2>&1 && return 0
  if [ -z "${TOPICCTL_NO_INSTALL:-}" ] && command -v rustup >/dev/null 2>&1; then
    say "adding the Rust component $name"
    rustup component add --toolchain "$(wanted_rust)" "$name" >&2 </dev/null || true
  fi
  "$@" >/dev/null 2>&1 || die "the Rust component $name is missing" \
    "install it with: rustup component add --toolchain $(wanted_rust) $name" \
    "or, with a Rust from the system's packages, install their $name"
}
