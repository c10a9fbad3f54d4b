# shellcheck shell=bash
# The programs that the scripts need and may have to install: Java for Kafka's brokers and
# tools, Maven to fetch Kafka's jars, compilers for Rust programs and librdkafka, Python and Prometheus
# for the tests with them. Debian's package manager is used when this user may use it; anybody else, and whoever
# gives --no-install or sets TOPICCTL_NO_INSTALL, is told exactly what to install.

# Kafka 4 does not start on an older Java (KIP-1013).
readonly MINIMUM_JAVA=17

# The command prefix that makes apt-get work for this user, or failure.
_apt_prefix() {
  command -v apt-get >/dev/null 2>&1 || return 1
  if [ "$(id -u)" -eq 0 ]; then
    printf 'env'
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    printf 'sudo -n env'
  else
    return 1
  fi
}

# apt_install PACKAGE...: true if all of them are installed afterwards.
apt_install() {
  local prefix log
  [ -z "${TOPICCTL_NO_INSTALL:-}" ] || return 1
  prefix="$(_apt_prefix)" || return 1
  log="$(mktemp)"
  say "installing $* with apt-get"
  # The lists are refreshed first: a machine's image may name versions that are long gone.
  # shellcheck disable=SC2086 # the prefix is several words on purpose
  if { $prefix DEBIAN_FRONTEND=noninteractive apt-get update &&
    $prefix DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } \
    >"$log" 2>&1 </dev/null; then
    rm -f "$log"
    return 0
  fi
  tail -n 15 "$log" >&2
  rm -f "$log"
  return 1
}

# The major version of a java program: 17 for 17.0.15, 8 for 1.8.0_392.
_java_major() {
  local text
  text="$("$1" -version 2>&1 | sed -n 's/.*version "\([^"]*\)".*/\1/p' | head -n 1)"
  text="${text#1.}"
  text="${text%%[!0-9]*}"
  printf '%s' "${text:-0}"
}

# Prints the first java that is new enough, or fails.
_find_java() {
  local candidate
  for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" \
    /usr/lib/jvm/*/bin/java; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    if [ "$(_java_major "$candidate")" -ge "$MINIMUM_JAVA" ]; then
      printf '%s' "$candidate"
      return 0
    fi
  done
  return 1
}

# Sets JAVA to a java that runs Kafka, installing one if need be.
require_java() {
  [ -z "$JAVA" ] || return 0
  if JAVA="$(_find_java)"; then
    return 0
  fi
  # Debian releases after 12 carry a newer Java than 17 under the default name.
  { apt_install openjdk-17-jre-headless || apt_install default-jre-headless; } || true
  if JAVA="$(_find_java)"; then
    return 0
  fi
  die "Kafka needs Java $MINIMUM_JAVA or newer, and none was found" \
    "install it, for example:" \
    "  Debian, Ubuntu   sudo apt-get install openjdk-17-jre-headless" \
    "  Fedora, RHEL     sudo dnf install java-17-openjdk-headless" \
    "  macOS            brew install openjdk@17" \
    "or set JAVA_HOME to one that is not on the PATH"
}

require_maven() {
  command -v mvn >/dev/null 2>&1 && return 0
  apt_install maven || true
  command -v mvn >/dev/null 2>&1 && return 0
  die "Maven fetches Kafka's jars, and it was not found" \
    "install it, for example:" \
    "  Debian, Ubuntu   sudo apt-get install maven" \
    "  Fedora, RHEL     sudo dnf install maven" \
    "  macOS            brew install maven" \
    "or unpack a Kafka release and set KAFKA_HOME to its folder: then Maven is not needed"
}

# What a build of topicctl needs besides Rust: a C compiler to link, and with a C++ compiler, make
# and perl librdkafka and its TLS, which are built from their sources.
require_c_compiler() {
  local missing
  missing="$(_missing_build_tools)"
  [ -n "$missing" ] || return 0
  apt_install gcc g++ libc6-dev make perl || true
  missing="$(_missing_build_tools)"
  [ -n "$missing" ] || return 0
  die "topicctl and librdkafka are built with a C and a C++ compiler, make and perl; not found:$missing" \
    "install them, for example:" \
    "  Debian, Ubuntu   sudo apt-get install gcc g++ libc6-dev make perl" \
    "  Fedora, RHEL     sudo dnf install gcc gcc-c++ make perl-core" \
    "  macOS            xcode-select --install"
}

# Perl of minimal systems comes without the modules that OpenSSL's build reads.
_missing_build_tools() {
  local program
  for program in cc c++ make perl; do
    command -v "$program" >/dev/null 2>&1 || printf ' %s' "$program"
  done
  ! command -v perl >/dev/null 2>&1 || perl -MIPC::Cmd -MTime::Piece -e 1 2>/dev/null ||
    printf ' perl-core'
}

# Python is the other side of the events: tests exchange them with pydantic.
require_python() {
  _has_python && return 0
  apt_install python3 python3-venv || true
  _has_python && return 0
  die "tests exchange events with Python 3.9 or newer, which was not found or lacks its venv module" \
    "install it, for example:" \
    "  Debian, Ubuntu   sudo apt-get install python3 python3-venv" \
    "  Fedora, RHEL     sudo dnf install python3" \
    "  macOS            brew install python"
}

_has_python() {
  python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1
}

# Prometheus scrapes the exporter in tests and in the demo; promtool, which comes with it, checks the alerts.
require_prometheus() {
  _has_prometheus && return 0
  apt_install prometheus || true
  _has_prometheus && return 0
  die "Prometheus and promtool check the metrics and the alerts, and were not found" \
    "install them, for example:" \
    "  Debian, Ubuntu   sudo apt-get install prometheus" \
    "  Fedora, RHEL     sudo dnf install golang-github-prometheus" \
    "  macOS            brew install prometheus"
}

_has_prometheus() {
  command -v prometheus >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1
}
