#!/usr/bin/env bash
# kcat.sh BOOTSTRAP TOPIC: SPEC.md with kcat. It makes topics only by producing to them (auto.create.topics.enable) and has
# no admin calls, and no transactions.
set -uo pipefail
b=$1; t=$2; at=start; mid=0
fail() { echo "$at: $*"; exit 1; }
phase() { # NAME: whether PHASES asks for it
  case ,${PHASES:-$1}, in *,$1,*) at=$1; echo "$1" >&2 ;; *) return 1 ;; esac
}
records() { python3 -c 'import sys
for i in range(1000): print(f"k{i}:"+f"{sys.argv[1]}-{i}-".ljust(100,"x"))' "$1"; }
w=$(mktemp -d); trap 'rm -rf "$w"' EXIT

if phase produce; then
  n=0
  for c in none gzip snappy lz4 zstd; do
    if [ $n = 3 ]; then sleep 0.1; mid=$(date +%s%3N); sleep 0.1; fi
    records $c | timeout 30 kcat -q -P -b "$b" -t "$t" -K: -z $c -H codec=$c -X acks=all || fail "producing with $c"
    n=$((n + 1))
  done
  kcat -b "$b" -L -J | python3 -c 'import json,sys; d=json.load(sys.stdin); assert sys.argv[1] in [t["topic"] for t in d["topics"]] and d["brokers"]' "$t" || fail metadata
fi
if phase group; then
  for part in 1 2; do
    timeout 60 kcat -q -b "$b" -X auto.offset.reset=earliest -G "$t-g" -c 2500 -f '%h %k %s\n' "$t" > "$w/$part" 2> "$w/err" ||
      fail "status $?, $(wc -l < "$w/$part") lines, $(tail -1 "$w/err")"
  done
  [ "$(cat "$w/1" "$w/2" | sort -u | wc -l)" = 5000 ] || fail "$(cat "$w/1" "$w/2" | sort -u | wc -l) different records"
  for c in none gzip snappy lz4 zstd; do records $c | sed "s/^\([^:]*\):/codec=$c \1 /"; done | sort > "$w/want"
  cat "$w/1" "$w/2" | sort | cmp -s - "$w/want" || fail "content differs"
fi
if phase timestamps; then
  is() { local o; o=$(kcat -q -b "$b" -Q -t "$t:0:$1" | sed 's/.*offset //'); [ "$o" = "$2" ] || fail "$3: $o"; }
  is "$mid" 3000 mid
  is 0 0 zero
  is -1 5000 end
  is $((mid + 86400000)) -1 future
fi
if phase idempotent; then
  seq 100 | timeout 30 kcat -q -P -b "$b" -t "$t-i" -X enable.idempotence=true || fail producing
  n=$(timeout 30 kcat -q -C -b "$b" -t "$t-i" -o beginning -e -X isolation.level=read_committed | sort -n | uniq | wc -l)
  [ "$n" = 100 ] || fail "$n records"
fi
exit 0
