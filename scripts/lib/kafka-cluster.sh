# shellcheck shell=bash
# A cluster in a folder: its settings, its brokers' files, starting it, waiting for it.
# CLUSTER_DIR is the folder; its file `cluster` remembers what the cluster was made with, so
# that later commands need no options.

readonly START_DEADLINE_SECONDS=120
# A cluster's ports are BASE.. for its brokers, the three from here on for controllers, and
# three more for each listener that was asked for.
readonly CONTROLLER_PORT_OFFSET=3
readonly LISTENER_PORT_OFFSET=6

broker_ids() {
  if [ "$BROKERS" -eq 1 ]; then echo 1; else seq 1 "$BROKERS"; fi
}

# The fourth broker is no controller: three are a quorum already.
controller_ids() {
  if [ "$BROKERS" -eq 1 ]; then echo 1; else echo 1 2 3; fi
}

is_controller() { [ "$1" -le 3 ]; }

# The port of the fourth broker comes after all others.
broker_port() {
  if is_controller "$1"; then
    echo $((PORT + $1 - 1))
  else
    echo $((PORT + LISTENER_PORT_OFFSET + 3 * $(wc -w <<<"$LISTENERS")))
  fi
}
controller_port() { echo $((PORT + CONTROLLER_PORT_OFFSET + $1 - 1)); }

# listener_port ID INDEX: of the listeners that were asked for, counted from 0.
listener_port() { echo $((PORT + LISTENER_PORT_OFFSET + 3 * $2 + $1 - 1)); }

# broker_ports ID: every port of a broker.
broker_ports() {
  local index=0 listener
  broker_port "$1"
  is_controller "$1" || return 0
  controller_port "$1"
  for listener in $LISTENERS; do
    listener_port "$1" "$index"
    index=$((index + 1))
  done
}

bootstrap_address() {
  local id address=""
  for id in $(broker_ids); do
    address="$address,127.0.0.1:$(broker_port "$id")"
  done
  printf '%s\n' "${address#,}"
}

running_ids() {
  local id
  for id in $(broker_ids); do
    if is_running "$id"; then echo "$id"; fi
  done
}

cluster_exists() { [ -e "$CLUSTER_DIR/cluster" ]; }

load_cluster() {
  # Clusters from before there were listeners to ask for do not remember any.
  LISTENERS=""
  # shellcheck source=/dev/null
  . "$CLUSTER_DIR/cluster"
  PROPERTIES="$(cat "$CLUSTER_DIR/extra.properties")"
}

save_cluster() {
  printf '%s\n' "$PROPERTIES" >"$CLUSTER_DIR/extra.properties"
  {
    printf 'KAFKA_VERSION=%q\nBROKERS=%q\nPORT=%q\n' "$KAFKA_VERSION" "$BROKERS" "$PORT"
    printf 'HEAP=%q\nCLUSTER_ID=%q\nLISTENERS=%q\n' "$HEAP" "$CLUSTER_ID" "$LISTENERS"
  } >"$CLUSTER_DIR/cluster"
}

# 22 characters of base64 for URLs, as Kafka writes ids; never a leading dash, which its
# tools would take for an option.
new_cluster_id() {
  printf 'A%sA' "$(head -c 15 /dev/urandom | base64 | tr '+/' '-_')"
}

# Nothing here changes what a topic inherits: settings with a topic-level twin stay at
# Kafka's own defaults, so that `describe` and `diff` see what they would see elsewhere.
write_broker_properties() {
  local id="$1" replicas="$BROKERS" in_sync=1 voters="" voter racks=(none rack-a rack-b rack-c rack-d)
  local roles=broker,controller own_controller=",CONTROLLER://127.0.0.1:$(controller_port "$1")"
  local listener index=0 listeners advertised protocol host protocols=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
  listeners="PLAINTEXT://127.0.0.1:$(broker_port "$id")"
  advertised="$listeners"
  if ! is_controller "$id"; then
    roles=broker own_controller=""
  fi
  [ "$replicas" -le 3 ] || replicas=3
  for listener in $LISTENERS; do
    is_controller "$id" || break
    protocol="${listener#*=}" host=127.0.0.1
    case "$protocol" in *@*) host="${protocol#*@}" protocol="${protocol%@*}" ;; esac
    listeners="$listeners,${listener%%=*}://127.0.0.1:$(listener_port "$id" "$index")"
    advertised="$advertised,${listener%%=*}://$host:$(listener_port "$id" "$index")"
    protocols="$protocols,${listener%%=*}:$protocol"
    index=$((index + 1))
  done
  [ "$BROKERS" -eq 1 ] || in_sync=2
  for voter in $(controller_ids); do
    voters="$voters,$voter@127.0.0.1:$(controller_port "$voter")"
  done
  cat <<END
