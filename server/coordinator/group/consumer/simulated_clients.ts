/** The members in the simulation: what Kafka's clients do in either protocol, and what happens to them. */
import { encode } from '../../../protocol/codec.ts'
import { ConsumerProtocolSubscription } from '../../../protocol/consumer_protocol/consumer_protocol_subscription.ts'
import { errorOf } from '../../../protocol/errors.ts'
import { ZERO_UUID } from '../../../protocol/schema.ts'
import { readAssignment, readSubscription, writeAssignment } from './consumer_protocol.ts'
import type { TopicPartitions } from './partitions.ts'
import { GROUP, TOPICS, type World } from './simulation.ts'

const HEARTBEAT_MS = 1_500

/** Whoever hears this is out and, if somebody starts it again, begins anew. The group may have become a classic one meanwhile. */
const FINAL: ReadonlySet<string> = new Set(['UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID', 'GROUP_ID_NOT_FOUND'])

/** What both have in common: they read what they own, go on from what was committed, and commit. Partitions are `topic/number`. */
export abstract class Client {
  readonly owned = new Set<string>()
  readonly reads: readonly string[]
  memberId = ''
  protected epoch = 0
  private readonly positions = new Map<string, number>()

  constructor(
    protected readonly world: World,
    readonly name: string,
    protected readonly instance: string | null,
  ) {
    this.reads = world.random.chance(0.7) ? TOPICS : [world.random.pick([...TOPICS])]
  }

  abstract run(): Promise<void>

  protected context(version: number) {
    return { version, clientId: this.name, clientHost: '/127.0.0.1' }
  }

  protected async take(partitions: readonly string[]): Promise<void> {
    for (const p of this.owned) if (!partitions.includes(p)) this.owned.delete(p)
    const fresh = partitions.filter((p) => !this.owned.has(p))
    if (fresh.length > 0 && (await this.fetch(fresh))) for (const p of fresh) this.owned.add(p)
  }

  private async fetch(partitions: string[]): Promise<boolean> {
    const { world } = this
    const known = partitions.map((p) => world.acknowledgedOf(p))
    const topics = partitions.map((p) => {
      const [name, index] = p.split('/') as [string, string]
      return { topicId: ZERO_UUID, name, partitionIndexes: [Number(index)] }
    })
    const { groups } = await world.coordinator.offsetFetch(this.context(9), {
      groups: [{ groupId: GROUP, memberId: null, memberEpoch: -1, topics }],
      groupId: '',
      topics: null,
      requireStable: false,
    })
    if (groups[0]!.errorCode !== 0) return false
    groups[0]!.topics.forEach((t, i) => {
      const { committedOffset } = t.partitions[0]!
      world.hasFetched(partitions[i]!, committedOffset, known[i]!)
      this.positions.set(partitions[i]!, Math.max(committedOffset, 0))
    })
    return true
  }

  /** Reads on and commits; whether it was allowed to. */
  protected async commit(): Promise<boolean> {
    const { world, memberId } = this
    if (this.owned.size === 0) return true
    const offsets = [...this.owned].map((p) => [p, this.positions.get(p)! + world.random.int(5)] as const)
    for (const [p, offset] of offsets) this.positions.set(p, offset)
    const response = await world.coordinator.offsetCommit(this.context(9), {
      groupId: GROUP,
      generationIdOrMemberEpoch: this.epoch,
      memberId,
      groupInstanceId: this.instance,
      retentionTimeMs: -1,
      topics: offsets.map(([p, committedOffset]) => {
        const [name, index] = p.split('/') as [string, string]
        return {
          topicId: world.topics.byName(name)!.topicId,
          name,
          partitions: [
            {
              partitionIndex: Number(index),
              committedOffset,
              committedLeaderEpoch: 0,
              commitTimestamp: -1,
              committedMetadata: '',
            },
          ],
        }
      }),
    })
    let allowed = true
    response.topics.forEach((t, i) => {
      if (t.partitions[0]!.errorCode === 0) world.hasAcknowledged(offsets[i]![0], offsets[i]![1])
      else allowed = false
    })
    return allowed
  }

  protected forget(): void {
    this.owned.clear()
    this.epoch = 0
  }
}

export class ConsumerClient extends Client {
  private incarnation = 0
  private readonly usesRegex = this.world.random.chance(0.3)

  async run(): Promise<void> {
    const { world } = this
    await world.sleep(world.random.int(5_000))
    this.restart()
    while (!world.over) {
      const mood = world.peace ? 1 : world.random.next()
      if (mood < 0.02) await this.leave()
      else if (mood < 0.04) {
        // It is killed: of a dynamic one the group hears no more.
        this.restart()
        await world.sleep(world.random.int(8_000))
      } else if (mood < 0.06) await world.sleep(world.random.int(25_000))
      await this.beat()
      if (this.epoch > 0 && world.random.chance(0.6)) await this.commit()
      await world.sleep(HEARTBEAT_MS / 2 + world.random.int(HEARTBEAT_MS))
    }
  }

  private restart(): void {
    this.forget()
    this.memberId = `${this.name}-${++this.incarnation}`
  }

  private async leave(): Promise<void> {
    const epoch = this.instance !== null && this.world.random.chance(0.7) ? -2 : -1
    this.owned.clear()
    await this.ask(epoch, false)
    this.restart()
    await this.world.sleep(this.world.random.int(15_000))
  }

