/**
 * A group as its members see it at this moment: who is in it, who waits for what, how far the rebalance is. All of this may be
 * lost in a crash; what was stored last (`GroupState.metadata`) is then where the members pick up again.
 *
 * It knows no records, no timers and no answers' shapes: commands do.
 */

import type { JoinGroup } from '../../protocol/messages/11_join_group.ts'
import type { SyncGroup } from '../../protocol/messages/14_sync_group.ts'
import type { Infer } from '../../protocol/schema.ts'
import type { Later } from '../../state/runtime.ts'
import type { GroupMetadata } from './records.ts'

export type JoinGroupResponse = Infer<typeof JoinGroup.response>
export type SyncGroupResponse = Infer<typeof SyncGroup.response>

export type GroupStateName = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable'

/** Which states may come before. `Dead` is no state of ours: a group that is gone is not there. */
const comesAfter: Record<GroupStateName, readonly GroupStateName[]> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Empty', 'CompletingRebalance', 'Stable'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
}

export interface MemberProtocol {
  readonly name: string
  readonly metadata: Buffer
}

export interface Member {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  /** In the member's order of preference. */
  protocols: readonly MemberProtocol[]
  assignment: Buffer
  /** It has not had its first answer yet, so it cannot know that it must send heartbeats. */
  isNew: boolean
  joining: Later<JoinGroupResponse> | undefined
  syncing: Later<SyncGroupResponse> | undefined
  /** The end of its session. */
  readonly session: Timer
}

/** The end of something. */
export interface Timer {
  set(ms: number): void
  cancel(): void
}

export const NO_ASSIGNMENT = Buffer.alloc(0)

export class ClassicGroup {
  private currentState: GroupStateName = 'Empty'
  private stateBefore: GroupStateName | undefined
  /** When it came into its state; null if the log does not know. */
  stateTimestampMs: number | null = null
  generationId = 0
  /** Null for a group that only commits offsets. */
  protocolType: string | null = null
  protocolName: string | null = null
  leaderId: string | null = null
  /** In the order in which they came. */
  readonly members = new Map<string, Member>()
  /** Instance id to member id. */
  private readonly staticMembers = new Map<string, string>()
  /** Ids that were given out and whose owners have to come back with them (KIP-394), each with the end of its wait. */
  readonly pendingJoin = new Map<string, Timer>()
  /** Members that have not sent their SyncGroup in this generation. */
  readonly pendingSync = new Set<string>()
  /** Of the initial rebalance: a member came since the wait began or was prolonged, and how much longer it may be prolonged. */
  initialWait = { newMemberAdded: false, delayMs: 0, remainingMs: 0 }

  constructor(
    readonly groupId: string,
    /** Ends the phase in which members join. */
    readonly joinTimer: Timer,
    /** Ends the wait for SyncGroup. */
    readonly syncTimer: Timer,
  ) {}

  get state(): GroupStateName {
    return this.currentState
  }

  /** The first members of an empty group are given `group.initial.rebalance.delay.ms` to come together. */
  get isInitialRebalance(): boolean {
    return this.currentState === 'PreparingRebalance' && this.stateBefore === 'Empty'
  }

  transitionTo(state: GroupStateName, nowMs: number): void {
    if (!comesAfter[state].includes(this.currentState)) {
      throw new Error(`group ${this.groupId} goes from ${this.currentState} to ${state}`)
    }
    this.stateBefore = this.currentState
    this.currentState = state
    this.stateTimestampMs = nowMs
  }

