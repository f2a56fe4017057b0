/**
 * A consumer in a group: joins, takes the partitions that the leader gives it, goes on from what was committed, commits what it
 * has got to, and joins again whenever it is told that it must. The assignment is a list of partition numbers as text.
 */
import type { Client } from '../client/client.ts'
import type { SimRandom } from '../env/sim_random.ts'
import type { Api } from '../protocol/api.ts'
import { errorCode, errorOf, KafkaError } from '../protocol/errors.ts'
import { OffsetCommit } from '../protocol/messages/08_offset_commit.ts'
import { JoinGroup } from '../protocol/messages/11_join_group.ts'
import { Heartbeat } from '../protocol/messages/12_heartbeat.ts'
import { LeaveGroup } from '../protocol/messages/13_leave_group.ts'
import { SyncGroup } from '../protocol/messages/14_sync_group.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'
import type { History } from './history.ts'

export interface MemberOptions {
  readonly client: Client
  readonly group: string
  readonly topic: string
  readonly partitions: number
  readonly history: History
  readonly random: SimRandom
  readonly sleep: (ms: number) => Promise<void>
  readonly finishing: () => boolean
}

const SESSION_MS = 3_000
/** From version 10 on topics go by id. */
const COMMIT_VERSION = 9

export class Member {
  private memberId = ''
  private generationId = -1

  constructor(private readonly o: MemberOptions) {}

  async run(): Promise<void> {
    while (!this.o.finishing()) {
      try {
        await this.consume(await this.join())
      } catch (e) {
        if (!(e instanceof KafkaError)) throw e
        if (e.error === 'UNKNOWN_MEMBER_ID' || e.error === 'FENCED_INSTANCE_ID') this.memberId = ''
        await this.o.sleep(10)
      }
    }
    await this.ask(LeaveGroup, { groupId: this.o.group, memberId: this.memberId, members: [] }, 2).catch(() => {})
  }

  private async join(): Promise<number[]> {
    const { group, partitions } = this.o
    const join = () =>
      this.ask(
        JoinGroup,
        {
          groupId: group,
          sessionTimeoutMs: SESSION_MS,
          rebalanceTimeoutMs: SESSION_MS,
          memberId: this.memberId,
          protocolType: 'consumer',
          protocols: [{ name: 'any', metadata: Buffer.alloc(0) }],
        },
        6,
      )
    let joined = await join()
    if (joined.errorCode === errorCode.MEMBER_ID_REQUIRED) {
      this.memberId = joined.memberId
      joined = await join()
    }
    check(joined.errorCode)
    this.memberId = joined.memberId
    this.generationId = joined.generationId
    const ids = joined.members.map((m) => m.memberId)
    const { assignment, errorCode: code } = await this.ask(
      SyncGroup,
      {
        groupId: group,
        generationId: this.generationId,
        memberId: this.memberId,
        assignments: ids.map((memberId, i) => {
          const mine = Array.from({ length: partitions }, (_, p) => p).filter((p) => p % ids.length === i)
          return { memberId, assignment: Buffer.from(mine.join(',')) }
        }),
      },
      4,
    )
    check(code)
    return assignment.length === 0 ? [] : assignment.toString('latin1').split(',').map(Number)
  }

  /** Until somebody says that it is over: by a KafkaError. */
  private async consume(partitions: number[]): Promise<void> {
    const { client, group, topic, history, random, sleep, finishing } = this.o
    const offsets = new Map<number, number>()
    const [fetched] = await client.admin.offsetFetch([
      { groupId: group, partitions: partitions.map((partition) => ({ topic, partition })) },
    ])
    if (fetched!.error !== null) throw fetched!.error
    for (const { partition, offset, error } of fetched!.offsets) {
      if (error !== null) throw error
      history.add({ kind: 'offset fetched', group, at: `${topic}/${partition}`, offset: offset ?? -1 })
      offsets.set(partition, offset ?? 0)
    }
    while (!finishing()) {
      const membership = { groupId: group, generationId: this.generationId, memberId: this.memberId }
      check((await this.ask(Heartbeat, membership, 3)).errorCode)
      if (partitions.length > 0 && random.chance(0.7)) {
        const partition = random.pick(partitions)
        const offset = offsets.get(partition)! + random.between(1, 5)
        await this.commit(partition, offset)
        offsets.set(partition, offset)
      }
      await sleep(random.int(30))
      // Now and then it takes too long over something, or restarts without a word.
      if (random.chance(0.003)) await sleep(SESSION_MS * 2)
      if (random.chance(0.01)) this.memberId = ''
      if (this.memberId === '') return
    }
  }

  private async commit(partition: number, offset: number): Promise<void> {
    const { group, topic, history } = this.o
    const at = `${topic}/${partition}`
    history.add({ kind: 'commit sent', group, at, offset })
    const { topics } = await this.ask(
      OffsetCommit,
      {
        groupId: group,
        generationIdOrMemberEpoch: this.generationId,
        memberId: this.memberId,
        topics: [
          { name: topic, partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: '' }] },
        ],
      },
      COMMIT_VERSION,
    )
    check(topics[0]!.partitions[0]!.errorCode)
    history.add({ kind: 'committed', group, at, offset })
  }

  /** To the coordinator, once: who is told to join again must not be hidden by retries. */
  private async ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    request: Input<Message<Q>>,
    maxVersion: number,
  ): Promise<Infer<Message<S>>> {
    const { cluster } = this.o.client
    const of = { group: this.o.group }
    try {
      const connection = await cluster.node(await cluster.coordinator(of))
      return await connection.send(api, request, { maxVersion, extraTimeoutMs: SESSION_MS * 2 })
    } catch (e) {
      if (e instanceof KafkaError) cluster.learnFrom(e, of)
      throw e
    }
  }
}

function check(code: number): void {
  if (code !== errorCode.NONE) throw new KafkaError(errorOf(code))
}
