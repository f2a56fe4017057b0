/**
 * The life of a consumer group from a seed: members of the consumer protocol, dynamic and static, by name and by regular expression,
 * and some that speak the classic one; they stall, restart, leave, give up late; topics grow; the broker crashes and loses any part
 * of what was not committed. So the group moves between the protocols, too. Judges look on; a mutant gives them something to convict.
 */
import type { Clock } from '../../../env/env.ts'
import { SimTime } from '../../../env/sim_clock.ts'
import { SimRandom } from '../../../env/sim_random.ts'
import { MemoryLog } from '../../../state/memory_log.ts'
import { Runtime } from '../../../state/runtime.ts'
import { defaultGroupConfig } from '../config.ts'
import { GroupCoordinator } from '../coordinator.ts'
import { groupRecordCodec } from '../records.ts'
import type { GroupShard } from '../shard.ts'
import { GroupState } from '../state.ts'
import { SomeTopics } from './dialogue.ts'
import { ClassicClient, type Client, ConsumerClient } from './simulated_clients.ts'

export type Mutant =
  | 'answers before the commit'
  | 'loads all but the last batch'
  | 'takes commits of any epoch'
  | 'thinks that everyone gives up at once'
  | 'never ends a session'

export const GROUP = 'group'
export const TOPICS = ['orders', 'orders-eu'] as const
const FAULTS_UNTIL_MS = 200_000
const PEACE_MS = 150_000

export interface Verdict {
  /** What the judges found, in words; empty if all was well. */
  readonly violations: string[]
  readonly counts: { commits: number; epochs: number; crashes: number; moves: number }
  readonly fingerprint: number
}

export async function simulate(seed: number, mutant?: Mutant): Promise<Verdict> {
  const world = new World(seed, mutant)
  await world.live()
  return { violations: world.violations, counts: world.counts, fingerprint: world.time.fingerprint }
}

export class World {
  readonly time = new SimTime()
  readonly clock: Clock = this.time.clock({ dead: false })
  readonly random: SimRandom
  readonly topics = new SomeTopics()
  readonly violations: string[] = []
  readonly counts = { commits: 0, epochs: 0, crashes: 0, moves: 0 }
  /** No more faults: everyone is to settle down. */
  peace = false
  over = false
  coordinator: GroupCoordinator
  readonly clients: Client[] = []
  private log: MemoryLog
  /** The highest offset of each partition whose commit was acknowledged. */
  private readonly acknowledged = new Map<string, number>()
  private wasConsumer = false

  constructor(
    seed: number,
    private readonly mutant: Mutant | undefined,
  ) {
    this.random = new SimRandom(seed)
    for (const topic of TOPICS) this.topics.set(topic, this.random.between(1, 4))
    this.log = new MemoryLog(this.clock, () => this.random.int(this.random.chance(0.2) ? 1_500 : 30))
    this.coordinator = this.boot()
  }

  async live(): Promise<void> {
    const { random } = this
    for (let i = 0; i < 4; i++) {
      const instance = random.chance(0.3) ? `instance${i}` : null
      const speaksClassic = i > 0 && random.chance(0.4)
      const make = speaksClassic ? ClassicClient : ConsumerClient
      this.clients.push(new make(this, `client${i}`, instance))
    }
    const running = this.clients.map((c) => c.run())
    while (this.time.elapsedMs < FAULTS_UNTIL_MS && this.violations.length === 0) {
      await this.time.runFor(random.between(10, random.chance(0.3) ? 1_000 : 8_000))
      this.judge()
      if (random.chance(0.1)) {
        const topic = random.pick([...TOPICS])
        this.topics.set(topic, Math.min(8, this.topics.byName(topic)!.numPartitions + 1))
      }
      if (random.chance(0.4)) this.crash()
    }
    this.peace = true
    await this.time.runFor(PEACE_MS)
    this.judge()
    this.judgePeace()
    this.over = true
    this.coordinator.close()
    await this.time
      .runUntilSettled(Promise.all(running), 120_000)
      .catch((e) => this.convict(`a request was never answered: ${e.message}`))
  }

  private boot(): GroupCoordinator {
    const { clock, random, log, topics } = this
    const sessionTimeoutMs = this.mutant === 'never ends a session' ? 10_000_000 : 10_000
    const config = {
      ...defaultGroupConfig,
      initialRebalanceDelayMs: 500,
      consumer: { ...defaultGroupConfig.consumer, sessionTimeoutMs: () => sessionTimeoutMs },
    }
    const coordinator = new GroupCoordinator({ config, clock, random, topics, numPartitions: () => 1 })
    const batches = () => (this.mutant === 'loads all but the last batch' ? log.batches.slice(0, -1) : log.batches)
    const hasty = Object.create(log, { highWatermark: { get: () => Number.POSITIVE_INFINITY } })
    void coordinator.load(0, { log: this.mutant === 'answers before the commit' ? hasty : log, batches })
    return this.broken(coordinator)
  }

