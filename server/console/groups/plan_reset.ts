/**
 * Resetting a group's offsets: every strategy is turned into plain offsets first, with what will be read again or skipped
 * and the times of the records concerned; exactly those offsets are applied, if what was committed is still the same.
 */
import type { GroupOffset } from '../../client/admin/groups.ts'
import { type Actor, type AuditLog, changeOf } from '../audit.ts'
import { KafkaSource } from '../browse/kafka_source.ts'
import { note, outdated } from '../plans.ts'
import { ConsoleError } from '../problems.ts'
import type { ApplyReset, ResetInput, ResetPreview, ResetRow } from '../shapes/group.ts'
import type { Applied, Note, Plan, PlanStep } from '../shapes/plan.ts'
import type { GroupContext } from './groups.ts'
import { type ResetPartition, resetRow } from './reset.ts'

/** Records are read to tell their times: for so many partitions, the others are shown without. */
const TIMES_FOR = 48
const TIMES_WITHIN_MS = 3_000
/** Of a coordinator: one that hangs for longer is said to. */
export const coordinatorPatience = { timeoutMs: 5_000, answerWithinMs: 5_000 }

type ResetPlan = Plan<ApplyReset> & { readonly preview: ResetPreview }

export async function planReset(context: GroupContext, input: ResetInput): Promise<ResetPlan> {
  const { cluster, groupId, to } = input
  const [partitions, [group]] = await Promise.all([
    partitionsOf(context, input),
    context.connection.client.admin.describeGroups([groupId]),
  ])
  const rows = await withTimes(
    context,
    partitions.map((p) => resetRow(to, p)),
  )
  const changed = rows.filter((r) => r.before !== r.after)
  const sum = (effect: ResetRow['effect']) => rows.reduce((n, r) => n + (r.effect === effect ? r.records : 0), 0)
  const preview = { rows, recordsAgain: sum('again'), recordsSkipped: sum('skipped') }
  const plan = planFor({
    cluster,
    groupId,
    changes: changed.map(({ topic, partition, before, after }) => ({ topic, partition, before, after })),
  })
  const members = group!.error ? 0 : group!.members.length
  return { ...plan, notes: notesOn(preview, members, changed.length), preview }
}

const planFor = (apply: ApplyReset): Plan<ApplyReset> => ({
  action: 'groups.reset',
  resource: { type: 'group', name: apply.groupId },
  steps: apply.changes.map(
    (c): PlanStep => ({
      kind: 'offset',
      subject: `${c.topic}-${c.partition}`,
      before: c.before === null ? null : String(c.before),
      after: String(c.after),
    }),
  ),
  affected: [...new Set(apply.changes.map((c) => c.topic))].map((name) => ({ type: 'topic', name, note: null })),
  notes: [],
  reversible: true,
  validated: false,
  apply,
})

function notesOn({ recordsAgain, recordsSkipped }: ResetPreview, members: number, changes: number): Note[] {
  const notes: Note[] = []
  if (members > 0) {
    notes.push(
      note(
        'danger',
        'group-active',
        `The group has ${members} connected member${members === 1 ? '' : 's'}; Kafka refuses a reset until they have stopped.`,
        { members },
      ),
    )
  }
  if (recordsAgain > 0)
    notes.push(
      note('warning', 'read-again', `Up to ${recordsAgain} records will be read again.`, { records: recordsAgain }),
    )
  if (recordsSkipped > 0)
    notes.push(
      note('warning', 'skipped', `Up to ${recordsSkipped} records will be skipped.`, { records: recordsSkipped }),
    )
  if (changes === 0) notes.push(note('info', 'nothing-changes', 'Every partition is there already.'))
  return notes
}