  /** Takes up what was stored. */
  restore(stored: GroupMetadata, members: readonly Member[]): void {
    this.generationId = stored.generation
    this.protocolType = stored.protocolType === '' ? null : stored.protocolType
    this.protocolName = stored.protocol
    this.leaderId = stored.leader
    this.stateTimestampMs = stored.currentStateTimestamp === -1 ? null : stored.currentStateTimestamp
    this.currentState = members.length === 0 ? 'Empty' : 'Stable'
    for (const member of members) {
      this.members.set(member.memberId, member)
      if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, member.memberId)
    }
  }

  /** `protocolType` is the member's; it becomes the group's with its first member. */
  add(member: Member, protocolType: string): void {
    if (member.groupInstanceId !== null) this.staticMembers.set(member.groupInstanceId, member.memberId)
    if (this.members.size === 0) this.protocolType = protocolType
    this.leaderId ??= member.memberId
    this.members.set(member.memberId, member)
    this.removePending(member.memberId)
  }

  /** A member or a pending one; neither is no error. Its answers are the caller's to give before. */
  remove(memberId: string): void {
    const member = this.members.get(memberId)
    if (member !== undefined) {
      member.session.cancel()
      this.members.delete(memberId)
      if (member.groupInstanceId !== null) this.staticMembers.delete(member.groupInstanceId)
      if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null
    }
    this.removePending(memberId)
    this.pendingSync.delete(memberId)
  }

  /** `next` takes the place of the member with the same instance id, also as leader. */
  replace(previous: Member, next: Member): void {
    previous.session.cancel()
    this.members.delete(previous.memberId)
    this.members.set(next.memberId, next)
    this.staticMembers.set(next.groupInstanceId!, next.memberId)
    if (this.leaderId === previous.memberId) this.leaderId = next.memberId
    if (this.pendingSync.delete(previous.memberId)) this.pendingSync.add(next.memberId)
  }

  /** A copy with `next` in the place of `previous`, to look at before it is so. */
  withReplaced(previous: Member, next: Member): ClassicGroup {
    const copy = new ClassicGroup(this.groupId, this.joinTimer, this.syncTimer)
    copy.currentState = this.currentState
    copy.generationId = this.generationId
    copy.protocolType = this.protocolType
    copy.protocolName = this.protocolName
    copy.leaderId = this.leaderId === previous.memberId ? next.memberId : this.leaderId
    for (const m of this.members.values()) {
      const member = m === previous ? next : m
      copy.members.set(member.memberId, member)
    }
    return copy
  }

  private removePending(memberId: string): void {
    this.pendingJoin.get(memberId)?.cancel()
    this.pendingJoin.delete(memberId)
  }

  staticMemberId(groupInstanceId: string): string | undefined {
    return this.staticMembers.get(groupInstanceId)
  }

  get numJoining(): number {
    let n = 0
    for (const m of this.members.values()) if (m.joining !== undefined) n++
    return n
  }

  get hasAllMembersJoined(): boolean {
    return this.pendingJoin.size === 0 && this.numJoining === this.members.size
  }

  /** The longest that any member asked for. */
  get rebalanceTimeoutMs(): number {
    let longest = 0
    for (const m of this.members.values()) longest = Math.max(longest, m.rebalanceTimeoutMs)
    return longest
  }

  /** Could a member with these protocols live with those who are here? */
  supports(protocolType: string, protocols: readonly { name: string }[]): boolean {
    if (this.state === 'Empty') return protocolType !== '' && protocols.length > 0
    if (protocolType !== this.protocolType) return false
    return protocols.some(({ name }) => this.supportedByAll(name))
  }

  private supportedByAll(name: string): boolean {
    for (const m of this.members.values()) if (!m.protocols.some((p) => p.name === name)) return false
    return true
  }

  /** The protocol that all support and most would like best; among equals, the one that the oldest member named first. */
  selectProtocol(): string {
    const [oldest] = this.members.values()
    if (oldest === undefined) throw new Error(`group ${this.groupId} has no members to choose a protocol`)
    const votes = new Map<string, number>()
    for (const { name } of oldest.protocols) if (this.supportedByAll(name)) votes.set(name, 0)
    for (const m of this.members.values()) {
      const choice = m.protocols.find((p) => votes.has(p.name))
      if (choice === undefined) throw new Error(`group ${this.groupId} has members without a common protocol`)
      votes.set(choice.name, votes.get(choice.name)! + 1)
    }
    return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0]
  }
}

/** What the member said about itself under that protocol. */
export function metadataOf(member: Member, protocolName: string | null): Buffer {
  const protocol = member.protocols.find((p) => p.name === protocolName)
  if (protocol === undefined) throw new Error(`member ${member.memberId} does not know the protocol ${protocolName}`)
  return protocol.metadata
}

export const sameProtocols = (a: readonly MemberProtocol[], b: readonly MemberProtocol[]): boolean =>
  a.length === b.length && a.every((p, i) => p.name === b[i]!.name && p.metadata.equals(b[i]!.metadata))
