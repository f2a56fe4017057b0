/**
 * The life of a group from a seed: consumers that join, read, commit, stall, restart and leave, and a broker that crashes and loses
 * any part of what was not committed. Judges look on; a mutant breaks the coordinator so that they have something to convict.
 */
import type { Clock } from '../../env/env.ts'
import { SimTime } from '../../env/sim_clock.ts'
import { SimRandom } from '../../env/sim_random.ts'
import { errorOf } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import type { StateLog } from '../../state/log.ts'
import { MemoryLog } from '../../state/memory_log.ts'
import { Runtime } from '../../state/runtime.ts'
import { defaultGroupConfig } from './config.ts'
import { GroupCoordinator } from './coordinator.ts'
import { groupRecordCodec } from './records.ts'
import type { GroupShard } from './shard.ts'
import { GroupState } from './state.ts'

export type Mutant =
  | 'answers before the commit'
  | 'loads all but the last batch'
  | 'changes the state without a record'
  | 'takes commits of any generation'
  | 'gives everyone the leader’s assignment'
  | 'acknowledges commits without storing them'
  | 'never ends a session'

const GROUP = 'group'
const TOPIC = 'topic'
const PARTITIONS = 6
const FAULTS_UNTIL_MS = 240_000
const PEACE_MS = 150_000

/** What the judges found, in words; empty if all was well. Also how much happened, to see that something did. */
export interface Verdict {
  readonly violations: string[]
  readonly counts: { commits: number; generations: number; crashes: number }
  readonly fingerprint: number
}

export async function simulate(seed: number, mutant?: Mutant): Promise<Verdict> {
  const world = new World(seed, mutant)
  await world.live()
  return { violations: world.violations, counts: world.counts, fingerprint: world.time.fingerprint }
}

class World {
  readonly time = new SimTime()
  readonly clock: Clock = this.time.clock({ dead: false })
  readonly random: SimRandom
  readonly violations: string[] = []
  readonly counts = { commits: 0, generations: 0, crashes: 0 }
  /** No more faults: everyone is to settle down. */
  peace = false
  over = false
  private log: MemoryLog
  coordinator: GroupCoordinator
  readonly consumers: Consumer[] = []
  /** The highest offset of each partition whose commit was acknowledged. */
  private readonly acknowledged = new Map<number, number>()
  /** By generation and partition. */
  private readonly owners = new Map<string, string>()

  constructor(
    seed: number,
    private readonly mutant: Mutant | undefined,
  ) {
    this.random = new SimRandom(seed)
    this.log = new MemoryLog(this.clock, () => this.random.int(this.random.chance(0.2) ? 1_500 : 30))
    this.coordinator = this.boot()
  }

  async live(): Promise<void> {
    const versions = [2, 4, 5, 9]
    for (let i = 0; i < 4; i++) {
      const instance = this.random.chance(0.3) ? `instance${i}` : null
      this.consumers.push(new Consumer(this, `consumer${i}`, versions[this.random.int(4)]!, instance))
    }
    const running = this.consumers.map((c) => c.run())
    while (this.time.elapsedMs < FAULTS_UNTIL_MS && this.violations.length === 0) {
      await this.time.runFor(this.random.between(10, this.random.chance(0.3) ? 2_000 : 12_000))
      this.compareWithReplay()
      if (this.random.chance(0.5)) this.crash()
    }
    this.peace = true
    await this.time.runFor(PEACE_MS)
    this.compareWithReplay()
    this.judgePeace()
    this.over = true
    this.coordinator.close()
    const ended = Promise.all(running)
    await this.time
      .runUntilSettled(ended, 120_000)
      .catch((e) => this.convict(`a request was never answered: ${e.message}`))
  }

  private boot(): GroupCoordinator {
    const config = { ...defaultGroupConfig, initialRebalanceDelayMs: 500 }
    const coordinator = new GroupCoordinator({ config, clock: this.clock, random: this.random, numPartitions: () => 1 })
    const log = this.log
    const batches = () => (this.mutant === 'loads all but the last batch' ? log.batches.slice(0, -1) : log.batches)
    void coordinator.load(0, { log: this.mutant === 'answers before the commit' ? hasty(log) : log, batches })
    return this.mutant === undefined ? coordinator : this.broken(coordinator)
  }

