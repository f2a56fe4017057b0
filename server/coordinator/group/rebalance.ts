/**
 * What several commands do to a group in their `change`: begin a rebalance, take a member out. After either,
 * `tryCompleteJoin` has to come next, for it may be that nobody is left to wait for.
 */
import { answerJoin, answerSync, joinRefused, NO_MEMBER_ID, syncRefused } from './answers.ts'
import { type ClassicGroup, type Member, NO_ASSIGNMENT } from './classic_group.ts'
import type { LiveGroups } from './live_groups.ts'

/** A rebalance begins unless one has begun already. */
export function prepareRebalance(live: LiveGroups, group: ClassicGroup, reason: string, nowMs: number): void {
  if (group.state === 'PreparingRebalance') return
  live.log(`Preparing to rebalance group ${group.groupId}, ${group.state}, generation ${group.generationId}: ${reason}`)
  if (group.state === 'CompletingRebalance') {
    for (const member of group.members.values()) {
      member.assignment = NO_ASSIGNMENT
      if (member.syncing === undefined) continue
      answerSync(member, syncRefused('REBALANCE_IN_PROGRESS'))
      member.session.set(member.sessionTimeoutMs)
    }
  }
  group.pendingSync.clear()
  group.syncTimer.cancel()
  if (group.state === 'Empty') {
    // More members are likely to come at once: spare them a rebalance each (KIP-134).
    const delayMs = live.config.initialRebalanceDelayMs
    group.initialWait = {
      newMemberAdded: false,
      delayMs,
      remainingMs: Math.max(group.rebalanceTimeoutMs - delayMs, 0),
    }
    group.joinTimer.set(delayMs)
  } else group.joinTimer.set(group.rebalanceTimeoutMs)
  group.transitionTo('PreparingRebalance', nowMs)
}

/** Its parked JoinGroup is told that the id is unknown, so that a client that is still there joins anew. */
export function removeMember(group: ClassicGroup, member: Member): void {
  answerJoin(member, joinRefused('UNKNOWN_MEMBER_ID', NO_MEMBER_ID))
  answerSync(member, syncRefused('UNKNOWN_MEMBER_ID'))
  group.remove(member.memberId)
}
