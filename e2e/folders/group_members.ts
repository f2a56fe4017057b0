/** Groups of each kind that lives through the stations, with members that come back as themselves. */
import { setTimeout as sleep } from 'node:timers/promises'
import { errorOf } from '../../server/protocol/errors.ts'
import { OffsetCommit } from '../../server/protocol/messages/08_offset_commit.ts'
import { FindCoordinator } from '../../server/protocol/messages/10_find_coordinator.ts'
import { JoinGroup } from '../../server/protocol/messages/11_join_group.ts'
import { Heartbeat } from '../../server/protocol/messages/12_heartbeat.ts'
import { SyncGroup } from '../../server/protocol/messages/14_sync_group.ts'
import { ConsumerGroupHeartbeat } from '../../server/protocol/messages/68_consumer_group_heartbeat.ts'
import { type Broker, check } from './broker.ts'
import { succeeds } from './writing.ts'

/** As long as the coordinator allows: a member must be there after a start that takes its time. */
const SESSION_MS = 1_800_000

type Note = (title: string, ok: boolean, why: string) => void

export class GroupMembers {
  private classic: { memberId: string; generation: number } | undefined
  private modern: { memberId: string; epoch: number } | undefined
  private commits = 0

  async commit(broker: Broker, name: string, note: Note): Promise<void> {
    this.commits++
    await coordinator(broker, 'simple')
    await this.offsets(broker, 'simple', name, {})
    await this.classicMember(broker, name, note)
    // A cluster of an older release has the API and not the feature.
    const { level = 0 } = broker.features.find((f) => f.name === 'group.version') ?? {}
    if (level > 0) await this.modernMember(broker, name, note)
  }

  private async offsets(
    broker: Broker,
    groupId: string,
    name: string,
    who: { memberId?: string; epoch?: number; groupInstanceId?: string },
  ): Promise<void> {
    const partitions = [0, 1].map((partitionIndex) => ({
      partitionIndex,
      committedOffset: this.commits * 10 + partitionIndex,
      committedLeaderEpoch: partitionIndex - 1,
      committedMetadata: partitionIndex === 0 ? '' : `by ${name}`,
    }))
    const ask = () =>
      broker.ask(OffsetCommit, 9, {
        groupId,
        memberId: who.memberId ?? '',
        generationIdOrMemberEpoch: who.epoch ?? -1,
        groupInstanceId: who.groupInstanceId ?? null,
        topics: [{ name: 'plain', partitions }],
      })
    await succeeds(ask, (a) => a.topics[0]!.partitions[0]!.errorCode, `committing offsets of ${groupId}`)
  }

  private async classicMember(broker: Broker, name: string, note: Note): Promise<void> {
    const groupInstanceId = 'static-1'
    if (this.classic) {
      const { memberId, generation: generationId } = this.classic
      const { errorCode } = await broker.ask(Heartbeat, 4, {
        groupId: 'classic',
        generationId,
        memberId,
        groupInstanceId,
      })
      note(`${name} knows the member of a classic group`, errorCode === 0, errorOf(errorCode))
    } else {
      const joined = await succeeds(
        () =>
          broker.ask(JoinGroup, 7, {
            groupId: 'classic',
            sessionTimeoutMs: SESSION_MS,
            rebalanceTimeoutMs: 60_000,
            memberId: '',
            groupInstanceId,
            protocolType: 'consumer',
            protocols: [{ name: 'range', metadata: SUBSCRIPTION }],
          }),
        (a) => a.errorCode,
        'JoinGroup',
      )
      const { memberId, generationId } = joined
      const synced = await broker.ask(SyncGroup, 5, {
        groupId: 'classic',
        generationId,
        memberId,
        groupInstanceId,
        protocolType: 'consumer',
        protocolName: 'range',
        assignments: [{ memberId, assignment: ASSIGNMENT }],
      })
      check(synced.errorCode, 'SyncGroup')
      this.classic = { memberId, generation: generationId }
    }
    const { memberId, generation } = this.classic
    await this.offsets(broker, 'classic', name, { memberId, epoch: generation, groupInstanceId })
  }

  private async modernMember(broker: Broker, name: string, note: Note): Promise<void> {
    const beat = (
      memberId: string,
      memberEpoch: number,
      joining: boolean,
      owned: { topicId: string; partitions: number[] }[] | null,
    ) =>
      broker.ask(ConsumerGroupHeartbeat, 0, {
        groupId: 'modern',
        memberId,
        memberEpoch,
        ...(joining && { subscribedTopicNames: ['plain', 'large'], rebalanceTimeoutMs: 60_000 }),
        topicPartitions: owned,
      })
    if (this.modern) {
      const { memberId, epoch } = this.modern
      const { errorCode, memberEpoch } = await beat(memberId, epoch, false, null)
      note(`${name} knows the member of a consumer group`, errorCode === 0, errorOf(errorCode))
      this.modern = { memberId, epoch: memberEpoch }
    } else {
      let answer = await succeeds(
        () => beat('', 0, true, []),
        (a) => a.errorCode,
        'ConsumerGroupHeartbeat',
      )
      const memberId = answer.memberId!
      for (let i = 0; answer.assignment === null && i < 50; i++) {
        await sleep(50)
        answer = await beat(memberId, answer.memberEpoch, false, [])
        check(answer.errorCode, 'ConsumerGroupHeartbeat')
      }
      const owned = answer.assignment?.topicPartitions ?? []
      answer = await beat(memberId, answer.memberEpoch, false, owned)
      check(answer.errorCode, 'ConsumerGroupHeartbeat')
      this.modern = { memberId, epoch: answer.memberEpoch }
    }
    await this.offsets(broker, 'modern', name, this.modern)
  }
}

/** Makes the offsets topic, if it is not there yet. */
async function coordinator(broker: Broker, group: string): Promise<void> {
  const ask = () => broker.ask(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [group] })
  await succeeds(ask, (a) => a.coordinators[0]!.errorCode, 'FindCoordinator')
}

/** Of the consumer's embedded protocol, version 0: the topic `plain`, no user data; and both its partitions. */
const SUBSCRIPTION = Buffer.from('0000' + '00000001' + '0005' + '706c61696e' + 'ffffffff', 'hex')
const ASSIGNMENT = Buffer.from(
  '0000' + '00000001' + '0005' + '706c61696e' + '00000002' + '00000000' + '00000001' + 'ffffffff',
  'hex',
)
