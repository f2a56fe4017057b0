/** Topics as the pages see them, and what may be asked of them. */
import { z } from 'zod'
import { onCluster } from './cluster.ts'

/** Kafka's rule for a topic's name; `.` and `..` are refused as well. */
export const topicName = z
  .string()
  .min(1, 'A topic needs a name.')
  .max(249, 'A topic name has at most 249 characters.')
  .regex(/^[a-zA-Z0-9._-]+$/, 'A topic name is made of letters, digits, ".", "_" and "-".')
  .refine((n) => n !== '.' && n !== '..', 'A topic cannot be called "." or "..".')

const named = onCluster.extend({ topic: z.string().min(1).max(249) })
const partition = z.number().int().min(0)
const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
/** Config name → value; null sets it back to the default. */
const configChanges = z.record(z.string(), z.string().nullable())
/** What the plan was based on; see Plan. */
const basis = z.object({ basis: z.string() })

export const topicSortKeys = [
  'name',
  'partitions',
  'replicationFactor',
  'records',
  'sizeBytes',
  'recordsInPerSecond',
  'bytesInPerSecond',
  'lag',
] as const

export const topicListInput = onCluster.extend({
  search: z.string().max(300).default(''),
  internal: z.boolean().default(false),
  /** Only topics with under-replicated or offline partitions. */
  unhealthy: z.boolean().default(false),
  sortBy: z.enum(topicSortKeys).default('name'),
  descending: z.boolean().default(false),
  page: z.number().int().min(1).default(1),
  perPage: z.number().int().min(1).max(500).default(50),
})

export const topicInput = named
export const createTopicInput = onCluster.extend({
  topic: topicName,
  /** -1: the broker's num.partitions. */
  partitions: z.number().int().min(-1).max(100_000),
  /** -1: the broker's default.replication.factor. */
  replicationFactor: z.number().int().min(-1).max(100),
  configs: z.record(z.string(), z.string()),
})
export const applyCreateTopicInput = createTopicInput.extend(basis.shape)
export const alterConfigsInput = named.extend({ configs: configChanges })
export const applyAlterConfigsInput = alterConfigsInput.extend(basis.shape)
export const increasePartitionsInput = named.extend({ partitions: z.number().int().min(1).max(100_000) })
export const applyIncreasePartitionsInput = increasePartitionsInput.extend(basis.shape)
export const purgeInput = named.extend({
  /** Null: all of them. */
  partitions: z.array(partition).min(1).nullable().default(null),
  /** Records before this point go: everything there is now, an offset, or the first record at or after a time. */
  before: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('end') }),
    z.object({ kind: z.literal('offset'), offset }),
    z.object({ kind: z.literal('timestamp'), timestampMs: z.number().int().min(0) }),
  ]),
})
/** The offsets the plan named, not "the end": records that arrive in between stay. */
export const applyPurgeInput = named.extend({
  partitions: z.array(z.object({ partition, beforeOffset: offset })).min(1),
})
export const deleteTopicInput = named
export const applyDeleteTopicInput = named.extend(basis.shape)

export type TopicListInput = z.infer<typeof topicListInput>
export type TopicInput = z.infer<typeof topicInput>
export type CreateTopicInput = z.infer<typeof createTopicInput>
export type ApplyCreateTopic = z.infer<typeof applyCreateTopicInput>
export type AlterConfigsInput = z.infer<typeof alterConfigsInput>
export type ApplyAlterConfigs = z.infer<typeof applyAlterConfigsInput>
export type IncreasePartitionsInput = z.infer<typeof increasePartitionsInput>
export type ApplyIncreasePartitions = z.infer<typeof applyIncreasePartitionsInput>
export type PurgeInput = z.infer<typeof purgeInput>
export type ApplyPurge = z.infer<typeof applyPurgeInput>
export type ApplyDeleteTopic = z.infer<typeof applyDeleteTopicInput>

export interface TopicRow {
  readonly name: string
  readonly internal: boolean
  readonly partitions: number
  readonly replicationFactor: number
  readonly underReplicatedPartitions: number
  readonly offlinePartitions: number
  /** End minus start offsets: an upper bound where compaction or transactions leave gaps. Null: not sampled yet. */
  readonly records: number | null
  /** Bytes over all replicas. */
  readonly sizeBytes: number | null
  readonly recordsInPerSecond: number | null
  readonly bytesInPerSecond: number | null
  /** Consumer groups with commits on it, as far as sampled. */
  readonly groups: number | null
  /** Sum over these groups. */
  readonly lag: number | null
}

export interface TopicPage {
  readonly rows: readonly TopicRow[]
  /** Rows that match, on all pages. */
  readonly total: number
  /** Topics of the cluster, internal ones included. */
  readonly topics: number
  readonly metadataAtMs: number
  /** Age of the oldest figure shown; null if none has been sampled. */
  readonly figuresAtMs: number | null
}

export interface TopicDetail {
  readonly name: string
  readonly topicId: string | null
  readonly internal: boolean
  readonly replicationFactor: number
  readonly records: number | null
  readonly sizeBytes: number | null
  readonly recordsInPerSecond: number | null
  readonly bytesInPerSecond: number | null
  readonly partitions: readonly PartitionRow[]
  readonly atMs: number
}

export interface PartitionRow {
  readonly partition: number
  /** -1: none. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offlineReplicas: readonly number[]
  /** First offset kept. Null: the leader did not answer; `error` says why. */
  readonly startOffset: number | null
  /** One past the last record that consumers may read (high watermark). */
  readonly endOffset: number | null
  /** Of the leader's replica. */
  readonly sizeBytes: number | null
  readonly recordsInPerSecond: number | null
  readonly error: string | null
}

export interface ConfigEntry {
  readonly name: string
  /** Null where the cluster keeps it secret, or none is set. */
  readonly value: string | null
  readonly source: ConfigSource
  readonly isDefault: boolean
  readonly readOnly: boolean
  readonly sensitive: boolean
  /** What holds if this one is removed. */
  readonly inherited: string | null
  readonly synonyms: readonly { readonly name: string; readonly value: string | null; readonly source: ConfigSource }[]
  readonly documentation: string | null
}

/** As Kafka names them (KIP-226). */
export const configSources = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
] as const
export type ConfigSource = (typeof configSources)[number]

/** One topic config as a form needs it. */
export interface ConfigSchemaEntry {
  readonly name: string
  readonly type: ConfigType
  /** What holds on this cluster if the topic says nothing; null: nothing. */
  readonly default: string | null
  readonly documentation: string
  readonly importance: 'high' | 'medium' | 'low'
  /** Numbers: both ends inclusive, null where open. */
  readonly range: { readonly min: number | null; readonly max: number | null } | null
  /** Numbers allowed outside of the range. */
  readonly also: readonly number[]
  /** Words allowed; for a list each element must be one of them. */
  readonly oneOf: readonly string[] | null
  /** A regular expression for the whole text, and how that is said: "must be …". */
  readonly form: { readonly pattern: string; readonly says: string } | null
  /** What a number counts: ms, bytes, seconds, …; null for plain numbers. */
  readonly unit: string | null
}
export type ConfigType = 'boolean' | 'string' | 'int' | 'short' | 'long' | 'double' | 'list' | 'class' | 'password'

/** A consumer group's place on one topic. */
export interface TopicGroupRow {
  readonly groupId: string
  readonly state: string
  readonly members: number | null
  readonly lag: number | null
  readonly partitions: number
}
