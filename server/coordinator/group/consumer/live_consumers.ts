/**
 * What a crash may forget of consumer groups: when sessions and rebalances time out, and against which topics a group was last
 * looked at. Kept apart from the stored groups; commands change it in `change`.
 */
import type { Timer } from '../classic_group.ts'
import type { LiveGroups } from '../live_groups.ts'
import { expireMember } from './commands/expire_member.ts'
import type { ConsumerGroup } from './consumer_group.ts'
import type { ConsumerMember } from './member.ts'

/** What ends if nothing is heard in time: each takes the member out of the group. */
export interface MemberTimers {
  readonly session: Timer
  /** To give up what it was told to. */
  readonly rebalance: Timer
  /** Of classic members: to come with JoinGroup when told that a rebalance goes on, and with SyncGroup after it. */
  readonly join: Timer & { running: boolean }
  readonly sync: Timer
}

interface LiveGroup {
  readonly timers: Map<string, MemberTimers>
  /** `GroupTopics.version` when the metadata hash was last compared. */
  checkedVersion: number
  /** When its regular expressions were last matched, ms since the epoch. */
  regexesMatchedMs: number
}

export class LiveConsumers {
  private readonly groups = new Map<string, LiveGroup>()

  constructor(private readonly live: LiveGroups) {}

  of(groupId: string): LiveGroup {
    let group = this.groups.get(groupId)
    if (group === undefined) {
      this.groups.set(
        groupId,
        (group = { timers: new Map(), checkedVersion: -1, regexesMatchedMs: Number.NEGATIVE_INFINITY }),
      )
    }
    return group
  }

  timersOf(groupId: string, memberId: string): MemberTimers {
    const { timers } = this.of(groupId)
    let member = timers.get(memberId)
    if (member === undefined) timers.set(memberId, (member = this.newTimers(groupId, memberId)))
    return member
  }

  /** The member's session begins anew. */
  touch(groupId: string, member: ConsumerMember): void {
    this.timersOf(groupId, member.memberId).session.set(this.sessionTimeoutMs(groupId, member))
  }

  /** It is told to give something up, or has: the time for it begins or is over. Classic members have others. */
  watchRevocation(groupId: string, member: ConsumerMember): void {
    if (member.metadata.classicMemberMetadata !== null) return
    const { rebalance } = this.timersOf(groupId, member.memberId)
    if (member.state === 'UNREVOKED_PARTITIONS') rebalance.set(member.metadata.rebalanceTimeoutMs)
    else rebalance.cancel()
  }

  /** Everyone has a session's time, and what is left of the rebalance begins anew. */
  loaded(group: ConsumerGroup): void {
    for (const member of group.members.values()) {
      this.touch(group.groupId, member)
      this.watchRevocation(group.groupId, member)
    }
  }

  forgetMember(groupId: string, memberId: string): void {
    const timers = this.groups.get(groupId)?.timers
    const member = timers?.get(memberId)
    if (member === undefined) return
    for (const timer of [member.session, member.rebalance, member.join, member.sync]) timer.cancel()
    timers!.delete(memberId)
  }

  forget(groupId: string): void {
    for (const memberId of [...(this.groups.get(groupId)?.timers.keys() ?? [])]) this.forgetMember(groupId, memberId)
    this.groups.delete(groupId)
  }

  private sessionTimeoutMs(groupId: string, { metadata }: ConsumerMember): number {
    return metadata.classicMemberMetadata?.sessionTimeoutMs ?? this.live.config.consumer.sessionTimeoutMs(groupId)
  }

  private newTimers(groupId: string, memberId: string): MemberTimers {
    const timer = (why: string, epochMatters = false) =>
      this.live.deadline(expireMember(this.live, groupId, memberId, why, epochMatters))
    const join = timer('it has not joined again in time')
    const once = {
      running: false,
      set: (ms: number) => {
        once.running = true
        join.set(ms)
      },
      cancel: () => {
        once.running = false
        join.cancel()
      },
    }
    return {
      session: timer('its session has ended without a heartbeat'),
      rebalance: timer('it has not given up in time what it was told to', true),
      join: once,
      sync: timer('no SyncGroup came in time'),
    }
  }
}
