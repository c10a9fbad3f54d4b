# shellcheck shell=bash
# The verbs of scripts/kafka that concern a cluster. Each one finds CLUSTER_DIR and the
# options that were given (GIVEN_…, empty if not) already set.

readonly DEFAULT_PORT=9092

# One command at a time works on a folder.
lock_cluster() {
  local owner deadline=$((SECONDS + START_DEADLINE_SECONDS + STOP_DEADLINE_SECONDS))
  while ! (set -C && echo "$$" >"$CLUSTER_DIR/lock") 2>/dev/null; do
    owner="$(cat "$CLUSTER_DIR/lock" 2>/dev/null || true)"
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      rm -f "$CLUSTER_DIR/lock"
    elif [ "$SECONDS" -ge "$deadline" ]; then
      die "another scripts/kafka (process $owner) is at work on $CLUSTER_DIR" \
        "if there is none, remove $CLUSTER_DIR/lock"
    else
      sleep 0.2
    fi
  done
  LOCK="$CLUSTER_DIR/lock"
}

unlock_cluster() {
  [ -z "$LOCK" ] || rm -f "$LOCK"
  LOCK=""
}

require_cluster() {
  cluster_exists || die "there is no cluster in $CLUSTER_DIR" "make one with scripts/kafka start"
  load_cluster
}

_refuse_difference() {
  local what="$1" has="$2" wanted="$3"
  [ -z "$wanted" ] || [ "$has" = "$wanted" ] ||
    die "the cluster in $CLUSTER_DIR has $what $has, not $wanted" "$4"
}

# A cluster that is there keeps what it was made with; what cannot change on the way is
# refused rather than ignored.
_settle_existing() {
  load_cluster
  local delete="make it anew (its data is lost): scripts/kafka stop --delete --dir $CLUSTER_DIR"
  _refuse_difference "version" "$KAFKA_VERSION" "$GIVEN_VERSION" "$delete"
  _refuse_difference "brokers:" "$BROKERS" "$GIVEN_BROKERS" "$delete"
  _refuse_difference "the listeners" "$LISTENERS" "$GIVEN_LISTENERS" "$delete"
  if [ -n "$(running_ids)" ]; then
    local stop="stop it first: scripts/kafka stop --dir $CLUSTER_DIR"
    _refuse_difference "heap" "$HEAP" "$GIVEN_HEAP" "$stop"
    [ "$GIVEN_PORT" = free ] || _refuse_difference "port" "$PORT" "$GIVEN_PORT" "$stop"
    _refuse_difference "the properties" "$PROPERTIES" "$GIVEN_PROPERTIES" "$stop"
  else
    HEAP="${GIVEN_HEAP:-$HEAP}"
    PORT="${GIVEN_PORT:-$PORT}"
    PROPERTIES="${GIVEN_PROPERTIES:-$PROPERTIES}"
  fi
}

_settle_new() {
  KAFKA_VERSION="$GIVEN_VERSION"
  BROKERS="${GIVEN_BROKERS:-1}"
  PORT="${GIVEN_PORT:-$DEFAULT_PORT}"
  HEAP="${GIVEN_HEAP:-512m}"
  PROPERTIES="$GIVEN_PROPERTIES"
  LISTENERS="$GIVEN_LISTENERS"
  CLUSTER_ID="$(new_cluster_id)"
}

# Starts what does not run yet, and returns when every broker serves.
bring_up() {
  require_java
  mkdir -p "$CLUSTER_DIR"
  lock_cluster
  if cluster_exists; then _settle_existing; else _settle_new; fi
  resolve_kafka "$KAFKA_VERSION"
  local id missing="" began="$SECONDS"
  for id in $(broker_ids); do
    is_running "$id" || missing="$missing $id"
  done
  if [ -z "$missing" ]; then
    say "Kafka $KAFKA_VERSION is already running"
    save_cluster
  else
    say "starting Apache Kafka $KAFKA_VERSION, $(wc -w <<<"$missing" | tr -d ' ') of $BROKERS brokers, data in $CLUSTER_DIR"
    # shellcheck disable=SC2086 # a list of numbers
    _start_on_ports $missing
    say "every broker serves, after $((SECONDS - began)) s"
  fi
  unlock_cluster
}

# With --port free another program may take a port between the look and the start: look again.
_start_on_ports() {
  local attempt chosen="$PORT"
  for attempt in 1 2 3; do
    if [ "$chosen" = free ]; then choose_free_ports; else check_ports_are_free "$@"; fi
    save_cluster
    start_brokers "$@" && return 0
    [ "$chosen" = free ] && [ "$attempt" -lt 3 ] && ports_were_taken_meanwhile || break
    stop_brokers now "$@"
  done
  report_not_ready
}

