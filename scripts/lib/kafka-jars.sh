# shellcheck shell=bash
# Apache Kafka's own jars: from KAFKA_HOME if it is set, otherwise fetched once per version
# with Maven into .kafka/versions/VERSION, held against their pinned hashes, and used from there ever after.

readonly DEFAULT_KAFKA_VERSION=4.4.0
# Command-line tools for a release whose own kafka-tools jar the repository does not offer,
# as it is with 4.4.0. They speak to any broker of the last years.
readonly SUBSTITUTE_TOOLS_VERSION=4.3.1
readonly MAVEN_DEPENDENCY_PLUGIN=org.apache.maven.plugins:maven-dependency-plugin:3.8.1
# The logging backend behind slf4j-api 1.7, which every Kafka since 3.2 uses.
readonly SLF4J_SIMPLE=org.slf4j:slf4j-simple:1.7.36

# The version in the name of the broker's jar in a folder, or failure.
_version_of_jars() {
  local jar
  for jar in "$1"/kafka_2.1[0-9]-[0-9]*.jar; do
    case "$jar" in
      *-sources.jar | *-javadoc.jar | *-test.jar) continue ;;
    esac
    [ -e "$jar" ] || return 1
    jar="${jar##*/kafka_2.1?-}"
    printf '%s' "${jar%.jar}"
    return 0
  done
  return 1
}

# resolve_kafka [VERSION]: sets KAFKA_VERSION, BROKER_JARS and TOOL_JARS, fetching jars
# that are not there yet.
resolve_kafka() {
  if [ -n "${KAFKA_HOME:-}" ]; then
    _use_kafka_home "${1:-}"
    return
  fi
  KAFKA_VERSION="${1:-$DEFAULT_KAFKA_VERSION}"
  [[ "$KAFKA_VERSION" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] ||
    die "a Kafka version has three numbers, as in $DEFAULT_KAFKA_VERSION; got '$KAFKA_VERSION'"
  VERSION_DIR="$KAFKA_STORE/versions/$KAFKA_VERSION"
  [ -d "$VERSION_DIR" ] || _fetch_kafka
  BROKER_JARS="$VERSION_DIR/libs"
  TOOL_JARS="$BROKER_JARS"
  [ ! -d "$VERSION_DIR/tools" ] || TOOL_JARS="$VERSION_DIR/tools"
}

_use_kafka_home() {
  BROKER_JARS="$KAFKA_HOME/libs"
  TOOL_JARS="$BROKER_JARS"
  # An installed release is not ours to write to.
  VERSION_DIR=""
  KAFKA_VERSION="$(_version_of_jars "$BROKER_JARS")" ||
    die "KAFKA_HOME is $KAFKA_HOME, but there is no Kafka in it" \
      "set it to the folder of an unpacked Kafka release, or unset it to have Kafka fetched"
  [ -z "$1" ] || [ "$1" = "$KAFKA_VERSION" ] ||
    die "KAFKA_HOME holds Kafka $KAFKA_VERSION, and $1 was asked for" \
      "unset KAFKA_HOME to have $1 fetched"
}

# Everything is put together in a folder of its own and moved into place in one step, so
# that neither an interrupt nor a second run at the same time leaves half a version behind.
_fetch_kafka() {
  require_java
  require_maven
  say "fetching Apache Kafka $KAFKA_VERSION with Maven (once, about 50 MB)"
  mkdir -p "$KAFKA_STORE/versions"
  STAGING="$(mktemp -d "$KAFKA_STORE/versions/.fetching-XXXXXX")"
  if ! _maven_copy libs "kafka_2.13:$KAFKA_VERSION" "kafka-tools:$KAFKA_VERSION"; then
    _fetch_with_substitute_tools
  fi
  verify_jars "$STAGING/libs"
  [ ! -d "$STAGING/tools" ] || verify_jars "$STAGING/tools"
  mv "$STAGING" "$VERSION_DIR" 2>/dev/null || rm -rf "$STAGING"
  # mv moves the folder into one that another run has just put there: take it out again.
  rm -rf "${VERSION_DIR:?}/${STAGING##*/}"
  STAGING=""
  [ -d "$VERSION_DIR/libs" ] || die "cannot write $VERSION_DIR"
}

_fetch_with_substitute_tools() {
  if ! grep -q 'kafka-tools' "$STAGING/maven.log"; then
    _maven_failed "$KAFKA_VERSION"
  fi
  rm -rf "$STAGING/libs"
  _maven_copy libs "kafka_2.13:$KAFKA_VERSION" || _maven_failed "$KAFKA_VERSION"
  say "Maven has no kafka-tools $KAFKA_VERSION: Kafka's tools come from $SUBSTITUTE_TOOLS_VERSION"
  _maven_copy tools "kafka_2.13:$SUBSTITUTE_TOOLS_VERSION" \
    "kafka-tools:$SUBSTITUTE_TOOLS_VERSION" || _maven_failed "$SUBSTITUTE_TOOLS_VERSION"
}

_maven_failed() {
  # Maven sends colour codes even where it was asked not to.
  head -n 20 "$STAGING/maven.log" | sed $'s/\033\\[[0-9;]*m//g; s/^/  /' >&2
  die "Maven could not fetch Kafka $1; its own words are above" \
    "check the version and the network, or set KAFKA_HOME to an unpacked Kafka release"
}

# _maven_copy FOLDER NAME:VERSION...: copies the jars of Kafka's artifacts with all
# they need, and a logging backend, without which the broker would be silent.
_maven_copy() {
  local folder="$STAGING/$1"
  shift
  local artifacts="$SLF4J_SIMPLE" artifact
  for artifact in "$@"; do
    artifacts="$artifacts org.apache.kafka:$artifact"
  done
  _write_pom "$artifacts" >"$STAGING/pom.xml"
  mvn -B -ntp -q --strict-checksums -Dstyle.color=never -f "$STAGING/pom.xml" "$MAVEN_DEPENDENCY_PLUGIN:copy-dependencies" \
    -DincludeScope=runtime "-DoutputDirectory=$folder" \
    >"$STAGING/maven.log" 2>&1 </dev/null || return 1
  # slf4j takes whichever backend comes first, and these would want a configuration.
  rm -f "$folder"/slf4j-reload4j-*.jar "$folder"/slf4j-log4j12-*.jar
}

_write_pom() {
  local artifact group name version
  printf '<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
  printf '<modelVersion>4.0.0</modelVersion><groupId>local</groupId>\n'
  printf '<artifactId>kafka-jars</artifactId><version>1</version><packaging>pom</packaging>\n'
  printf '<dependencies>\n'
  for artifact in $1; do
    IFS=: read -r group name version <<<"$artifact"
    printf '<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>\n' \
      "$group" "$name" "$version"
  done
  printf '</dependencies>\n</project>\n'
}

# classpath_of FOLDER: its jars, in a fixed order, since class-data archives depend on it.
classpath_of() {
  local jar path=""
  for jar in "$1"/*.jar; do
    path="$path:$jar"
  done
  printf '%s' "${path#:}"
}
