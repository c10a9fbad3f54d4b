# shellcheck shell=bash
# Kafka's own command-line tools, run from the same jars as the brokers.

# The class behind the name of a tool, as in kafka-NAME.sh. Classes moved over the releases
# from Scala packages to Java ones, so each is looked up in the jars.
_tool_class() {
  local name
  case "$1" in
    acls) name=AclCommand ;;
    broker-api-versions) name=BrokerApiVersionsCommand ;;
    cluster) name=ClusterTool ;;
    configs) name=ConfigCommand ;;
    console-consumer) name=ConsoleConsumer ;;
    console-producer) name=ConsoleProducer ;;
    consumer-groups) name=ConsumerGroupCommand ;;
    delete-records) name=DeleteRecordsCommand ;;
    features) name=FeatureCommand ;;
    get-offsets) name=GetOffsetShell ;;
    leader-election) name=LeaderElectionCommand ;;
    log-dirs) name=LogDirsCommand ;;
    metadata-quorum) name=MetadataQuorumCommand ;;
    producer-perf-test) name=ProducerPerformance ;;
    reassign-partitions) name=ReassignPartitionsCommand ;;
    topics) name=TopicCommand ;;
    *.*) printf '%s' "$1" && return 0 ;;
    *) return 1 ;;
  esac
  _class_in_jars "$name"
}

# File names stand uncompressed in a jar's index.
_class_in_jars() {
  local path jar
  for path in org/apache/kafka/tools org/apache/kafka/tools/consumer \
    org/apache/kafka/tools/consumer/group org/apache/kafka/tools/reassign kafka/admin kafka/tools; do
    for jar in "$JARS"/kafka-tools-[0-9]*.jar "$JARS"/kafka_2.1[0-9]-*.jar; do
      if grep -q -a -F "$path/$1.class" "$jar" 2>/dev/null; then
        printf '%s' "${path//\//.}.$1"
        return 0
      fi
    done
  done
  return 1
}

_names_a_cluster() {
  local argument
  for argument in "$@"; do
    case "$argument" in
      --bootstrap-server | --bootstrap-server=* | --bootstrap-controller | --bootstrap-controller=* | \
        --broker-list | --help | --version) return 0 ;;
    esac
  done
  return 1
}

# verb_tool NAME ARGUMENTS...: the cluster of the folder is the one that is spoken to, unless
# the arguments name another.
verb_tool() {
  local name="${1:-}" class
  [ -n "$name" ] || die "which tool? for example: scripts/kafka tool topics --list"
  shift
  local address=()
  if cluster_exists; then
    load_cluster
    case "$name" in
      *.* | producer-perf-test) ;;
      *) _names_a_cluster "$@" || address=(--bootstrap-server "$(bootstrap_address)") ;;
    esac
  fi
  require_java
  resolve_kafka "${GIVEN_VERSION:-${KAFKA_VERSION:-}}"
  JARS="$TOOL_JARS"
  class="$(_tool_class "$name")" || die "Kafka $KAFKA_VERSION has no tool '$name'" \
    "known: acls, broker-api-versions, cluster, configs, console-consumer, console-producer," \
    "consumer-groups, delete-records, features, get-offsets, leader-election, log-dirs," \
    "metadata-quorum, producer-perf-test, reassign-partitions, topics, or a full class name"
  logging_flags tool "$KAFKA_STORE/logs"
  java_command "$class" "${LOGGING[@]}" -- ${address[@]+"${address[@]}"} "$@"
  exec "${COMMAND[@]}"
}

verb_classpath() {
  resolve_kafka "$GIVEN_VERSION"
  classpath_of "$TOOL_JARS"
  printf '\n'
}
