# shellcheck shell=bash
# Broker processes: starting one, finding it again, asking whether it serves, stopping it.
# A process is only ever ended by the id that was written down when it was started, and only
# if what runs under that id now still is that broker.

STOP_DEADLINE_SECONDS=20

# The flag on a broker's command line by which it is known again.
_mark_of() {
  printf -- '-Dtopicctl.kafka.broker=%s' "$CLUSTER_DIR/broker-$1"
}

# True if the process runs with exactly that word on its command line. A process that has
# ended but was not reaped yet has an empty command line.
_process_has_word() {
  local pid="$1" word="$2" candidate
  if [ -d /proc/self ]; then
    [ -r "/proc/$pid/cmdline" ] || return 1
    while IFS= read -r -d '' candidate; do
      [ "$candidate" != "$word" ] || return 0
    done 2>/dev/null <"/proc/$pid/cmdline"
    return 1
  fi
  case " $(ps -ww -o args= -p "$pid" 2>/dev/null) " in
    *" $word "*) return 0 ;;
    *) return 1 ;;
  esac
}

# Prints the process id of a running broker; fails if it does not run.
broker_pid() {
  local pid
  pid="$(cat "$CLUSTER_DIR/broker-$1/pid" 2>/dev/null)" || return 1
  [[ "$pid" =~ ^[0-9]+$ ]] && _process_has_word "$pid" "$(_mark_of "$1")" || return 1
  printf '%s' "$pid"
}

is_running() {
  broker_pid "$1" >/dev/null
}

# Starts a broker's process and does not wait for it. It outlives this script and the
# terminal, and holds none of their pipes open.
launch_broker() {
  local folder="$CLUSTER_DIR/broker-$1"
  JARS="$BROKER_JARS"
  logging_flags broker "$folder/logs"
  java_command kafka.Kafka "-Xmx$HEAP" "$(_mark_of "$1")" "${LOGGING[@]}" -- \
    "$folder/server.properties"
  nohup "${COMMAND[@]}" >"$folder/kafka.log" 2>&1 </dev/null &
  disown
  printf '%s\n' "$!" >"$folder/pid"
  # Until the new process has become java it cannot be told from this script.
  while ! is_running "$1" && kill -0 "$!" 2>/dev/null; do
    sleep 0.02
  done
}

# True if something accepts connections on a loopback port.
port_is_open() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || (exec 3<>"/dev/tcp/::1/$1") 2>/dev/null
}

# Asks the broker on a port, in Kafka's protocol, and prints how many live brokers it knows.
# Fails if it does not answer: a started broker accepts connections well before it serves.
# The request is Metadata version 4 for no topics; the number is the answer's fourth word,
# after length, correlation and throttle time.
live_brokers_seen_by() (
  set +e
  LC_ALL=C
  exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
  printf '\0\0\0\017\0\003\0\004\0\0\0\001\377\377\0\0\0\0\0' >&3 || exit 1
  count=""
  for position in {1..16}; do
    # A zero byte ends the read at once and leaves the variable empty.
    IFS= read -r -t 2 -d '' -n1 byte <&3 || exit 1
    [ "$position" -lt 16 ] || count="$(printf '%d' "'$byte")"
  done
  printf '%s' "$count"
) 2>/dev/null

# stop_brokers HOW ID...: HOW is `gently` (TERM, and KILL when the deadline passes) or `now`.
stop_brokers() {
  local how="$1" id pid deadline=$((SECONDS + STOP_DEADLINE_SECONDS))
  shift
  for id in "$@"; do
    if pid="$(broker_pid "$id")"; then
      if [ "$how" = now ]; then kill -KILL "$pid"; else kill -TERM "$pid"; fi 2>/dev/null || true
    fi
  done
  for id in "$@"; do
    while pid="$(broker_pid "$id")"; do
      if [ "$SECONDS" -ge "$deadline" ]; then
        say "broker $id did not stop within $STOP_DEADLINE_SECONDS s: killing it"
        kill -KILL "$pid" 2>/dev/null || true
      fi
      sleep 0.1
    done
    # A process loses its command line a moment before the system closes its sockets.
    while port_is_open "$(broker_port "$id")" && [ "$SECONDS" -lt "$deadline" ]; do
      sleep 0.05
    done
    rm -f "$CLUSTER_DIR/broker-$id/pid"
  done
}
