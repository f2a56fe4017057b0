/** Consumer groups as the pages see them. */
import { z } from 'zod'
import { onCluster } from './cluster.ts'

const onGroup = onCluster.extend({ groupId: z.string().max(1000) })
const partition = z.number().int().min(0)
const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

export const groupSortKeys = ['groupId', 'state', 'members', 'lag'] as const
export const groupListInput = onCluster.extend({
  search: z.string().max(300).default(''),
  /** Kafka's names; empty: all. */
  states: z.array(z.string()).default([]),
  sortBy: z.enum(groupSortKeys).default('groupId'),
  descending: z.boolean().default(false),
  page: z.number().int().min(1).default(1),
  perPage: z.number().int().min(1).max(500).default(50),
})
export const groupInput = onGroup
export const lagHistoryInput = onGroup.extend({
  fromMs: z.number().int().min(0),
  toMs: z.number().int().min(0),
  /** Null: the whole group, one series. */
  topic: z.string().nullable().default(null),
})
export const resetInput = onGroup.extend({
  /** Null: every topic the group has committed on. A topic's `partitions` null: all of them. */
  topics: z
    .array(
      z.object({ topic: z.string().min(1).max(249), partitions: z.array(partition).min(1).nullable().default(null) }),
    )
    .min(1)
    .nullable()
    .default(null),
  to: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('earliest') }),
    z.object({ kind: z.literal('latest') }),
    z.object({ kind: z.literal('offset'), offset }),
    z.object({ kind: z.literal('timestamp'), timestampMs: z.number().int().min(0) }),
    /** Negative: back, records are read again. */
    z.object({ kind: z.literal('shift'), by: z.number().int() }),
  ]),
})
/** `before` is what the plan saw committed; null: nothing. */
export const applyResetInput = onGroup.extend({
  changes: z
    .array(z.object({ topic: z.string().min(1).max(249), partition, before: offset.nullable(), after: offset }))
    .min(1)
    .max(100_000),
})
export const applyDeleteGroupInput = onGroup.extend({ basis: z.string() })

export type GroupListInput = z.infer<typeof groupListInput>
export type GroupInput = z.infer<typeof groupInput>
export type LagHistoryInput = z.infer<typeof lagHistoryInput>
export type ResetInput = z.infer<typeof resetInput>
export type ApplyReset = z.infer<typeof applyResetInput>
export type ApplyDeleteGroup = z.infer<typeof applyDeleteGroupInput>

export interface GroupRow {
  readonly groupId: string
  /** classic, consumer (KIP-848), share, streams; unknown where the cluster is too old to tell. */
  readonly type: string
  /** Kafka's name: Stable, Empty, PreparingRebalance, CompletingRebalance, Dead, Assigning, Reconciling. */
  readonly state: string
  readonly protocolType: string
  readonly coordinator: number | null
  /** Null: not described yet, or the coordinator did not answer. */
  readonly members: number | null
  readonly topics: number | null
  readonly lag: number | null
}
export interface GroupPage {
  readonly rows: readonly GroupRow[]
  readonly total: number
  readonly groups: number
  /** Brokers that did not answer: their groups are missing. */
  readonly silentBrokers: readonly number[]
  readonly atMs: number
}

export interface GroupDetail {
  readonly groupId: string
  readonly type: string
  readonly state: string
  readonly protocolType: string
  /** Assignor that the group agreed on: range, cooperative-sticky, uniform. */
  readonly protocol: string
  /** Of the new protocol: how often the group was to be assigned anew, and up to where that was done. Null in classic groups. */
  readonly epoch: number | null
  readonly assignmentEpoch: number | null
  readonly coordinator: number | null
  readonly members: readonly GroupMember[]
  readonly partitions: readonly GroupPartition[]
  /** Sum over partitions with a commit; null if there is none. */
  readonly lag: number | null
  readonly atMs: number
}
export interface GroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly host: string
  /** Which protocol it speaks itself. */
  readonly protocol: 'classic' | 'consumer'
  /** How far it has got, of the group's epochs. Null in classic groups. */
  readonly epoch: number | null
  readonly assignment: Assignment
  /** What the coordinator wants it to get to; null in classic groups. */
  readonly target: Assignment | null
}
type Assignment = readonly { readonly topic: string; readonly partitions: readonly number[] }[]
export interface GroupPartition {
  readonly topic: string
  readonly partition: number
  /** Null: nothing committed. */
  readonly committedOffset: number | null
  readonly metadata: string | null
  /** Null: the topic is gone, or its leader does not answer. */
  readonly startOffset: number | null
  readonly endOffset: number | null
  /** endOffset − committedOffset, at least 0. */
  readonly lag: number | null
  /** Records that were deleted before the group read them: startOffset − committedOffset, if above 0. */
  readonly lost: number
  /** Who reads it now. */
  readonly memberId: string | null
  readonly clientId: string | null
}

/** One line of a reset's preview. */
export interface ResetRow {
  readonly topic: string
  readonly partition: number
  readonly before: number | null
  readonly after: number
  readonly startOffset: number
  readonly endOffset: number
  readonly effect: 'again' | 'skipped' | 'none'
  /** Offsets between before and after that still exist: an upper bound where there are gaps. */
  readonly records: number
  /** Times of the first and the last record between them; null if unknown. */
  readonly firstTimestampMs: number | null
  readonly lastTimestampMs: number | null
  readonly lagAfter: number
}
export interface ResetPreview {
  readonly rows: readonly ResetRow[]
  readonly recordsAgain: number
  readonly recordsSkipped: number
}
