/**
 * Has all partitions of a running cluster live on given brokers, and the others leave: by Kafka's own reassignments, as an administrator
 * would. It keeps nothing in mind that the cluster does not know, so it may end at any moment and begin anew. What moves where is
 * decided in `replica_plan.ts`.
 */
import type { Admin } from './client/admin.ts'
import type { TopicPartition } from './client/routing.ts'
import type { Resize } from './cluster_plan.ts'
import { named } from './cluster_plan.ts'
import type { Clock } from './env/env.ts'
import { KafkaError } from './protocol/errors.ts'
import { type PartitionState, type ReplicaPlan, replicaPlan } from './replica_plan.ts'

/** It cannot be without losing something: one sentence. */
export class ResizeRefused extends Error {
  override name = 'ResizeRefused'
}

export interface ResizeOptions extends Resize {
  readonly admin: Pick<
    Admin,
    | 'describeCluster'
    | 'listTopics'
    | 'alterPartitionReassignments'
    | 'listPartitionReassignments'
    | 'electPreferredLeaders'
    | 'unregisterBroker'
    | 'describeConfigs'
    | 'incrementalAlterConfigs'
  >
  readonly clock: Clock
  /** Those that are started. */
  readonly brokerIds: readonly number[]
  /** Of topics that grow with the cluster. */
  readonly replicationFactor: number
  readonly internalReplicationFactor: number
  /** What a cluster of the size before begins with, and what this one is to have: the cluster remembers the former (KIP-966). */
  readonly minInsyncReplicas: { readonly before: number; readonly now: number }
  say(line: string): void
  /** Nothing is left to be done of the growth. */
  growthEnded(): void
  /** Stops the brokers that leave, for good. */
  retire(): Promise<void>
}

const LOOK_MS = 250
const SAY_EVERY_MS = 2_000
/** A broker that leaves and is not there by then is done without; a partition without a leader has none to come. */
const PATIENCE_MS = 30_000
const MOVES_A_REQUEST = 500

/** Rejects with a ResizeRefused where something would be lost, or with the KafkaError of a cluster that did not answer. */
export async function resize(o: ResizeOptions): Promise<void> {
  const { before, now } = o.minInsyncReplicas
  await allThere(o)
  if (now < before) await changeMinInsyncReplicas(o)
  const moved = await settle(o, o.grownFrom === undefined ? new Set() : new Set((await look(o)).map((p) => p.topic)))
  // One that was given up is at its end as well.
  if (o.grownFrom === undefined) o.growthEnded()
  else await endGrowth(o, moved)
  if (o.leave.length === 0) return
  await o.retire()
  // What was made on them in their last moments has other replicas, or is refused.
  await settle(o, new Set())
  const { brokers } = await o.admin.describeCluster()
  for (const { id } of brokers.filter((b) => !o.keep.includes(b.id))) await forget(o, id)
  o.say(`Nothing is left on ${named(o.leave)}: ${o.leave.length > 1 ? 'they have' : 'it has'} left the cluster.`)
}

const MIN_INSYNC_REPLICAS = 'min.insync.replicas'

/** All have their replicas: now acks=all may ask for more of them, and those that are first lead. */
async function endGrowth(o: ResizeOptions, moved: TopicPartition[]): Promise<void> {
  const { before, now } = o.minInsyncReplicas
  if (now > before) await changeMinInsyncReplicas(o)
  // Those that cannot be now are elected by the controller later.
  await o.admin.electPreferredLeaders(moved)
  o.growthEnded()
}

/** Unless somebody has set another. */
async function changeMinInsyncReplicas({
  admin,
  minInsyncReplicas: { before, now },
  say,
}: ResizeOptions): Promise<void> {
  const cluster = { type: 'broker', name: '' } as const
  const [described] = await admin.describeConfigs([{ ...cluster, keys: [MIN_INSYNC_REPLICAS] }])
  if (described?.configs.find((c) => c.name === MIN_INSYNC_REPLICAS)?.value !== String(before)) return
  const configs = [{ name: MIN_INSYNC_REPLICAS, op: 'set', value: String(now) }] as const
  const [result] = await admin.incrementalAlterConfigs([{ ...cluster, configs }])
  if (result?.error) throw result.error
  say(`${MIN_INSYNC_REPLICAS} of the cluster is ${now} from now on; it was ${before}.`)
}

async function forget({ admin }: ResizeOptions, id: number): Promise<void> {
  try {
    await admin.unregisterBroker(id)
  } catch (error) {
    if (!(error instanceof KafkaError && error.error === 'BROKER_ID_NOT_REGISTERED')) throw error
  }
}

/** Nothing is judged before all could say what they have. */
async function allThere({ admin, clock, brokerIds, keep, say }: ResizeOptions): Promise<void> {
  const beganMs = clock.monotonic()
  let told = false
  for (;;) {
    const { brokers } = await admin.describeCluster()
    const missing = brokerIds.filter((id) => !brokers.some((b) => b.id === id && !b.isFenced))
    if (missing.length === 0) return
    const late = clock.monotonic() - beganMs > PATIENCE_MS
    if (late && !missing.some((id) => keep.includes(id))) {
      say(`Without ${named(missing)}, which ${missing.length > 1 ? 'do' : 'does'} not run.`)
      return
    }
    if (late && !told) {
      say(`Partitions are not moved before ${named(missing)} ${missing.length > 1 ? 'are' : 'is'} there.`)
      told = true
    }
    await pause(clock)
  }
}

