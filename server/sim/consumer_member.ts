/**
 * A member of a consumer group (KIP-848): says in heartbeats what it owns, takes what it is given once it knows what was committed,
 * stops reading what it is to give up before it says so, and commits what it has got to.
 */
import type { Client } from '../client/client.ts'
import type { SimRandom } from '../env/sim_random.ts'
import type { Api } from '../protocol/api.ts'
import { errorCode, errorOf, KafkaError } from '../protocol/errors.ts'
import { OffsetCommit } from '../protocol/messages/08_offset_commit.ts'
import { ConsumerGroupHeartbeat } from '../protocol/messages/68_consumer_group_heartbeat.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'
import type { History } from './history.ts'

export interface ConsumerMemberOptions {
  readonly client: Client
  readonly group: string
  readonly topic: string
  readonly partitions: number
  readonly name: string
  readonly history: History
  readonly random: SimRandom
  readonly nowMs: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly finishing: () => boolean
}

/** What the worlds' brokers have as group.consumer.session.timeout.ms. */
export const SESSION_MS = 3_000
/** Longer than anyone is cut off: who hears that it has to give something up does so at once. */
const REBALANCE_MS = 20_000
/** From version 10 on topics go by id. */
const COMMIT_VERSION = 9

export class ConsumerMember {
  private incarnation = 0
  private memberId = ''
  private epoch = 0
  /** Partition to the offset it has got to. */
  private readonly owned = new Map<number, number>()

  constructor(private readonly o: ConsumerMemberOptions) {
    this.begin()
  }

  async run(): Promise<void> {
    const { random, sleep, finishing } = this.o
    while (!finishing()) {
      try {
        await this.beat()
        if (this.owned.size > 0 && random.chance(0.7)) await this.commit(random.pick([...this.owned.keys()]))
      } catch (e) {
        if (!(e instanceof KafkaError)) throw e
        if (e.error === 'UNKNOWN_MEMBER_ID') this.begin()
        else if (e.error === 'FENCED_MEMBER_EPOCH') this.giveUpAll()
      }
      await sleep(random.int(30))
      // Now and then it takes too long over something, or is started anew without a word.
      if (random.chance(0.003)) await sleep(SESSION_MS * 2)
      if (random.chance(0.01)) this.begin()
    }
    this.giveUpAll()
    await this.heartbeat(-1, []).catch(() => {})
  }

  /** As another member; what the one before it had is not given up, only forgotten. */
  private begin(): void {
    this.memberId = `${this.o.name}-${this.incarnation++}`
    this.epoch = 0
    this.owned.clear()
  }

  private giveUpAll(): void {
    this.giveUp([...this.owned.keys()])
    this.epoch = 0
  }

  private giveUp(partitions: number[]): void {
    for (const partition of partitions) {
      this.owned.delete(partition)
      this.note('gave up', partition)
    }
  }

  private note(kind: 'took' | 'gave up', partition: number): void {
    const { group, topic, history } = this.o
    history.add({ kind, group, member: this.memberId, at: `${topic}/${partition}` })
  }

  private async beat(): Promise<void> {
    const sentMs = this.o.nowMs()
    const answer = await this.heartbeat(this.epoch, [...this.owned.keys()])
    check(answer.errorCode)
    this.epoch = answer.memberEpoch
    this.o.history.add({ kind: 'heard', group: this.o.group, member: this.memberId, sentMs })
    if (answer.assignment === null) return
    const given = answer.assignment.topicPartitions.flatMap((t) => t.partitions)
    this.giveUp([...this.owned.keys()].filter((p) => !given.includes(p)))
    await this.take(given.filter((p) => !this.owned.has(p)))
  }

  private async take(partitions: number[]): Promise<void> {
    if (partitions.length === 0) return
    const { client, group, topic, history } = this.o
    // From now on nobody else may have them, whether it gets to reading them or not.
    for (const p of partitions) this.note('took', p)
    for (const p of partitions) this.owned.set(p, -1)
    const [fetched] = await client.admin.offsetFetch([
      { groupId: group, partitions: partitions.map((partition) => ({ topic, partition })) },
    ])
    for (const { partition, offset, error } of fetched!.error === null ? fetched!.offsets : []) {
      if (error !== null) continue
      history.add({ kind: 'offset fetched', group, at: `${topic}/${partition}`, offset: offset ?? -1 })
      this.owned.set(partition, offset ?? 0)
    }
  }

  private async commit(partition: number): Promise<void> {
    const { group, topic, history, random } = this.o
    const from = this.owned.get(partition)!
    // It does not know yet where to begin.
    if (from < 0) {
      this.owned.delete(partition)
      return this.take([partition])
    }
    const offset = from + random.between(1, 5)
    const at = `${topic}/${partition}`
    history.add({ kind: 'commit sent', group, at, offset })
    const { topics } = await this.ask(
      OffsetCommit,
      {
        groupId: group,
        generationIdOrMemberEpoch: this.epoch,
        memberId: this.memberId,
        topics: [
          { name: topic, partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: '' }] },
        ],
      },
      COMMIT_VERSION,
    )
    const code = topics[0]!.partitions[0]!.errorCode
    // The next heartbeat says what is the matter.
    if (errorOf(code) === 'STALE_MEMBER_EPOCH') return
    check(code)
    history.add({ kind: 'committed', group, at, offset })
    this.owned.set(partition, offset)
  }

  private async heartbeat(memberEpoch: number, owned: number[]) {
    const { group, topic, client } = this.o
    const [described] = owned.length === 0 ? [] : await client.admin.describeTopics([topic])
    const topicId = described?.topicId
    if (owned.length > 0 && !topicId) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
    const joins = memberEpoch === 0
    return this.ask(
      ConsumerGroupHeartbeat,
      {
        groupId: group,
        memberId: this.memberId,
        memberEpoch,
        ...(joins && { rebalanceTimeoutMs: REBALANCE_MS, subscribedTopicNames: [topic] }),
        topicPartitions: owned.length === 0 ? [] : [{ topicId: topicId!, partitions: owned }],
      },
      1,
    )
  }

  /** To the coordinator, once: what it says of the member must not be hidden by retries. */
  private async ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    request: Input<Message<Q>>,
    maxVersion: number,
  ): Promise<Infer<Message<S>>> {
    const { cluster } = this.o.client
    const of = { group: this.o.group }
    try {
      const connection = await cluster.node(await cluster.coordinator(of))
      return await connection.send(api, request, { maxVersion })
    } catch (e) {
      if (e instanceof KafkaError) cluster.learnFrom(e, of)
      throw e
    }
  }
}

function check(code: number): void {
  if (code !== errorCode.NONE) throw new KafkaError(errorOf(code))
}
