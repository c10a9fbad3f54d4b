# shellcheck shell=bash
# `prepare`: fetches Kafka's jars and writes class-data archives for its broker and its
# tools, by running each of them once on a throwaway cluster. Optional; afterwards they
# start in about half the time, which pays as soon as a few of them are started.

verb_prepare() {
  require_java
  resolve_kafka "$GIVEN_VERSION"
  if [ -z "$VERSION_DIR" ]; then
    say "KAFKA_HOME is set: Kafka $KAFKA_VERSION is used from there as it is"
  elif [ -d "$VERSION_DIR/archives" ]; then
    say "Kafka $KAFKA_VERSION is ready to start"
  else
    _write_archives
  fi
}

_write_archives() {
  say "preparing Kafka $KAFKA_VERSION for quick starts (once)"
  STAGING="$(mktemp -d "$KAFKA_STORE/versions/.training-XXXXXX")"
  ARCHIVE_INTO="$STAGING/archives"
  mkdir "$ARCHIVE_INTO"
  CLUSTER_DIR="$STAGING/cluster"
  GIVEN_VERSION="$KAFKA_VERSION" GIVEN_PORT=free GIVEN_BROKERS=1 GIVEN_TEMPORARY=yes
  KAFKA_HOME=""
  mkdir "$CLUSTER_DIR"
  RUNNING_HERE=yes
  bring_up
  _train_tool topics --create --topic training --partitions 2
  _train_tool topics --describe
  _train_tool configs --alter --entity-type topics --entity-name training --add-config retention.ms=1
  # It writes its archive when it ends by itself, which takes a while.
  STOP_DEADLINE_SECONDS=120
  stop_brokers gently 1
  mv "$ARCHIVE_INTO" "$VERSION_DIR/archives" 2>/dev/null || true
}

# A tool that fails has loaded its classes all the same; a missing archive only costs time.
_train_tool() {
  (verb_tool "$@") >>"$STAGING/tools.log" 2>&1 </dev/null || true
}