  private crash(): void {
    this.counts.crashes++
    this.log = this.log.crash(this.random.chance(0.5) ? 0 : this.random.next())
    this.coordinator = this.boot()
  }

  shardOf(coordinator: GroupCoordinator): GroupShard {
    return (coordinator as unknown as { shards: Map<number, { shard: GroupShard }> }).shards.get(0)!.shard
  }

  /** What is broken lies outside of the code that is on trial, so that the code is the one that runs. */
  private broken(good: GroupCoordinator): GroupCoordinator {
    const bad: GroupCoordinator = Object.create(good)
    switch (this.mutant) {
      case 'changes the state without a record':
        bad.offsetCommit = async (context, request) => {
          const { state } = this.shardOf(good)
          const value = {
            offset: 1,
            leaderEpoch: 0,
            metadata: '',
            commitTimestamp: 0,
            topicId: ZERO_UUID,
            expireTimestamp: -1,
          }
          state.apply({ type: 'OffsetCommit', groupId: 'nobody', topic: TOPIC, partition: this.random.int(9), value })
          return good.offsetCommit(context, request)
        }
        break
      case 'takes commits of any generation':
        bad.offsetCommit = (context, request) => {
          const stored = this.shardOf(good).state.metadata.get(GROUP)
          const someone = stored?.members[0]
          return good.offsetCommit(context, {
            ...request,
            generationIdOrMemberEpoch: stored?.generation ?? -1,
            memberId: someone?.memberId ?? '',
            groupInstanceId: someone?.groupInstanceId ?? null,
          })
        }
        break
      case 'gives everyone the leader’s assignment':
        bad.syncGroup = async (context, request) => {
          const response = await good.syncGroup(context, request)
          const stored = this.shardOf(good).state.metadata.get(GROUP)
          const leaders = stored?.members.find((m) => m.memberId === stored.leader)
          return response.errorCode === 0 && leaders ? { ...response, assignment: leaders.assignment } : response
        }
        break
      case 'acknowledges commits without storing them':
        bad.offsetCommit = async (context, request) => {
          if (!this.random.chance(0.2)) return good.offsetCommit(context, request)
          const topics = request.topics.map((t) => ({
            ...t,
            partitions: t.partitions.map((p) => ({ partitionIndex: p.partitionIndex, errorCode: 0 })),
          }))
          return { throttleTimeMs: 0, topics }
        }
        break
      case 'never ends a session':
        bad.joinGroup = (context, request) =>
          good.joinGroup(context, { ...request, sessionTimeoutMs: 1_800_000, rebalanceTimeoutMs: 1_800_000 })
        break
    }
    return bad
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve))
  }

  // Judges.

  private convict(what: string): void {
    this.violations.push(`at ${Math.round(this.time.elapsedMs)} ms: ${what}`)
  }

  owns(generation: number, partition: number, owner: string): void {
    const key = `${generation}/${partition}`
    const other = this.owners.get(key)
    if (other !== undefined && other !== owner) {
      this.convict(`partition ${partition} of generation ${generation} belongs to ${other} and to ${owner}`)
    }
    this.owners.set(key, owner)
    this.counts.generations = Math.max(this.counts.generations, generation)
  }

  hasAcknowledged(partition: number, offset: number): void {
    const before = this.acknowledged.get(partition) ?? -1
    if (offset < before) this.convict(`offset ${offset} of partition ${partition} was committed after ${before}`)
    this.acknowledged.set(partition, Math.max(before, offset))
    this.counts.commits++
  }

  /** `atLeast` is what had been acknowledged when the question was asked. */
  hasFetched(partition: number, offset: number, atLeast: number): void {
    if (offset < atLeast)
      this.convict(`offset ${offset} of partition ${partition} was fetched after ${atLeast} was acknowledged`)
  }

  acknowledgedOf(partition: number): number {
    return this.acknowledged.get(partition) ?? -1
  }

  /** Live state and replay of the log are the same, and no acknowledged commit is missing from either. */
  private compareWithReplay(): void {
    const live = this.shardOf(this.coordinator).state
    const replayed = new GroupState()
    new Runtime({ state: replayed, log: this.log, codec: groupRecordCodec, clock: this.clock }).load(this.log.batches)
    if (dump(live) !== dump(replayed)) this.convict(`live and replayed state differ:\n${dump(live)}\n${dump(replayed)}`)
    for (const [partition, offset] of this.acknowledged) {
      const stored = replayed.offset(GROUP, TOPIC, partition)?.offset ?? -1
      if (stored < offset) this.convict(`${offset} of partition ${partition} was acknowledged, ${stored} is stored`)
    }
  }

  private judgePeace(): void {
    const alive = this.consumers.filter((c) => !c.fenced)
    const owned = alive.flatMap((c) => c.owned).sort((a, b) => a - b)
    const all = alive.length === 0 ? [] : Array.from({ length: PARTITIONS }, (_, i) => i)
    if (owned.join() !== all.join()) this.convict(`in peace, the partitions owned are ${owned.join() || 'none'}`)
  }
}

