#!/usr/bin/env bash
# setup.sh [py|go|java|js|peers ...]: fetches and builds what the matrix and the documents' programs need, once, into the cache
# folder (env.sh). Later runs do no network. Needs python3, go, java with javac, mvn, node with npm, and kcat
# (apt-get install kcat). Says what is missing and ends with status 1; the rest is set up all the same.
set -uo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/env.sh"
mkdir -p "$FETCHED" "$BUILT"

venv() { # NAME PACKAGES...
  local d=$FETCHED/py-$1; shift
  local mark; mark=$d/.done-$(echo "$*" | cksum | cut -d' ' -f1)
  [ -f "$mark" ] && return 0
  rm -rf "$d"; python3 -m venv "$d" && "$d/bin/pip" install -q --disable-pip-version-check "$@" && touch "$mark"
}
setup_py() {
  local codecs="python-snappy lz4 zstandard cramjam" bad=0
  venv kp202 kafka-python==$KAFKA_PYTHON_OLD $codecs || bad=1
  venv kp3 kafka-python==$KAFKA_PYTHON $codecs || bad=1
  venv confluent confluent-kafka==$CONFLUENT_PYTHON || bad=1
  venv aiokafka aiokafka==$AIOKAFKA $codecs || bad=1
  return $bad
}
setup_go() { mkdir -p "$BUILT/go" && (cd "$HERE/go" && go build -o "$BUILT/go/" ./franz ./sarama ./kafkago); }
setup_java() {
  local v d c bad=0
  for v in $JAVA_CLIENTS; do
    d=$FETCHED/java-$v c=$BUILT/java-$v
    [ -f "$d/.done" ] || { mvn -q -B -f "$HERE/java/pom.xml" -Dclients.version="$v" \
      org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$d" && touch "$d/.done"; } || bad=1
    [ "$c/Smoke.class" -nt "$HERE/java/Smoke.java" ] || { javac -nowarn -cp "$d/*" -d "$c" "$HERE/java/Smoke.java" 2>&1 | grep -v '^Note:'; [ -f "$c/Smoke.class" ]; } || bad=1
  done
  return $bad
}
setup_js() {
  local d=$FETCHED/js bad=0
  mkdir -p "$d" "$BUILT/js"
  cmp -s "$HERE/js/package.json" "$d/package.json" && [ -d "$d/node_modules" ] ||
    { cp -f "$HERE/js/package.json" "$d/" && (cd "$d" && npm install --no-audit --no-fund --loglevel=error > npm.log 2>&1 || { tail -5 npm.log; false; }); } || bad=1
  cp -f "$HERE/js/"*.mjs "$BUILT/js/" && ln -sfn "$d/node_modules" "$BUILT/js/node_modules" || bad=1
  return $bad
}
setup_peers() { # the command-line tools of two versions of Kafka
  local v bad=0
  for v in kafka kafka-2.4.1; do (HERE=$HERE/../peers/$v; . "$HERE/../lib.sh"; resolve) || bad=1; done
  return $bad
}

parts=("$@"); [ ${#parts[@]} -gt 0 ] || parts=(py go java js peers)
pids=()
for part in "${parts[@]}"; do "setup_$part" < /dev/null & pids+=($!); done
bad=0
for i in "${!parts[@]}"; do wait "${pids[$i]}" || { echo "setting up ${parts[$i]} failed" >&2; bad=1; }; done
command -v kcat > /dev/null || { echo "kcat is missing: apt-get install kcat" >&2; bad=1; }
exit $bad
