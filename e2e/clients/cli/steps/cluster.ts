/** The cluster as its tools show it: features, quorum, endpoints, versions, elections, reassignments. */
import type { Mask, Section } from '../step.ts'

const assigned = (topic: string, partition: number, replicas: number[]) =>
  JSON.stringify({ version: 1, partitions: [{ topic, partition, replicas }] })

/**
 * APIs of what is not served yet: transactions, share and streams groups, security. And Weir has older versions of others, for older
 * clients, and takes clients' metrics, which Kafka does with a plugin only.
 */
const apart: Mask = [
  /^.*(Txn|ListTransactions|DescribeTransactions|Share|Streams|Sasl|Scram|Acls|DelegationToken|Telemetry).*$/gm,
  '',
]

export const cluster: Section[] = [
  {
    name: 'cluster',
    steps: [
      'cluster cluster-id',
      { run: 'cluster list-endpoints' },
      'cluster list-endpoints --include-fenced-brokers',
      'cluster unregister --id 9',
      { run: 'features describe', mask: [[/Epoch: \d+/g, 'Epoch: N']] },
      'features upgrade --feature metadata.version=99 --dry-run',
      'features upgrade --feature no.such.feature=1 --dry-run',
      'features upgrade --feature group.version=1 --dry-run',
      'features upgrade --release-version 4.3 --dry-run',
      'features upgrade --release-version 1.0',
      'features downgrade --feature metadata.version=2 --dry-run',
      'features downgrade --feature group.version=0 --dry-run',
      'features downgrade --feature group.version=1',
      'features disable --feature no.such.feature',
      'features disable --feature group.version --dry-run',
      'features version-mapping',
      'features version-mapping --release-version 4.0',
      'features feature-dependencies --feature group.version=1',
      {
        run: 'metadata-quorum describe --status',
        mask: [[/((?:LeaderEpoch|HighWatermark|MaxFollowerLag|MaxFollowerLagTimeMs):\s+)-?\d+/g, '$1N']],
      },
      {
        run: 'metadata-quorum describe --replication',
        mask: [[/(\d+\s+\S+)\s+\d+\s+0\s+TIME\s+TIME|(?<=\d\s+\S{22}\s+)\d+/g, '$1 N']],
      },
      {
        run: 'metadata-quorum describe --replication --human-readable',
        mask: [
          [/(?<=\d\s+\S{22}\s+)\d+/g, 'N'],
          [/\d+ ms ago/g, 'N ms ago'],
        ],
      },
      'metadata-quorum remove-controller --controller-id 5 --controller-directory-id AAAAAAAAAAAAAAAAAAAAAQ',
      { run: 'broker-api-versions', anyOrder: true, mask: [apart, [/\): \d+ to /g, '): … to '], [/,$/gm, '']] },
    ],
  },
  {
    name: 'elections and reassignments',
    steps: [
      'topics --create --topic r --partitions 2',
      'leader-election --election-type preferred --topic r --partition 0',
      'leader-election --election-type unclean --topic r --partition 0',
      'leader-election --election-type preferred --topic nosuch --partition 0',
      'leader-election --election-type preferred --topic r --partition 9',
      {
        run: 'leader-election --election-type unclean --path-to-json-file {dir}/e.json',
        files: { 'e.json': '{"partitions":[{"topic":"r","partition":1}]}' },
      },
      { run: 'leader-election --election-type preferred --all-topic-partitions', anyOrder: true },
      'leader-election --election-type random --topic r --partition 0',
      {
        run: 'reassign-partitions --reassignment-json-file {dir}/r.json --execute',
        files: { 'r.json': assigned('r', 0, [1]) },
      },
      'reassign-partitions --reassignment-json-file {dir}/r.json --verify',
      {
        run: 'reassign-partitions --reassignment-json-file {dir}/r2.json --execute',
        files: { 'r2.json': assigned('r', 0, [1, 2]) },
      },
      {
        run: 'reassign-partitions --reassignment-json-file {dir}/r3.json --execute',
        files: { 'r3.json': assigned('nosuch', 0, [1]) },
      },
      {
        run: 'reassign-partitions --reassignment-json-file {dir}/r4.json --execute',
        files: { 'r4.json': assigned('r', 7, [1]) },
      },
      {
        run: 'reassign-partitions --reassignment-json-file {dir}/r5.json --execute',
        files: { 'r5.json': assigned('r', 0, []) },
      },
      'reassign-partitions --reassignment-json-file {dir}/r.json --cancel',
      'reassign-partitions --list',
      {
        run: 'reassign-partitions --topics-to-move-json-file {dir}/m.json --broker-list 1 --generate',
        files: { 'm.json': '{"version":1,"topics":[{"topic":"r"}]}' },
      },
      { run: 'reassign-partitions --reassignment-json-file {dir}/r.json --execute --throttle 1000000' },
      'configs --describe --entity-type topics --entity-name r',
      'configs --describe --entity-type brokers --entity-name 1',
      'reassign-partitions --reassignment-json-file {dir}/r.json --verify',
      'configs --describe --entity-type topics --entity-name r',
      'configs --describe --entity-type brokers --entity-name 1',
    ],
  },
]