class Consumer {
  owned: number[] = []
  fenced = false
  private memberId = ''
  private generation = -1
  private positions = new Map<number, number>()

  constructor(
    private readonly world: World,
    private readonly name: string,
    private readonly version: number,
    private readonly instance: string | null,
  ) {}

  async run(): Promise<void> {
    const { world } = this
    await world.sleep(world.random.int(5_000))
    while (!world.over && !this.fenced) {
      this.owned = []
      if (!((await this.join()) && (await this.fetch()))) await world.sleep(100 + world.random.int(200))
      else await this.work()
    }
  }

  private get context() {
    return { version: this.version, clientId: this.name, clientHost: '/127.0.0.1' }
  }

  private get groupInstanceId(): string | null {
    return this.version >= 5 ? this.instance : null
  }

  /** Joins and takes its assignment. */
  private async join(): Promise<boolean> {
    const { world, context, groupInstanceId } = this
    const joined = await world.coordinator.joinGroup(context, {
      groupId: GROUP,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 15_000,
      memberId: this.memberId,
      groupInstanceId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from(this.name) }],
      reason: null,
    })
    if (errorOf(joined.errorCode) === 'MEMBER_ID_REQUIRED') this.memberId = joined.memberId
    if (!this.goesOn(joined.errorCode)) return false
    this.memberId = joined.memberId
    this.generation = joined.generationId
    if (world.random.chance(0.1) && !world.peace) await world.sleep(world.random.int(20_000))
    const shares = joined.members.map((m) => ({ memberId: m.memberId, partitions: [] as number[] }))
    if (shares.length > 0) for (let p = 0; p < PARTITIONS; p++) shares[p % shares.length]!.partitions.push(p)
    const synced = await world.coordinator.syncGroup(context, {
      groupId: GROUP,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupInstanceId,
      protocolType: 'consumer',
      protocolName: joined.protocolName,
      assignments: joined.skipAssignment
        ? []
        : shares.map((s) => ({ memberId: s.memberId, assignment: Buffer.from(s.partitions.join()) })),
    })
    if (!this.goesOn(synced.errorCode)) return false
    const text = synced.assignment.toString()
    this.owned = text === '' ? [] : text.split(',').map(Number)
    for (const p of this.owned) world.owns(joined.generationId, p, this.groupInstanceId ?? joined.memberId)
    return true
  }

  /** Begins where the committed offsets are. */
  private async fetch(): Promise<boolean> {
    const { world } = this
    this.positions.clear()
    const known = new Map(this.owned.map((p) => [p, world.acknowledgedOf(p)]))
    const topics = [{ topicId: ZERO_UUID, name: TOPIC, partitionIndexes: this.owned }]
    const context = { ...this.context, version: 9 }
    const groups = [{ groupId: GROUP, memberId: null, memberEpoch: -1, topics }]
    const response = await world.coordinator.offsetFetch(context, {
      groups,
      groupId: '',
      topics: null,
      requireStable: false,
    })
    const group = response.groups[0]!
    if (!this.goesOn(group.errorCode)) return false
    for (const { partitionIndex, committedOffset } of group.topics[0]?.partitions ?? []) {
      world.hasFetched(partitionIndex, committedOffset, known.get(partitionIndex)!)
      this.positions.set(partitionIndex, Math.max(committedOffset, 0))
    }
    return true
  }

  /** Reads, commits and sends heartbeats until it is told to join again, or does what clients do when they fail. */
  private async work(): Promise<void> {
    const { world } = this
    while (!world.over) {
      await world.sleep(200 + world.random.int(2_000))
      const mood = world.peace ? 1 : world.random.next()
      if (mood < 0.02) return this.leave()
      if (mood < 0.04) {
        // It restarts: a static one comes back to its place, of a dynamic one the broker knows nothing.
        this.memberId = ''
        return world.sleep(world.random.int(15_000))
      }
      if (mood < 0.06) await world.sleep(world.random.int(40_000))
      if (!(await this.beat()) || !(await this.commit())) return
    }
  }

  private async beat(): Promise<boolean> {
    const { memberId, groupInstanceId, generation: generationId } = this
    const request = { groupId: GROUP, generationId, memberId, groupInstanceId }
    // Now and then it commits before it has heard that it is out.
    if (this.world.random.chance(0.5)) return true
    return this.goesOn((await this.world.coordinator.heartbeat(this.context, request)).errorCode)
  }

  private async commit(): Promise<boolean> {
    const { world, memberId, groupInstanceId, generation } = this
    for (const p of this.owned) this.positions.set(p, this.positions.get(p)! + world.random.int(5))
    const offsets = [...this.positions]
    const response = await world.coordinator.offsetCommit(this.context, {
      groupId: GROUP,
      generationIdOrMemberEpoch: generation,
      memberId,
      groupInstanceId,
      retentionTimeMs: -1,
      topics: [
        {
          topicId: ZERO_UUID,
          name: TOPIC,
          partitions: offsets.map(([partitionIndex, committedOffset]) => ({
            partitionIndex,
            committedOffset,
            committedLeaderEpoch: 0,
            commitTimestamp: -1,
            committedMetadata: this.name,
          })),
        },
      ],
    })
    const answers = response.topics[0]!.partitions
    answers.forEach((a, i) => {
      if (a.errorCode === 0) world.hasAcknowledged(a.partitionIndex, offsets[i]![1])
    })
    return answers.every((a) => this.goesOn(a.errorCode))
  }

  private async leave(): Promise<void> {
    const members = [{ memberId: this.memberId, groupInstanceId: this.groupInstanceId, reason: 'enough' }]
    await this.world.coordinator.leaveGroup({ ...this.context, version: 5 }, { groupId: GROUP, memberId: '', members })
    this.memberId = ''
    await this.world.sleep(this.world.random.int(20_000))
  }

  /** What the error means to a client; false if it has to begin again. */
  private goesOn(code: number): boolean {
    const error = errorOf(code)
    if (error === 'UNKNOWN_MEMBER_ID') this.memberId = ''
    if (error === 'FENCED_INSTANCE_ID') this.memberId = ''
    return error === 'NONE'
  }
}

/** A log that calls everything committed. */
const hasty = (log: MemoryLog): StateLog => ({
  append: (batch) => log.append(batch),
  get highWatermark() {
    return Number.POSITIVE_INFINITY
  },
  onHighWatermark: (listener) => log.onHighWatermark(listener),
})

/** The same text for the same state. */
function dump(state: GroupState): string {
  const offsets = [...state.groupIds()].flatMap((g) => [...state.offsetsOf(g)].map((o) => [g, o]))
  const sorted = (rows: unknown[]) => rows.map((r) => JSON.stringify(r)).sort()
  return [...sorted([...state.metadata]), ...sorted(offsets)].join('\n')
}
