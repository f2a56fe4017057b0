/** The cluster and its brokers: who is there, on what disks, in what versions, and how the metadata quorum stands. */
import type { KafkaError } from '../../protocol/errors.ts'
import { DescribeLogDirs } from '../../protocol/messages/35_describe_log_dirs.ts'
import { DescribeQuorum } from '../../protocol/messages/55_describe_quorum.ts'
import { DescribeCluster } from '../../protocol/messages/60_describe_cluster.ts'
import type { Cluster } from '../cluster.ts'
import { apiName } from '../connection.ts'
import { asKafkaError, check, errorFrom } from '../errors.ts'
import type { Broker } from '../metadata.ts'
import { byTopic, type TopicPartition } from '../routing.ts'

export interface DescribedCluster {
  clusterId: string | null
  /** -1 while there is none. */
  controllerId: number
  /** Sorted by id. */
  brokers: (Broker & { isFenced: boolean })[]
}

export interface LogDir {
  path: string
  error: KafkaError | null
  /** Of the file system; null from brokers before Kafka 3.3. */
  totalBytes: number | null
  usableBytes: number | null
  partitions: (TopicPartition & { sizeBytes: number; offsetLag: number; isFuture: boolean })[]
}

export interface BrokerLogDirs {
  broker: number
  error: KafkaError | null
  logDirs: LogDir[]
}

export interface BrokerApis {
  broker: number
  error: KafkaError | null
  apis: { key: number; name: string; lowest: number; highest: number }[]
  features: { name: string; lowest: number; highest: number; finalized: number | null }[]
}

export interface QuorumReplica {
  id: number
  logEndOffset: number
  /** ms since the epoch; null where unknown. */
  lastFetchTimestamp: number | null
  lastCaughtUpTimestamp: number | null
}

export interface Quorum {
  leaderId: number
  leaderEpoch: number
  highWatermark: number
  voters: QuorumReplica[]
  observers: QuorumReplica[]
}

export async function describeCluster(cluster: Cluster): Promise<DescribedCluster> {
  if (!(await cluster.supports(DescribeCluster))) {
    await cluster.refresh([])
    const { clusterId, controllerId, brokers } = cluster.metadata
    return { clusterId, controllerId, brokers: sorted([...brokers.values()].map((b) => ({ ...b, isFenced: false }))) }
  }
  const r = await cluster.request(
    'any',
    DescribeCluster,
    (version) => ({ includeClusterAuthorizedOperations: false, includeFencedBrokers: version >= 2 }),
    { verify: (r) => check(r.errorCode, r.errorMessage) },
  )
  return {
    clusterId: r.clusterId,
    controllerId: r.controllerId,
    brokers: sorted(
      r.brokers.map((b) => ({ id: b.brokerId, host: b.host, port: b.port, rack: b.rack, isFenced: b.isFenced })),
    ),
  }
}

const sorted = <T extends { id: number }>(brokers: T[]): T[] => brokers.sort((a, b) => a.id - b.id)

/** Of the brokers given, or all; of the partitions given, or all. */
export function describeLogDirs(
  cluster: Cluster,
  options: { brokers?: readonly number[]; partitions?: readonly TopicPartition[]; answerWithinMs?: number } = {},
): Promise<BrokerLogDirs[]> {
  return eachBroker(
    cluster,
    options.brokers,
    async (broker): Promise<BrokerLogDirs> => {
      const topics = options.partitions
        ? byTopic(options.partitions).map(({ topic, items }) => ({ topic, partitions: items.map((p) => p.partition) }))
        : null
      const r = await cluster.request(
        { node: broker },
        DescribeLogDirs,
        { topics },
        { verify: (r) => check(r.errorCode) },
      )
      const logDirs = r.results.map((d) => ({
        path: d.logDir,
        error: errorFrom(d.errorCode),
        totalBytes: d.totalBytes < 0 ? null : d.totalBytes,
        usableBytes: d.usableBytes < 0 ? null : d.usableBytes,
        partitions: d.topics.flatMap((t) =>
          t.partitions.map((p) => ({
            topic: t.name,
            partition: p.partitionIndex,
            sizeBytes: p.partitionSize,
            offsetLag: p.offsetLag,
            isFuture: p.isFutureKey,
          })),
        ),
      }))
      return { broker, error: null, logDirs }
    },
    (broker, error) => ({ broker, error, logDirs: [] }),
    options.answerWithinMs,
  )
}

/** What each broker (or those given) offers, straight from its ApiVersions. */
export function apiVersions(cluster: Cluster, brokers?: readonly number[]): Promise<BrokerApis[]> {
  return eachBroker(
    cluster,
    brokers,
    async (broker): Promise<BrokerApis> => {
      const connection = await cluster.node(broker)
      const apis = [...connection.versions].map(([key, range]) => ({ key, name: apiName(key), ...range }))
      return { broker, error: null, apis: apis.sort((a, b) => a.key - b.key), features: connection.features }
    },
    (broker, error) => ({ broker, error, apis: [], features: [] }),
  )
}

/** A broker that has just joined is not left out for long. */
const BROKERS_MAX_AGE_MS = 5_000

async function eachBroker<R>(
  cluster: Cluster,
  brokers: readonly number[] | undefined,
  ask: (broker: number) => Promise<R>,
  failed: (broker: number, error: KafkaError) => R,
  answerWithinMs?: number,
): Promise<R[]> {
  const ids = brokers ?? [...(await cluster.brokers({ maxAgeMs: BROKERS_MAX_AGE_MS })).keys()].sort((a, b) => a - b)
  return Promise.all(
    ids.map((id) => cluster.within(answerWithinMs, id, ask(id)).catch((e) => failed(id, asKafkaError(e)))),
  )
}

/** Does the broker reach a controller? Asked through it; yes where that cannot be known. */
export async function reachesController(cluster: Cluster, node: number, answerWithinMs: number): Promise<boolean> {
  try {
    const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
    const options = { lane: 'quorum', timeoutMs: answerWithinMs }
    const asked = cluster.request({ node }, DescribeQuorum, { topics }, options)
    check((await cluster.within(answerWithinMs, node, asked)).errorCode)
    return true
  } catch (error) {
    return !asKafkaError(error).retriable
  }
}

/** Throws UNSUPPORTED_VERSION where the cluster is not in KRaft mode. */
export async function describeQuorum(cluster: Cluster): Promise<Quorum> {
  const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
  const r = await cluster.request(
    'any',
    DescribeQuorum,
    { topics },
    // The controllers answer it: while none does, nothing else shall wait behind it.
    { lane: 'quorum', verify: (r) => check(r.errorCode, r.errorMessage) },
  )
  const p = r.topics[0]?.partitions[0]
  check(p ? p.errorCode : -1, p?.errorMessage)
  const replica = (v: (typeof p & {})['currentVoters'][number]): QuorumReplica => ({
    id: v.replicaId,
    logEndOffset: v.logEndOffset,
    lastFetchTimestamp: v.lastFetchTimestamp < 0 ? null : v.lastFetchTimestamp,
    lastCaughtUpTimestamp: v.lastCaughtUpTimestamp < 0 ? null : v.lastCaughtUpTimestamp,
  })
  return {
    leaderId: p!.leaderId,
    leaderEpoch: p!.leaderEpoch,
    highWatermark: p!.highWatermark,
    voters: p!.currentVoters.map(replica),
    observers: p!.observers.map(replica),
  }
}
