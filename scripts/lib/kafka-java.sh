# shellcheck shell=bash
# How a Java program of Kafka's is started: memory, compiler, logging, and the class-data
# archive, a snapshot of loaded classes that halves the start of brokers and tools.

# The quick compiler and the small collector: a test broker lives for seconds to minutes.
# KAFKA_JVM_PERFORMANCE_OPTS replaces them, as it does in Kafka's own scripts.
readonly QUICK_START_FLAGS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

# java_command CLASS FLAGS... -- ARGUMENTS...: sets COMMAND to the words that run CLASS from
# the jars in the folder JARS.
java_command() {
  local class="$1" flags=()
  shift
  while [ "$1" != "--" ]; do
    flags+=("$1")
    shift
  done
  shift
  # shellcheck disable=SC2206 # several flags in one variable
  COMMAND=("$JAVA" ${KAFKA_JVM_PERFORMANCE_OPTS:-$QUICK_START_FLAGS} "${flags[@]}")
  _add_archive_flags "$class"
  COMMAND+=(-Djava.net.preferIPv4Stack=true -cp "$(classpath_of "$JARS")" "$class" "$@")
}

# With ARCHIVE_INTO set (see training.sh) the program writes an archive when it exits;
# otherwise it uses the one that is there. An archive that does not fit the java in use is
# ignored by it; the log flags keep java from talking about that on standard output.
_add_archive_flags() {
  local archive="${VERSION_DIR:+$VERSION_DIR/archives/$1.jsa}"
  if [ -n "$ARCHIVE_INTO" ]; then
    COMMAND+=("-XX:ArchiveClassesAtExit=$ARCHIVE_INTO/$1.jsa" -Xlog:disable)
  elif [ -n "$archive" ] && [ -e "$archive" ]; then
    COMMAND+=("-XX:SharedArchiveFile=$archive" -Xlog:disable)
  fi
}

# logging_flags broker|tool LOG_DIR: sets LOGGING. Brokers tell everything, tools only what
# went wrong, and both on standard error. A release under KAFKA_HOME brings its own backends.
logging_flags() {
  local prefix=-Dorg.slf4j.simpleLogger configuration="" level=info
  [ "$1" = broker ] || { configuration=tools- level=warn; }
  LOGGING=(
    "$prefix.defaultLogLevel=$level"
    "$prefix.showDateTime=true"
    "$prefix.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS"
  )
  if [ -n "${KAFKA_HOME:-}" ]; then
    LOGGING+=(
      "-Dkafka.logs.dir=$2"
      "-Dlog4j.configuration=file:$KAFKA_HOME/config/${configuration}log4j.properties"
      "-Dlog4j2.configurationFile=file:$KAFKA_HOME/config/${configuration}log4j2.yaml"
    )
  fi
}