process.roles=$roles
node.id=$id
broker.rack=${racks[$id]}
listeners=$listeners$own_controller
advertised.listeners=$advertised
listener.security.protocol.map=$protocols
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=${voters#,}
log.dirs=$CLUSTER_DIR/broker-$id/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=$replicas
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
# the controller lets a broker come back only when the session of its former self is over
broker.session.timeout.ms=5000
broker.heartbeat.interval.ms=1000
# a small fixed buffer instead of 128 MB: the heap is small
log.cleaner.dedupe.buffer.size=4194304
# from the command line
$PROPERTIES
END
}

# Formats the brokers that have no data yet, all at once.
format_brokers() {
  local id folder jobs="" job
  JARS="$BROKER_JARS"
  logging_flags tool "$CLUSTER_DIR/logs"
  for id in "$@"; do
    folder="$CLUSTER_DIR/broker-$id"
    [ ! -e "$folder/data/meta.properties" ] || continue
    java_command kafka.tools.StorageTool "${LOGGING[@]}" -- \
      format -t "$CLUSTER_ID" -c "$folder/server.properties"
    "${COMMAND[@]}" >"$folder/format.log" 2>&1 </dev/null &
    jobs="$jobs $id:$!"
  done
  for job in $jobs; do
    wait "${job#*:}" && continue
    tail -n 30 "$CLUSTER_DIR/broker-${job%:*}/format.log" >&2
    die "Kafka could not format the data folder of broker ${job%:*}; its own words are above"
  done
}

check_ports_are_free() {
  local id port
  for id in "$@"; do
    for port in $(broker_ports "$id"); do
      port_is_open "$port" || continue
      die "port $port is taken by another program, so broker $id cannot have it" \
        "stop that program, or choose other ports: scripts/kafka start --port 19092"
    done
  done
}

# Enough free ports in a row, below the range from which systems give ports to outgoing
# connections: a broker that is stopped for a while must find its port free again.
choose_free_ports() {
  local attempt offset taken count
  count=$((LISTENER_PORT_OFFSET + 3 * $(wc -w <<<"$LISTENERS") + (BROKERS > 3 ? 1 : 0)))
  for attempt in {1..200}; do
    PORT=$((20000 + (RANDOM % (12000 / count)) * count))
    taken=""
    for ((offset = 0; offset < count; offset++)); do
      if port_is_open "$((PORT + offset))"; then taken=yes; fi
    done
    [ -n "$taken" ] || return 0
  done
  die "no $count free ports in a row after $attempt attempts"
}

# start_brokers ID...: writes their files, starts them, waits until all serve.
start_brokers() {
  local id
  for id in "$@"; do
    mkdir -p "$CLUSTER_DIR/broker-$id"
    write_broker_properties "$id" >"$CLUSTER_DIR/broker-$id/server.properties"
  done
  format_brokers "$@"
  for id in "$@"; do
    launch_broker "$id"
    LAUNCHED="$LAUNCHED $id"
  done
  wait_until_ready || return 1
  LAUNCHED=""
}

# Ready: every running broker answers and knows all the running brokers.
wait_until_ready() {
  local ids expected id deadline=$((SECONDS + START_DEADLINE_SECONDS))
  # The launched ones are named once more: one of them may have ended already.
  # shellcheck disable=SC2086 # a list of numbers
  ids="$({ running_ids && printf '%s\n' $LAUNCHED; } | sort -u)"
  expected="$(wc -w <<<"$ids")"
  for id in $ids; do
    until [ "$(live_brokers_seen_by "$(broker_port "$id")")" = "$((expected))" ]; do
      if ! is_running "$id"; then
        _not_ready "$id" "broker $id ended while it was starting"
        return 1
      elif [ "$SECONDS" -ge "$deadline" ]; then
        _not_ready "$id" "broker $id does not serve after $START_DEADLINE_SECONDS s"
        return 1
      fi
      sleep 0.1
    done
  done
}

_not_ready() {
  FAILED_BROKER="$1"
  FAILURE="$2"
}

report_not_ready() {
  tail -n 40 "$CLUSTER_DIR/broker-$FAILED_BROKER/kafka.log" >&2 || true
  die "$FAILURE; the end of its log is above" \
    "all of it: $CLUSTER_DIR/broker-$FAILED_BROKER/kafka.log"
}

ports_were_taken_meanwhile() {
  grep -q 'Address already in use' "$CLUSTER_DIR"/broker-*/kafka.log 2>/dev/null
}
