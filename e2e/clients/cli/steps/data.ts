/** Tools that write and read: consoles, verifiable and perf tools, latency, and the comparison of replicas. */
import type { Mask, Section } from '../step.ts'

const figures: Mask[] = [[/-?\d+(\.\d+)?(E-?\d+)?/g, 'N']]

/** How often a client asked until it gave up. */
const gaveUp: Mask[] = [[/(Failed to describe producers for \S+ \S+) .*/g, '$1 …']]

export const data: Section[] = [
  {
    name: 'data',
    steps: [
      'topics --create --topic d --partitions 1',
      ...['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => ({
        run: `console-producer --topic d --compression-codec ${codec}`,
        stdin: `by ${codec}\nagain ${'z'.repeat(100)}\n`,
      })),
      {
        run: `console-producer --topic d --request-required-acks 1 --sync --reader-property parse.key=true --reader-property parse.headers=true --reader-property null.marker=NULL`,
        stdin: 'h1:a,h2:b\tkey\tvalue\nNULL\tkey2\tNULL\n',
      },
      {
        run: 'console-producer --topic d --request-required-acks 0 --producer-property enable.idempotence=false',
        stdin: 'no answer\n',
      },
      {
        run: 'console-consumer --topic d --from-beginning --max-messages 13 --timeout-ms 20000 --formatter-property print.key=true --formatter-property print.headers=true --formatter-property print.offset=true --formatter-property print.timestamp=true --formatter-property null.literal=NULL',
      },
      'console-consumer --topic d --partition 0 --offset 3 --max-messages 2 --timeout-ms 20000',
      'console-consumer --topic d --partition 0 --offset earliest --max-messages 1 --isolation-level read_committed --timeout-ms 20000',
      'console-consumer --topic d --partition 0 --offset latest --timeout-ms 1000',
      'console-consumer --topic d --partition 5 --timeout-ms 1000',
      "console-consumer --include 'd|nothing' --from-beginning --max-messages 1 --timeout-ms 20000",
      {
        run: 'verifiable-producer --topic d --max-messages 5 --value-prefix 7',
        mask: [[/"avg_throughput":[\d.]+/g, '"avg_throughput":N']],
      },
      {
        run: 'verifiable-producer --topic d --max-messages 3 --acks 1 --repeating-keys 2',
        mask: [[/"avg_throughput":[\d.]+/g, '"avg_throughput":N']],
      },
      {
        run: 'verifiable-consumer --topic d --group-id vc --max-messages 20 --reset-policy earliest',
        mask: [[/"count":\d+|"(min|max)Offset":\d+/g, 'N']],
        until: '"offsets_committed".*"offset":20',
      },
      {
        run: 'verifiable-consumer --topic d --group-id vc2 --group-protocol consumer --max-messages 20 --reset-policy earliest',
        mask: [
          [/"count":\d+|"(min|max)Offset":\d+/g, 'N'],
          // told or not before the first partitions, as its heartbeats fall
          [/^.*"partitions_assigned","partitions":\[\].*\n/gm, ''],
        ],
        until: '"offsets_committed".*"offset":20',
      },
      { run: 'producer-perf-test --topic d --num-records 1000 --record-size 100 --throughput -1', mask: figures },
      { run: 'consumer-perf-test --topic d --num-records 1000 --timeout 20000', mask: figures },
      { run: 'e2e-latency {b} d 50 all 100', mask: [...figures, [/^N\tN\n/gm, '']] },
      { run: 'e2e-latency {b} d 50 1 100', mask: [...figures, [/^N\tN\n/gm, '']] },
      {
        run: 'replica-verification --broker-list {b} --topics-include d --report-interval-ms 300',
        until: 'max lag is 0 for partition d-0',
        mask: [...figures],
      },
      'transactions list',
      {
        run: 'transactions --command-config {dir}/impatient describe-producers --topic nosuch --partition 0',
        mask: gaveUp,
      },
      { run: 'transactions --command-config {dir}/impatient describe-producers --topic d --partition 9', mask: gaveUp },
      {
        run: 'transactions --command-config {dir}/impatient describe-producers --topic d --partition 0 --broker-id 4',
        mask: gaveUp,
      },
      'console-consumer --topic nosuch.at.all --from-beginning --timeout-ms 2000',
      'topics --describe --topic nosuch.at.all',
    ],
  },
]
