# Sourced by the scripts here with HERE set to the folder of a pom.xml: finds (or once resolves) its jars.
# Environment, all optional:
#   KAFKA_PEER_CACHE   where jars are kept          (default ${XDG_CACHE_HOME:-~/.cache}/kafka-peer)
#   KAFKA_PEER_OFFLINE 1 = never go to the network  (mvn -o)
#   MVN, JAVA          the commands to use
JAVA=${JAVA:-java}
MVN=${MVN:-mvn}
POM=$HERE/pom.xml
KAFKA_VERSION=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$POM")
CACHE=${KAFKA_PEER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kafka-peer}
LIB=$CACHE/kafka-$KAFKA_VERSION-$(cksum < "$POM" | cut -d' ' -f1)

resolve() { # idempotent; a second call costs one file test
  [ -f "$LIB/.done" ] && return 0
  mkdir -p "$CACHE"
  (
    flock 9
    [ -f "$LIB/.done" ] && exit 0
    tmp=$LIB.tmp.$$; rm -rf "$tmp"; mkdir -p "$tmp"
    "$MVN" -q -B ${KAFKA_PEER_OFFLINE:+-o} -f "$POM" \
      org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$tmp" >&2 < /dev/null || { rm -rf "$tmp"; exit 1; }
    touch "$tmp/.done"; rm -rf "$LIB"; mv "$tmp" "$LIB"
  ) 9>"$CACHE/.lock"
}

# The JVM options of Kafka's own kafka-run-class.sh.
JVM_PERF="-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15 -Djava.awt.headless=true"