  /** Says what it owns; what it is to give up it has stopped reading before it says so. */
  private async beat(): Promise<void> {
    const joins = this.epoch === 0
    const r = await this.ask(this.epoch, joins || this.world.random.chance(0.2))
    const error = errorOf(r.errorCode)
    if (error === 'FENCED_MEMBER_EPOCH') this.forget()
    else if (FINAL.has(error)) this.restart()
    if (error !== 'NONE') return
    this.epoch = r.memberEpoch
    if (r.assignment === null) return
    await this.take(
      r.assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
        partitions.map((p) => `${this.world.topics.nameOf(topicId)}/${p}`),
      ),
    )
  }

  private ask(memberEpoch: number, saysAll: boolean) {
    const { world } = this
    const pattern = this.reads.length > 1 ? 'orders.*' : this.reads[0]!
    return world.coordinator.consumerGroupHeartbeat(this.context(1), {
      groupId: GROUP,
      memberId: this.memberId,
      memberEpoch,
      instanceId: this.instance,
      rackId: null,
      rebalanceTimeoutMs: saysAll ? 15_000 : -1,
      subscribedTopicNames: saysAll && !this.usesRegex ? [...this.reads] : null,
      subscribedTopicRegex: saysAll && this.usesRegex ? pattern : null,
      serverAssignor: null,
      topicPartitions: memberEpoch === 0 ? [] : this.ownedById(),
    })
  }

  private ownedById(): { topicId: string; partitions: number[] }[] {
    return [...this.owned].map((p) => {
      const [name, index] = p.split('/') as [string, string]
      return { topicId: this.world.topics.byName(name)!.topicId, partitions: [Number(index)] }
    })
  }
}

/** Of the eager kind: it gives up everything before it joins. */
export class ClassicClient extends Client {
  async run(): Promise<void> {
    const { world } = this
    await world.sleep(world.random.int(5_000))
    while (!world.over) {
      this.owned.clear()
      if (await this.join()) await this.work()
      else await world.sleep(100 + world.random.int(300))
    }
  }

  private async join(): Promise<boolean> {
    const { world, instance } = this
    const body = encode(ConsumerProtocolSubscription, 1, { topics: [...this.reads], ownedPartitions: [] })
    const joined = await world.coordinator.joinGroup(this.context(9), {
      groupId: GROUP,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 15_000,
      memberId: this.memberId,
      groupInstanceId: instance,
      protocolType: 'consumer',
      protocols: [{ name: 'any', metadata: Buffer.concat([Buffer.from([0, 1]), body]) }],
      reason: null,
    })
    if (errorOf(joined.errorCode) === 'MEMBER_ID_REQUIRED') this.memberId = joined.memberId
    if (!this.goesOn(joined.errorCode)) return false
    this.memberId = joined.memberId
    this.epoch = joined.generationId
    const synced = await world.coordinator.syncGroup(this.context(5), {
      groupId: GROUP,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupInstanceId: instance,
      protocolType: 'consumer',
      protocolName: joined.protocolName,
      assignments: joined.skipAssignment ? [] : this.shares(joined.members),
    })
    if (!this.goesOn(synced.errorCode)) return false
    const { partitions } = readAssignment(synced.assignment, world.topics)
    await this.take(partitions.flatMap((t) => t.partitions.map((p) => `${world.topics.nameOf(t.topicId)}/${p}`)))
    return true
  }

  /** As the leader of a classic group: each partition to one of those who read its topic. */
  private shares(members: readonly { memberId: string; metadata: Buffer }[]) {
    const { topics } = this.world
    const shares = members.map((m) => ({
      ...m,
      reads: readSubscription(m.metadata).topics,
      gets: [] as TopicPartitions[],
    }))
    for (const name of TOPICS) {
      const readers = shares.filter((s) => s.reads.includes(name))
      const { topicId, numPartitions } = topics.byName(name)!
      for (const [i, reader] of readers.entries()) {
        const partitions = Array.from({ length: numPartitions }, (_, p) => p).filter((p) => p % readers.length === i)
        reader.gets.push({ topicId, partitions })
      }
    }
    return shares.map(({ memberId, metadata, gets }) => ({
      memberId,
      assignment: writeAssignment(new Map(gets.map((t) => [t.topicId, new Set(t.partitions)])), metadata, topics),
    }))
  }

  private async work(): Promise<void> {
    const { world, memberId, instance } = this
    const membership = { groupId: GROUP, generationId: this.epoch, memberId, groupInstanceId: instance }
    while (!world.over) {
      await world.sleep(HEARTBEAT_MS / 2 + world.random.int(HEARTBEAT_MS))
      const mood = world.peace ? 1 : world.random.next()
      if (mood < 0.02) {
        this.owned.clear()
        const members = [{ memberId, groupInstanceId: instance, reason: null }]
        await world.coordinator.leaveGroup(this.context(5), { groupId: GROUP, memberId: '', members })
        this.memberId = ''
        return world.sleep(world.random.int(15_000))
      }
      if (mood < 0.04) {
        this.owned.clear()
        this.memberId = ''
        return world.sleep(world.random.int(8_000))
      }
      if (mood < 0.06) await world.sleep(world.random.int(25_000))
      if (world.random.chance(0.6) && !(await this.commit())) return
      if (!this.goesOn((await world.coordinator.heartbeat(this.context(4), membership)).errorCode)) return
    }
  }

  /** What the error means to a client; false if it has to begin again. */
  private goesOn(code: number): boolean {
    const error = errorOf(code)
    if (error === 'UNKNOWN_MEMBER_ID' || error === 'FENCED_INSTANCE_ID') this.memberId = ''
    return error === 'NONE'
  }
}
