# shellcheck shell=bash
# Clusters with remote storage (KIP-405). Kafka comes without a plugin for it; its own tests have one that
# keeps segments in a folder, and the repository offers that in a jar of test classes.

# The newest release with that jar. A plugin runs only in the release it was built with.
readonly TIERED_STORAGE_VERSION=4.3.1

# Adds what --tiered-storage means to what was given.
add_tiered_storage() {
  [ -z "$GIVEN_VERSION" ] || [ "$GIVEN_VERSION" = "$TIERED_STORAGE_VERSION" ] ||
    die "--tiered-storage runs Kafka $TIERED_STORAGE_VERSION, and --version $GIVEN_VERSION was asked for" \
      "leave one of them out"
  GIVEN_VERSION="$TIERED_STORAGE_VERSION"
  local plugin="kafka-storage-$TIERED_STORAGE_VERSION-test.jar"
  [ -f "$KAFKA_STORE/plugins/$plugin" ] || _fetch_tiered_storage "$plugin"
  local properties="remote.log.storage.system.enable=true
remote.log.storage.manager.class.name=org.apache.kafka.server.log.remote.storage.LocalTieredStorage
remote.log.storage.manager.class.path=$KAFKA_STORE/plugins/$plugin
rsm.config.dir=$CLUSTER_DIR/remote
remote.log.metadata.manager.listener.name=PLAINTEXT
rlmm.config.remote.log.metadata.topic.replication.factor=1
rlmm.config.remote.log.metadata.topic.num.partitions=2"
  GIVEN_PROPERTIES="$properties${GIVEN_PROPERTIES:+$'\n'}$GIVEN_PROPERTIES"
}

# Moved into place in one step, as every other jar.
_fetch_tiered_storage() {
  require_java
  require_maven
  say "fetching the tiered storage plugin of Apache Kafka $TIERED_STORAGE_VERSION with Maven (once)"
  mkdir -p "$KAFKA_STORE/plugins"
  STAGING="$(mktemp -d "$KAFKA_STORE/plugins/.fetching-XXXXXX")"
  mvn -B -ntp -q --strict-checksums -Dstyle.color=never "$MAVEN_DEPENDENCY_PLUGIN:copy" \
    "-Dartifact=org.apache.kafka:kafka-storage:$TIERED_STORAGE_VERSION:jar:test" \
    "-DoutputDirectory=$STAGING" >"$STAGING/maven.log" 2>&1 </dev/null ||
    _maven_failed "$TIERED_STORAGE_VERSION"
  verify_jars "$STAGING"
  mv "$STAGING/$1" "$KAFKA_STORE/plugins/$1"
  rm -rf "$STAGING"
  STAGING=""
}