  /** What is broken lies outside of the code that is on trial, so that the code is the one that runs. */
  private broken(good: GroupCoordinator): GroupCoordinator {
    const bad: GroupCoordinator = Object.create(good)
    const group = () => this.shardOf(good).state.consumers.get(GROUP)
    switch (this.mutant) {
      case 'takes commits of any epoch':
        bad.offsetCommit = (context, request) => {
          const someone = group()?.members.values().next().value
          if (someone === undefined) return good.offsetCommit(context, request)
          const { memberId, memberEpoch } = someone
          return good.offsetCommit(context, { ...request, memberId, generationIdOrMemberEpoch: memberEpoch })
        }
        break
      case 'thinks that everyone gives up at once':
        bad.consumerGroupHeartbeat = (context, request) =>
          good.consumerGroupHeartbeat(context, { ...request, topicPartitions: [] })
        break
    }
    return bad
  }

  private crash(): void {
    this.counts.crashes++
    this.log = this.log.crash(this.random.chance(0.5) ? 0 : this.random.next())
    this.coordinator = this.boot()
  }

  shardOf(coordinator: GroupCoordinator): GroupShard {
    return (coordinator as unknown as { shards: Map<number, { shard: GroupShard }> }).shards.get(0)!.shard
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve))
  }

  // Judges.

  convict(what: string): void {
    this.violations.push(`at ${Math.round(this.time.elapsedMs)} ms: ${what}`)
  }

  hasAcknowledged(partition: string, offset: number): void {
    const before = this.acknowledged.get(partition) ?? -1
    if (offset < before) this.convict(`offset ${offset} of ${partition} was committed after ${before}`)
    this.acknowledged.set(partition, Math.max(before, offset))
    this.counts.commits++
  }

  /** `atLeast` is what had been acknowledged when the question was asked. */
  hasFetched(partition: string, offset: number, atLeast: number): void {
    if (offset < atLeast) this.convict(`offset ${offset} of ${partition} was fetched after ${atLeast} was acknowledged`)
  }

  acknowledgedOf(partition: string): number {
    return this.acknowledged.get(partition) ?? -1
  }

  private judge(): void {
    const { state } = this.shardOf(this.coordinator)
    this.judgeReplay(state)
    this.judgeOwners(state)
    const isConsumer = state.consumers.has(GROUP)
    if (isConsumer !== this.wasConsumer) this.counts.moves++
    this.wasConsumer = isConsumer
    this.counts.epochs = Math.max(this.counts.epochs, state.consumers.get(GROUP)?.epoch ?? 0)
  }

  /** Live state and replay of the log are the same, and no acknowledged commit is missing from either. */
  private judgeReplay(live: GroupState): void {
    const replayed = new GroupState()
    new Runtime({ state: replayed, log: this.log, codec: groupRecordCodec, clock: this.clock }).load(this.log.batches)
    if (dump(live) !== dump(replayed)) this.convict(`live and replayed state differ:\n${dump(live)}\n${dump(replayed)}`)
    for (const [partition, offset] of this.acknowledged) {
      const [topic, index] = partition.split('/') as [string, string]
      const stored = replayed.offset(GROUP, topic, Number(index))?.offset ?? -1
      if (stored < offset) this.convict(`${offset} of ${partition} was acknowledged, ${stored} is stored`)
    }
  }

  /** Nothing is owned by two; and what a client takes for its own, the group takes for its own, as long as it is a member. */
  private judgeOwners(state: GroupState): void {
    const group = state.consumers.get(GROUP)
    if (group === undefined) return
    const owners = new Map<string, string>()
    for (const m of group.members.values()) {
      for (const [topicId, partitions] of [...m.assigned, ...m.revoking]) {
        for (const p of partitions.keys()) {
          const key = `${topicId}/${p}`
          if (owners.has(key)) this.convict(`${key} belongs to ${owners.get(key)} and to ${m.memberId}`)
          owners.set(key, m.memberId)
        }
      }
    }
    for (const client of this.clients) {
      if (!group.members.has(client.memberId)) continue
      for (const key of client.owned) {
        const [topic, p] = key.split('/') as [string, string]
        const owner = owners.get(`${this.topics.byName(topic)!.topicId}/${p}`)
        if (owner !== client.memberId)
          this.convict(`${client.name} reads ${key}, which belongs to ${owner ?? 'nobody'}`)
      }
    }
  }

  private judgePeace(): void {
    const owned = this.clients.flatMap((c) => [...c.owned]).sort()
    const wanted = new Set(this.clients.flatMap((c) => c.reads))
    const all = [...wanted]
      .flatMap((t) => Array.from({ length: this.topics.byName(t)!.numPartitions }, (_, p) => `${t}/${p}`))
      .sort()
    if (owned.join() !== all.join())
      this.convict(`in peace, ${owned.join() || 'nothing'} is owned instead of ${all.join()}`)
  }
}

/** The same text for the same state. */
function dump(state: GroupState): string {
  const offsets = [...state.groupIds()].flatMap((g) => [...state.offsetsOf(g)].map((o) => [g, o]))
  const plain = (_: string, v: unknown) => (v instanceof Map ? [...v].sort() : v instanceof Set ? [...v].sort() : v)
  const sorted = (rows: unknown[]) => rows.map((r) => JSON.stringify(r, plain)).sort()
  return [...sorted([...state.metadata]), ...sorted([...state.consumers]), ...sorted(offsets)].join('\n')
}
