/** Replicas and leaders of partitions: have the preferred replicas lead, move replicas or change how many there are, call that off. */

import { KafkaError } from '../../protocol/errors.ts'
import { type Actor, type AuditLog, changeOf } from '../audit.ts'
import type { ClusterConnection, Snapshot } from '../cluster/connection.ts'
import type { Sampler } from '../figures/sampler.ts'
import { basisOf, note, outdated } from '../plans.ts'
import { ConsoleError } from '../problems.ts'
import type { ReplicasService } from '../service.ts'
import type { Applied, Note, Plan, PlanStep } from '../shapes/plan.ts'
import type {
  ApplyCancel,
  ApplyElect,
  ApplyReassign,
  ElectInput,
  OngoingMove,
  ReassignInput,
  ReassignmentsInput,
} from '../shapes/replicas.ts'
import { configsOf } from '../topics/configs.ts'
import { place } from './placement.ts'

type Partition = Snapshot['topics'][number]['partitions'][number]

const nameOf = (topic: string, partition: number): string => `${topic}-${partition}`
const listOf = (ids: readonly number[]): string => ids.join(', ')

export class Replicas implements ReplicasService {
  constructor(
    private readonly connection: ClusterConnection,
    private readonly sampler: Sampler,
    private readonly audit: AuditLog,
  ) {}

  readonly ongoing = async ({ topic }: ReassignmentsInput): Promise<readonly OngoingMove[]> => {
    const moves = await this.moves(topic)
    if (moves.length === 0) return []
    const leaders = new Map((await this.connection.topic(topic)).partitions.map((p) => [p.partition, p.leader]))
    return moves
      .map(({ partition, adding, removing }) => {
        const sizes = this.sampler.figures.topics.get(topic)?.partitions[partition]?.sizes
        const whole = sizes?.get(leaders.get(partition) ?? -1)
        const parts = adding.map((id) => sizes?.get(id) ?? 0)
        const share = whole ? parts.reduce((a, b) => a + b, 0) / (whole * parts.length) : null
        const copied = adding.length === 0 || share === null ? null : Math.min(1, share)
        return { partition, adding, removing, copied }
      })
      .sort((a, b) => a.partition - b.partition)
  }

  // --- preferred leaders ---

  readonly planElect = async ({ cluster, topic }: ElectInput): Promise<Plan<ApplyElect>> => {
    const topics = topic === null ? (await this.fresh()).topics : [await this.freshTopic(topic)]
    const others = topics.flatMap((t) =>
      t.partitions.filter((p) => p.leader !== p.replicas[0]).map((p) => ({ topic: t.name, p })),
    )
    const able = others.filter(({ p }) => p.isr.includes(p.replicas[0]!))
    const steps = able.map(
      ({ topic, p }): PlanStep => ({
        kind: 'leader',
        subject: nameOf(topic, p.partition),
        before: p.leader < 0 ? null : String(p.leader),
        after: String(p.replicas[0]),
      }),
    )
    const unable = others.length - able.length
    return {
      action: 'replicas.elect',
      resource: topic === null ? { type: 'cluster', name: cluster } : { type: 'topic', name: topic },
      steps,
      affected: [],
      notes: [
        ...(unable === 0
          ? []
          : [
              note(
                'info',
                'preferred-out-of-sync',
                `The preferred replica of ${unable} partitions is not in sync: their leaders stay.`,
                { partitions: unable },
              ),
            ]),
        ...(steps.length === 0
          ? []
          : [note('info', 'leaders-move', 'Clients turn to the new leaders by themselves, within moments.')]),
      ],
      reversible: true,
      validated: false,
      apply: { cluster, topic, basis: basisOf(steps) },
    }
  }

  readonly applyElect = (input: ApplyElect, actor: Actor): Promise<Applied> =>
    this.apply(actor, this.planElect(input), input.basis, async (plan) => {
      const partitions = plan.steps.map(({ subject }) => {
        const at = subject.lastIndexOf('-')
        return { topic: subject.slice(0, at), partition: Number(subject.slice(at + 1)) }
      })
      const results = await this.connection.client.admin.electPreferredLeaders(partitions)
      // Whoever leads already, since an election came in between, is what was wanted.
      throwFirst(results.filter((r) => r.error?.error !== 'ELECTION_NOT_NEEDED'))
      return `The preferred replicas of ${partitions.length} partitions lead.`
    })