verb_start() {
  bring_up
  bootstrap_address
}

verb_stop() {
  if ! cluster_exists; then
    say "nothing to stop: there is no cluster in $CLUSTER_DIR"
    return 0
  fi
  load_cluster
  lock_cluster
  local ids
  ids="$(running_ids)"
  # shellcheck disable=SC2046,SC2086 # lists of numbers
  if [ -z "$ids" ]; then
    say "nothing to stop: no broker of $CLUSTER_DIR is running"
  else
    stop_brokers gently $ids
    say "stopped broker" $ids
  fi
  unlock_cluster
  if [ -n "$GIVEN_DELETE" ]; then
    rm -rf "$CLUSTER_DIR"
    say "deleted $CLUSTER_DIR"
  fi
}

# Exit code 0 if every broker is running, 1 if not.
verb_status() {
  if ! cluster_exists; then
    printf 'no cluster in %s\n' "$CLUSTER_DIR"
    return 1
  fi
  load_cluster
  local id pid code=0
  printf 'Kafka %s, cluster id %s, data in %s\n' "$KAFKA_VERSION" "$CLUSTER_ID" "$CLUSTER_DIR"
  for id in $(broker_ids); do
    if pid="$(broker_pid "$id")"; then
      printf 'broker %s  127.0.0.1:%s  running, process %s\n' "$id" "$(broker_port "$id")" "$pid"
    else
      printf 'broker %s  127.0.0.1:%s  stopped\n' "$id" "$(broker_port "$id")"
      code=1
    fi
  done
  return "$code"
}

_require_broker() {
  require_cluster
  case " $(broker_ids | tr '\n' ' ') " in
    *" ${1:-} "*) ;;
    *) die "the cluster in $CLUSTER_DIR has the brokers $(broker_ids); got '${1:-}'" ;;
  esac
}

verb_start_broker() {
  _require_broker "${1:-}"
  if is_running "$1"; then
    say "broker $1 is already running"
    return 0
  fi
  require_java
  lock_cluster
  resolve_kafka "$KAFKA_VERSION"
  check_ports_are_free "$1"
  start_brokers "$1" || report_not_ready
  unlock_cluster
}

verb_stop_broker() {
  _require_broker "${1:-}"
  lock_cluster
  stop_brokers gently "$1"
  unlock_cluster
}

verb_kill_broker() {
  _require_broker "${1:-}"
  lock_cluster
  stop_brokers now "$1"
  unlock_cluster
}

# Runs a cluster for as long as somebody holds our standard input open. Whoever started this
# may die in any way: the end of the input is seen all the same, and no broker stays behind.
# On standard output: `ready ADDRESS`, then `done` or `failed` for each verb that is read.
verb_run() {
  [ -z "$GIVEN_TEMPORARY" ] || [ -z "$(ls -A "$CLUSTER_DIR" 2>/dev/null)" ] ||
    die "$CLUSTER_DIR is not empty, and --temporary deletes its folder at the end"
  mkdir -p "$CLUSTER_DIR"
  RUNNING_HERE=yes
  # A reader that went away must not end this before the brokers are stopped.
  trap '' PIPE
  bring_up
  printf 'ready %s\n' "$(bootstrap_address)"
  local verb id
  while IFS=' ' read -r verb id; do
    case "$verb" in
      start-broker | stop-broker | kill-broker)
        if (_verb_in_run "verb_${verb/-/_}" "$id") </dev/null; then echo "done"; else echo failed; fi
        ;;
      *)
        say "not a verb here: $verb"
        echo failed
        ;;
    esac
  done
}

# Called in a subshell, since a failed verb must not end the cluster; what it has begun must
# be cleaned up all the same.
_verb_in_run() {
  RUNNING_HERE=""
  trap on_exit EXIT
  "$@"
}

# The end of `run`, however it comes. Nobody misses the data of a temporary cluster, so its
# brokers are not given the time to put it in order.
finish_run() {
  [ -n "$RUNNING_HERE" ] || return 0
  RUNNING_HERE=""
  local how=gently
  [ -z "$GIVEN_TEMPORARY" ] || how=now
  if cluster_exists; then
    load_cluster
    # shellcheck disable=SC2046 # a list of numbers
    stop_brokers "$how" $(broker_ids)
  fi
  [ -z "$GIVEN_TEMPORARY" ] || rm -rf "$CLUSTER_DIR"
}
