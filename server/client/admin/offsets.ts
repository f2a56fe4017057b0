/** Where partitions begin and end, and what lies at a time: ListOffsets, one request a leader. */
import type { KafkaError } from '../../protocol/errors.ts'
import { ListOffsets } from '../../protocol/messages/02_list_offsets.ts'
import type { Cluster } from '../cluster.ts'
import { errorFrom } from '../errors.ts'
import { byTopic, inOrder, perLeader, type RoutingOptions, type TopicPartition, withoutRepeats } from '../routing.ts'

export type IsolationLevel = 'read_uncommitted' | 'read_committed'

/**
 * `earliest`: log start offset. `latest`: high watermark, or last stable offset with read_committed.
 * `maxTimestamp`: the record with the highest timestamp (KIP-734). A number: the first record at or after that time, ms.
 */
export type OffsetSpec = 'earliest' | 'latest' | 'maxTimestamp' | number

export interface ListedOffset extends TopicPartition {
  /** null: no record is that young (or there is none at all, for `maxTimestamp`), or there is an error. */
  offset: number | null
  /** Of the record found, ms; null for `earliest` and `latest`. */
  timestamp: number | null
  /** null where unknown. */
  leaderEpoch: number | null
  error: KafkaError | null
}

const SPECS = { latest: -1, earliest: -2, maxTimestamp: -3 } as const
const ISOLATION_LEVELS = { read_uncommitted: 0, read_committed: 1 } as const
const MAX_TIMESTAMP_VERSION = 7

type Wanted = TopicPartition & { at: OffsetSpec }

/** Answers in the order of `wanted`; the same partition may be asked for several offsets. */
export async function listOffsets(
  cluster: Cluster,
  wanted: readonly Wanted[],
  options: RoutingOptions & { isolation?: IsolationLevel } = {},
): Promise<ListedOffset[]> {
  const rounds = withoutRepeats(wanted, (w) => `${w.topic} ${w.partition}`)
  const answers = new Map<Wanted, ListedOffset>()
  await Promise.all(
    rounds.map(async (round) => {
      const listed = await listOnce(cluster, round, options)
      for (const [i, w] of round.entries()) answers.set(w, listed[i]!)
    }),
  )
  return wanted.map((w) => answers.get(w)!)
}

function listOnce(
  cluster: Cluster,
  wanted: readonly Wanted[],
  options: RoutingOptions & { isolation?: IsolationLevel },
): Promise<ListedOffset[]> {
  const failed = ({ topic, partition }: TopicPartition, error: KafkaError): ListedOffset => ({
    topic,
    partition,
    offset: null,
    timestamp: null,
    leaderEpoch: null,
    error,
  })
  return perLeader(
    cluster,
    wanted,
    async (node, items) => {
      const connection = await cluster.node(node)
      const byTimestamp = items.some((i) => i.at === 'maxTimestamp')
      const response = await connection.send(
        ListOffsets,
        {
          replicaId: -1,
          isolationLevel: ISOLATION_LEVELS[options.isolation ?? 'read_uncommitted'],
          topics: byTopic(items).map(({ topic, items }) => ({
            name: topic,
            partitions: items.map((i) => ({
              partitionIndex: i.partition,
              timestamp: typeof i.at === 'number' ? i.at : SPECS[i.at],
            })),
          })),
          timeoutMs: 10_000,
        },
        { minVersion: byTimestamp ? MAX_TIMESTAMP_VERSION : 1 },
      )
      return inOrder(
        items,
        response.topics,
        ({ topic, partition }, p): ListedOffset => ({
          topic,
          partition,
          offset: p.errorCode !== 0 || p.offset < 0 ? null : p.offset,
          timestamp: p.timestamp < 0 ? null : p.timestamp,
          leaderEpoch: p.leaderEpoch < 0 ? null : p.leaderEpoch,
          error: errorFrom(p.errorCode),
        }),
        failed,
      )
    },
    failed,
    options,
  )
}