  // --- where replicas are ---

  readonly planReassign = async (input: ReassignInput): Promise<Plan<ApplyReassign>> => {
    const { topic: name, replicationFactor: factor } = input
    const snapshot = await this.fresh()
    const topic = await this.connection.topic(name)
    const there = new Set(snapshot.brokers.map((b) => b.id))
    const wanted = [...new Set(input.brokers)]
    const absent = wanted.filter((id) => !there.has(id))
    if (absent.length > 0) {
      throw new ConsoleError(
        'INVALID',
        `There is no broker ${absent[0]} now: nothing can be copied to it.`,
        'Choose among the brokers that are up.',
      )
    }
    if (factor > wanted.length) {
      throw new ConsoleError(
        'INVALID',
        `${factor} replicas need ${factor} brokers; ${wanted.length} are chosen.`,
        'Choose more brokers, or fewer replicas.',
      )
    }
    const known = new Map(topic.partitions.map((p) => [p.partition, p]))
    const missing = input.partitions?.find((p) => !known.has(p))
    if (missing !== undefined) throw new ConsoleError('INVALID', `${name} has no partition ${missing}.`)
    const moving = await this.moves(name)
    const chosen = topic.partitions.filter((p) => input.partitions?.includes(p.partition) ?? true)
    const underWay = chosen.filter((p) => moving.some((m) => m.partition === p.partition))
    if (underWay.length > 0) {
      throw new ConsoleError(
        'INVALID',
        `Replicas of ${nameOf(name, underWay[0]!.partition)} are being moved already.`,
        'Wait until that is done, or cancel it.',
      )
    }
    const load = replicasByBroker(snapshot)
    const targets = snapshot.brokers
      .filter((b) => wanted.includes(b.id))
      .map((b) => ({ id: b.id, rack: b.rack, replicas: load.get(b.id) ?? 0 }))
    const changed = place(chosen, factor, targets).filter(
      (p) => listOf(p.replicas) !== listOf(known.get(p.partition)!.replicas),
    )
    const steps = changed.map(
      ({ partition, replicas }): PlanStep => ({
        kind: 'assignment',
        subject: nameOf(name, partition),
        before: listOf(known.get(partition)!.replicas),
        after: listOf(replicas),
      }),
    )
    return {
      action: 'replicas.reassign',
      resource: { type: 'topic', name },
      steps,
      affected: [],
      notes: steps.length === 0 ? [] : await this.consequences(name, factor, changed, known),
      reversible: true,
      validated: false,
      apply: { ...input, basis: basisOf(steps) },
    }
  }

  private async consequences(
    topic: string,
    factor: number,
    changed: readonly { readonly partition: number; readonly replicas: readonly number[] }[],
    known: ReadonlyMap<number, Partition>,
  ): Promise<Note[]> {
    const notes: Note[] = []
    const figures = this.sampler.figures.topics.get(topic)
    let bytes = 0
    for (const { partition, replicas } of changed) {
      const before = known.get(partition)!
      const size = figures?.partitions[partition]?.sizes.get(before.leader) ?? 0
      bytes += size * replicas.filter((id) => !before.replicas.includes(id)).length
    }
    if (changed.some(({ partition, replicas }) => replicas.some((id) => !known.get(partition)!.replicas.includes(id))))
      notes.push(
        note(
          'info',
          'replicas-copied',
          `New replicas are copied (${Math.ceil(bytes / 2 ** 20)} MiB) while everyone goes on; the old ones go afterwards.`,
          { bytes },
        ),
      )
    if (factor === 1) {
      notes.push(note('warning', 'single-replica', 'One replica: the topic is unavailable, or lost, with its broker.'))
    }
    const configs = await configsOf(this.connection, { type: 'topic', name: topic })
    const minIsr = Number(configs.find((c) => c.name === 'min.insync.replicas')?.value ?? 1)
    if (factor < minIsr) {
      notes.push(
        note(
          'warning',
          'below-min-isr',
          `min.insync.replicas is ${minIsr}, more than there will be replicas: acks=all then needs all of them in sync.`,
          { minIsr },
        ),
      )
    }
    const leaderless = changed.filter(({ partition }) => known.get(partition)!.leader < 0).length
    if (leaderless > 0) {
      notes.push(
        note(
          'danger',
          'nobody-to-copy-from',
          `${leaderless} partitions have no leader: nothing can be copied until one of their brokers is back.`,
          { partitions: leaderless },
        ),
      )
    }
    return notes
  }