/** Until nothing has to move and nothing moves. `grow`: topics that get replicas. Returns what moved. */
async function settle(o: ResizeOptions, grow: ReadonlySet<string>): Promise<TopicPartition[]> {
  const { clock } = o
  const progress = new Progress(o)
  let stuckSinceMs: number | undefined
  for (;;) {
    const partitions = await look(o)
    const plan = replicaPlan(partitions, goalOf(o, partitions, grow))
    const errors = await move(o, plan)
    progress.show(plan)
    const stuck = plan.stuck.length > 0 || errors.length > 0
    stuckSinceMs = stuck ? (stuckSinceMs ?? clock.monotonic()) : undefined
    const hopeless = stuckSinceMs !== undefined && clock.monotonic() - stuckSinceMs > PATIENCE_MS
    if (hopeless) refuseLosses(o, plan, errors)
    if (plan.moves.length === 0 && plan.underWay.length === 0 && (!stuck || hopeless)) break
    await pause(clock)
  }
  progress.end()
  return progress.moved
}

async function look({ admin }: ResizeOptions): Promise<(PartitionState & { internal: boolean })[]> {
  const [topics, ongoing] = [await admin.listTopics(), await admin.listPartitionReassignments()]
  const targets = new Map(
    ongoing.map((r) => [`${r.topic} ${r.partition}`, r.replicas.filter((id) => !r.removing.includes(id))]),
  )
  return topics.flatMap(({ name, isInternal, partitions }) =>
    partitions.map((p) => {
      const target = targets.get(`${name} ${p.partition}`)
      const { partition, replicas, isr, leader } = p
      return { topic: name, internal: isInternal, partition, replicas, isr, leader, ...(target && { target }) }
    }),
  )
}

function goalOf(
  { keep, grownFrom, replicationFactor, internalReplicationFactor }: ResizeOptions,
  partitions: readonly { topic: string; internal: boolean }[],
  grow: ReadonlySet<string>,
) {
  if (grownFrom === undefined) return { keep }
  const internal = new Set(partitions.filter((p) => p.internal).map((p) => p.topic))
  const to = (topic: string) => {
    if (!grow.has(topic)) return 0
    return internal.has(topic) ? internalReplicationFactor : replicationFactor
  }
  return { keep, raise: { from: grownFrom, to } }
}

/** Returns what was refused. */
async function move({ admin }: ResizeOptions, { moves }: ReplicaPlan): Promise<string[]> {
  const errors: string[] = []
  for (let i = 0; i < moves.length; i += MOVES_A_REQUEST) {
    for (const { topic, partition, error } of await admin.alterPartitionReassignments(
      moves.slice(i, i + MOVES_A_REQUEST),
    )) {
      if (error) errors.push(`${topic}-${partition}: ${error.message}`)
    }
  }
  return errors
}

const MOST_NAMES = 3

/** Returns where nothing but a replica more is missing. */
function refuseLosses(
  { keep, leave, brokerIds }: ResizeOptions,
  { stuck }: ReplicaPlan,
  errors: readonly string[],
): void {
  const lost = stuck.filter((p) => p.replicas.some((id) => !keep.includes(id)))
  if (lost.length > 0) {
    // Where nobody is in sync any more, one of those that had it may still come back.
    const whoHas = (p: PartitionState) => (p.isr.length > 0 ? p.isr : p.replicas)
    const some = lost.slice(0, MOST_NAMES).map((p) => `${p.topic}-${p.partition} (on ${whoHas(p).join(', ')})`)
    const more = lost.length - some.length
    const away = [...new Set(lost.flatMap(whoHas))].sort((a, b) => a - b)
    throw new ResizeRefused(
      `${some.join(', ')}${more > 0 ? ` and ${more} more partitions` : ''} ${lost.length > 1 ? 'have' : 'has'} no replica in sync on a broker that runs, so going on with ${named(keep)} alone would lose what is in ${lost.length > 1 ? 'them' : 'it'}. Start with BROKERS=${Math.max(...keep, ...leave, ...brokerIds, ...away)} and mend ${named(away)}, or delete the topic.`,
    )
  }
  if (errors.length > 0) throw new ResizeRefused(`The cluster refuses to move ${errors[0]}`)
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.after(LOOK_MS, resolve))
}

/** Says from time to time how far it is. */
class Progress {
  /** All that had to move so far, by topic and number. */
  private readonly seen = new Map<string, TopicPartition>()
  private saidMs: number
  private said = -1

  constructor(private readonly o: ResizeOptions) {
    this.saidMs = o.clock.monotonic()
  }

  show({ moves, underWay, stuck }: ReplicaPlan): void {
    for (const p of [...moves, ...underWay, ...stuck]) this.seen.set(`${p.topic} ${p.partition}`, p)
    const done = this.seen.size - moves.length - underWay.length - stuck.length
    const nowMs = this.o.clock.monotonic()
    if (this.seen.size === 0 || done === this.said || nowMs - this.saidMs < SAY_EVERY_MS) return
    this.saidMs = nowMs
    this.said = done
    this.o.say(`${done} of ${this.seen.size} partitions are where they should be.`)
  }

  get moved(): TopicPartition[] {
    return [...this.seen.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  end(): void {
    if (this.seen.size > 0) this.o.say(`All partitions are on ${named(this.o.keep)}: ${this.seen.size} had to move.`)
  }
}
