/**
 * Ends the phase in which members join: the next generation begins with those who came, or the group is empty.
 * Static members who have not come stay (KIP-345), dynamic ones are out.
 */
import { answerJoin, joined } from '../answers.ts'
import type { ClassicGroup, Member } from '../classic_group.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import { removeMember } from '../rebalance.ts'
import { emptyGroup } from '../stored.ts'

const nothing = { reply: undefined }

/** When time is up. */
export const completeJoin =
  (live: LiveGroups, groupId: string): GroupCommand<void> =>
  (_, nowMs) => {
    const group = live.find(groupId)
    if (group === undefined || group.state !== 'PreparingRebalance') return nothing
    if (group.isInitialRebalance && group.initialWait.newMemberAdded && group.initialWait.remainingMs > 0) {
      return { reply: undefined, change: () => prolong(live, group) }
    }
    return complete(live, group, nowMs)
  }

/** When a member has come or gone: only if nobody is missing, and not while more are awaited. */
export const tryCompleteJoin =
  (live: LiveGroups, groupId: string): GroupCommand<void> =>
  (_, nowMs) => {
    const group = live.find(groupId)
    if (group === undefined || group.state !== 'PreparingRebalance') return nothing
    if (group.isInitialRebalance && group.members.size > 0) return nothing
    return group.hasAllMembersJoined ? complete(live, group, nowMs) : nothing
  }

function prolong(live: LiveGroups, group: ClassicGroup): void {
  const { delayMs, remainingMs } = group.initialWait
  const nextDelayMs = Math.min(live.config.initialRebalanceDelayMs, remainingMs)
  group.initialWait = {
    newMemberAdded: false,
    delayMs: nextDelayMs,
    remainingMs: Math.max(remainingMs - delayMs, 0),
  }
  group.joinTimer.set(nextDelayMs)
}

function complete(live: LiveGroups, group: ClassicGroup, nowMs: number): ReturnType<GroupCommand<void>> {
  const late: Member[] = []
  const staying: Member[] = []
  for (const m of group.members.values()) {
    if (m.joining === undefined && m.groupInstanceId === null) late.push(m)
    else staying.push(m)
  }
  const removeLate = () => {
    for (const m of late) {
      live.log(`Group ${group.groupId}: ${m.memberId} has not joined in time and is out`)
      removeMember(group, m)
    }
  }
  if (staying.length === 0) {
    return {
      records: [emptyGroup(group, nowMs)],
      reply: undefined,
      change: () => {
        removeLate()
        group.joinTimer.cancel()
        group.generationId++
        group.protocolName = null
        group.transitionTo('Empty', nowMs)
        live.log(`Group ${group.groupId} with generation ${group.generationId} is now empty`)
      },
    }
  }
  const leader = staying.find((m) => m.memberId === group.leaderId && m.joining !== undefined)
  const electedLeader = leader ?? staying.find((m) => m.joining !== undefined)
  if (electedLeader === undefined) {
    // Only static members, none of whom is here: until one comes or their sessions end there is nothing to complete.
    return {
      reply: undefined,
      change: () => {
        removeLate()
        group.joinTimer.set(group.rebalanceTimeoutMs)
      },
    }
  }
  return {
    reply: undefined,
    change: () => {
      removeLate()
      group.joinTimer.cancel()
      group.leaderId = electedLeader.memberId
      beginGeneration(group, nowMs)
      live.log(`Stabilized group ${group.groupId}, generation ${group.generationId}, ${group.members.size} members`)
    },
  }
}

function beginGeneration(group: ClassicGroup, nowMs: number): void {
  group.generationId++
  group.protocolName = group.selectProtocol()
  group.transitionTo('CompletingRebalance', nowMs)
  group.pendingSync.clear()
  for (const member of group.members.values()) {
    answerJoin(member, joined(group, member))
    member.session.set(member.sessionTimeoutMs)
    member.isNew = false
    group.pendingSync.add(member.memberId)
  }
  group.syncTimer.set(group.rebalanceTimeoutMs)
}