  readonly applyReassign = (input: ApplyReassign, actor: Actor): Promise<Applied> =>
    this.apply(actor, this.planReassign(input), input.basis, async (plan) => {
      const moves = plan.steps.map(({ subject, after }) => ({
        topic: input.topic,
        partition: Number(subject.slice(subject.lastIndexOf('-') + 1)),
        replicas: after!.split(', ').map(Number),
      }))
      throwFirst(await this.connection.client.admin.alterPartitionReassignments(moves))
      return `The replicas of ${moves.length} partitions of ${input.topic} are being moved.`
    })

  readonly planCancel = async ({ cluster, topic }: ReassignmentsInput): Promise<Plan<ApplyCancel>> => {
    const moves = await this.moves(topic)
    const steps = moves.map(
      ({ partition, replicas, adding, removing }): PlanStep => ({
        kind: 'assignment',
        subject: nameOf(topic, partition),
        before: listOf(replicas.filter((id) => !removing.includes(id))),
        after: listOf(replicas.filter((id) => !adding.includes(id))),
      }),
    )
    return {
      action: 'replicas.cancel',
      resource: { type: 'topic', name: topic },
      steps,
      affected: [],
      notes: steps.length === 0 ? [] : [note('info', 'copies-deleted', 'What has been copied so far is deleted.')],
      reversible: true,
      validated: false,
      apply: { cluster, topic, basis: basisOf(steps) },
    }
  }

  readonly applyCancel = (input: ApplyCancel, actor: Actor): Promise<Applied> =>
    this.apply(actor, this.planCancel(input), input.basis, async (plan) => {
      const moves = plan.steps.map(({ subject }) => ({
        topic: input.topic,
        partition: Number(subject.slice(subject.lastIndexOf('-') + 1)),
        replicas: null,
      }))
      const results = await this.connection.client.admin.alterPartitionReassignments(moves)
      // Done in between: then there is nothing to call off.
      throwFirst(results.filter((r) => r.error?.error !== 'NO_REASSIGNMENT_IN_PROGRESS'))
      return `The replicas of ${moves.length} partitions of ${input.topic} stay where they were.`
    })

  // --- what these share ---

  private async moves(topic: string) {
    const all = await this.connection.client.admin.listPartitionReassignments()
    return all.filter((m) => m.topic === topic)
  }

  /** A plan on who leads must not rest on what was true some seconds ago. */
  private fresh(): Promise<Snapshot> {
    return this.connection.refresh()
  }

  private async freshTopic(name: string) {
    await this.fresh()
    return this.connection.topic(name)
  }

  private async apply<P extends Plan<{ basis: string }>>(
    actor: Actor,
    plan: Promise<P>,
    agreed: string,
    run: (plan: P) => Promise<string>,
  ): Promise<Applied> {
    const now = await plan
    if (now.apply.basis !== agreed) throw outdated()
    const applied = await this.audit.record(actor, changeOf(now), () => run(now))
    await this.connection.refreshAfterChange()
    return applied
  }
}

function replicasByBroker(snapshot: Snapshot): Map<number, number> {
  const counts = new Map<number, number>()
  for (const t of snapshot.topics) {
    for (const p of t.partitions) for (const id of p.replicas) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

/** Throws the first error there is, with the partition it is about and how many share its fate. */
function throwFirst(results: readonly { topic: string; partition: number; error: KafkaError | null }[]): void {
  const failed = results.filter((r) => r.error !== null)
  const [first] = failed
  if (!first) return
  const others = failed.length === 1 ? '' : `, and ${failed.length - 1} more`
  const where = `${nameOf(first.topic, first.partition)}${others}`
  throw new KafkaError(first.error!.error, `${where}: ${first.error!.message}`)
}