/** All that is asked for: with their commits and bounds. Throws for topics and partitions that are not there. */
async function partitionsOf(
  { connection }: GroupContext,
  { groupId, topics, to }: ResetInput,
): Promise<ResetPartition[]> {
  const { admin } = connection.client
  const committed = await commitsOf({ connection }, groupId)
  const names =
    topics ?? [...new Set([...committed.values()].map((o) => o.topic))].map((topic) => ({ topic, partitions: null }))
  if (names.length === 0) {
    throw new ConsoleError('INVALID', 'The group has committed nothing.', 'Name the topics to set its offsets on.')
  }
  const keys: { topic: string; partition: number }[] = []
  for (const { topic, partitions } of names) {
    const metadata = await connection.topic(topic)
    for (const partition of partitions ?? metadata.partitions.map((p) => p.partition)) {
      if (!metadata.partitions[partition]) throw new ConsoleError('INVALID', `${topic} has no partition ${partition}.`)
      keys.push({ topic, partition })
    }
  }
  const ask = (at: 'earliest' | 'latest' | number) => admin.listOffsets(keys.map((k) => ({ ...k, at })))
  const [starts, ends, found] = await Promise.all([
    ask('earliest'),
    ask('latest'),
    to.kind === 'timestamp' ? ask(to.timestampMs) : null,
  ])
  return keys.map((k, i) => {
    const error = starts[i]!.error ?? ends[i]!.error ?? found?.[i]?.error
    if (error) throw error
    return {
      ...k,
      committed: committed.get(`${k.topic} ${k.partition}`)?.offset ?? null,
      startOffset: starts[i]!.offset ?? 0,
      endOffset: ends[i]!.offset ?? 0,
      atTime: found?.[i]?.offset ?? null,
    }
  })
}

export async function commitsOf(
  { connection }: Pick<GroupContext, 'connection'>,
  groupId: string,
): Promise<Map<string, GroupOffset>> {
  const [answer] = await connection.client.admin.offsetFetch([{ groupId }], coordinatorPatience)
  if (answer!.error) throw answer!.error
  return new Map(answer!.offsets.filter((o) => o.offset !== null).map((o) => [`${o.topic} ${o.partition}`, o]))
}

/** The times of the first and last record between before and after. What cannot be read in time stays unknown. */
async function withTimes({ connection }: GroupContext, rows: readonly ResetRow[]): Promise<ResetRow[]> {
  const signal = AbortSignal.timeout(TIMES_WITHIN_MS)
  const timeAt = async (row: ResetRow, offset: number): Promise<number | null> => {
    const source = new KafkaSource(connection.client, row.topic)
    const options = { readCommitted: false, maxWaitMs: 0, signal }
    const [chunk] = await source.fetch([{ partition: row.partition, offset, maxBytes: 1 }], options).catch(() => [])
    return chunk?.records[0]?.timestampMs ?? null
  }
  let left = TIMES_FOR
  return Promise.all(
    rows.map(async (row) => {
      if (row.records === 0 || left-- <= 0) return row
      const low = Math.max(Math.min(row.before!, row.after), row.startOffset)
      const high = Math.min(Math.max(row.before!, row.after), row.endOffset)
      const [firstTimestampMs, lastTimestampMs] = await Promise.all([timeAt(row, low), timeAt(row, high - 1)])
      return { ...row, firstTimestampMs, lastTimestampMs }
    }),
  )
}

export async function applyReset(
  context: GroupContext,
  audit: AuditLog,
  input: ApplyReset,
  actor: Actor,
): Promise<Applied> {
  const { admin } = context.connection.client
  const { groupId, changes } = input
  const [group] = await admin.describeGroups([groupId])
  if (!group!.error && group!.members.length > 0) throw active(groupId, group!.members.length)
  const committed = await commitsOf(context, groupId)
  const moved = changes.some((c) => (committed.get(`${c.topic} ${c.partition}`)?.offset ?? null) !== c.before)
  if (moved) throw outdated()
  return audit.record(actor, changeOf(planFor(input)), async () => {
    const results = await admin.offsetCommit(
      groupId,
      changes.map((c) => ({ topic: c.topic, partition: c.partition, offset: c.after })),
    )
    const failed = results.find((r) => r.error !== null)
    // A member that joined in between: the coordinator takes no commits from outside then.
    if (failed?.error?.error === 'UNKNOWN_MEMBER_ID') throw active(groupId, null)
    if (failed) throw failed.error
    return `Set ${changes.length} offset${changes.length === 1 ? '' : 's'} of ${groupId}.`
  })
}

const active = (groupId: string, members: number | null): ConsoleError =>
  new ConsoleError(
    'GROUP_ACTIVE',
    members === null
      ? `The group ${groupId} has a connected member: its offsets cannot be set from outside.`
      : `The group ${groupId} has ${members} connected member${members === 1 ? '' : 's'}: its offsets cannot be set from outside.`,
    'Stop its consumers, wait until the group is empty (at most their session timeout), and apply again.',
  )
