/**
 * The groups of one partition of `__consumer_offsets` as they are at this moment, with what commands need to change them:
 * the stored state to start from, timers, parked answers, ids. Commands ask it while they decide and change it in `change`.
 */
import type { Clock, Random } from '../../env/env.ts'
import { Deadline } from '../../state/deadline.ts'
import type { Command, Later, Runtime } from '../../state/runtime.ts'
import { ClassicGroup, type Member, type MemberProtocol, type Timer } from './classic_group.ts'
import { completeJoin } from './commands/complete_join.ts'
import { expirePendingSync } from './commands/expire_pending_sync.ts'
import { expireSession } from './commands/expire_session.ts'
import type { GroupConfig } from './config.ts'
import { LiveConsumers } from './consumer/live_consumers.ts'
import type { Regexes } from './consumer/regexes.ts'
import type { GroupTopics } from './consumer/topics.ts'
import type { GroupMetadata, GroupRecord } from './records.ts'
import type { GroupState } from './state.ts'

export type GroupCommand<A> = Command<GroupState, GroupRecord, A>

export interface LiveOptions {
  readonly runtime: Runtime<GroupState, GroupRecord>
  readonly config: GroupConfig
  readonly clock: Clock
  readonly random: Random
  readonly regexes: Regexes
  /** One line about something that an operator may want to know. */
  readonly log: (line: string) => void
}

/** The member's session, its first answer and its place in the group are not among what is known of it beforehand. */
export type MemberFacts = Pick<
  Member,
  'memberId' | 'groupInstanceId' | 'clientId' | 'clientHost' | 'rebalanceTimeoutMs' | 'sessionTimeoutMs'
> & { readonly protocols: readonly MemberProtocol[]; readonly assignment: Buffer }

export class LiveGroups {
  private readonly groups = new Map<string, ClassicGroup>()
  private readonly runtime: Runtime<GroupState, GroupRecord>
  private readonly clock: Clock
  private readonly random: Random
  readonly config: GroupConfig
  readonly log: (line: string) => void
  readonly regexes: Regexes
  readonly consumers: LiveConsumers

  constructor(options: LiveOptions) {
    this.runtime = options.runtime
    this.config = options.config
    this.clock = options.clock
    this.random = options.random
    this.log = options.log
    this.regexes = options.regexes
    this.consumers = new LiveConsumers(this)
  }

  get topics(): GroupTopics {
    return this.regexes.topics
  }

  /** The classic group, if it exists: taken from what is stored the first time that someone asks. */
  find(groupId: string): ClassicGroup | undefined {
    const state = this.runtime.state
    if (state.consumers.has(groupId)) return undefined
    const group = this.groups.get(groupId)
    if (group !== undefined) {
      if (state.has(groupId) || group.state !== 'Empty' || group.pendingJoin.size > 0) return group
      this.groups.delete(groupId) // Its stored half was deleted or has expired, and nobody is in it.
      return undefined
    }
    if (!state.has(groupId)) return undefined
    const restored = this.create(groupId)
    const stored = state.metadata.get(groupId)
    if (stored !== undefined) restored.restore(stored, this.membersOf(groupId, stored))
    this.groups.set(groupId, restored)
    return restored
  }

  /** Not among the groups before it is kept. */
  create(groupId: string): ClassicGroup {
    return new ClassicGroup(
      groupId,
      this.deadline(completeJoin(this, groupId)),
      this.deadline(expirePendingSync(this, groupId)),
    )
  }

  keep(group: ClassicGroup): void {
    this.groups.set(group.groupId, group)
  }

  drop(group: ClassicGroup): void {
    for (const memberId of [...group.pendingJoin.keys(), ...group.members.keys()]) group.remove(memberId)
    group.joinTimer.cancel()
    group.syncTimer.cancel()
    this.groups.delete(group.groupId)
  }

  /** All of them, also those that nobody has asked for yet. */
  all(): ClassicGroup[] {
    const ids = this.runtime.state.groupIds()
    for (const id of this.groups.keys()) ids.add(id)
    return [...ids].flatMap((id) => this.find(id) ?? [])
  }

  member(groupId: string, facts: MemberFacts): Member {
    return {
      ...facts,
      isNew: false,
      joining: undefined,
      syncing: undefined,
      session: this.session(groupId, facts.memberId),
    }
  }

  /** Ends the session of a member, or the wait for one that was only given an id. */
  session(groupId: string, memberId: string): Timer {
    return this.deadline(expireSession(this, groupId, memberId))
  }

  deadline(command: GroupCommand<any>): Timer {
    return new Deadline(this.runtime, this.clock, command)
  }

  later<A>(): Later<A> {
    return this.runtime.later<A>()
  }

  /** As Kafka makes them: what the client calls itself, and a random UUID. */
  newMemberId(prefix: string): string {
    return `${prefix}-${this.newUuidText()}`
  }

  /** As Kafka writes the ids of members that come without one. */
  newUuid(): string {
    return this.random.uuid()
  }

  private newUuidText(): string {
    const b = this.random.bytes(16)
    b[6] = (b[6]! & 0x0f) | 0x40
    b[8] = (b[8]! & 0x3f) | 0x80
    const hex = b.toString('hex')
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    return parts.join('-')
  }

  private membersOf(groupId: string, stored: GroupMetadata): Member[] {
    return stored.members.map((m) =>
      this.member(groupId, {
        memberId: m.memberId,
        groupInstanceId: m.groupInstanceId,
        clientId: m.clientId,
        clientHost: m.clientHost,
        rebalanceTimeoutMs: m.rebalanceTimeout === -1 ? m.sessionTimeout : m.rebalanceTimeout,
        sessionTimeoutMs: m.sessionTimeout,
        protocols: [{ name: stored.protocol ?? '', metadata: m.subscription }],
        assignment: m.assignment,
      }),
    )
  }
}
