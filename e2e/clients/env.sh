# Versions and folders, sourced by setup.sh; matrix.ts reads the same lines.
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${KAFKA_PEER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kafka-peer}
# what is fetched; what is built from the programs here
FETCHED=$CACHE/matrix
BUILT=$CACHE/weir
KAFKA_PYTHON_OLD=2.0.2
KAFKA_PYTHON=3.0.12
CONFLUENT_PYTHON=2.16.1
AIOKAFKA=0.14.0
JAVA_CLIENTS="2.8.2 3.9.2 4.3.1 4.4.0"
