/**
 * A member's session has ended without a heartbeat, or an id that was given out has not come back (KIP-394): it is out.
 * Who waits for an answer of ours is alive as far as we can know, but a new member does not wait for ever:
 * it has no id yet with which it could leave.
 */
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import { prepareRebalance, removeMember } from '../rebalance.ts'
import { tryCompleteJoin } from './complete_join.ts'

export const expireSession =
  (live: LiveGroups, groupId: string, memberId: string): GroupCommand<void> =>
  (_, nowMs) => {
    const group = live.find(groupId)
    if (group === undefined) return { reply: undefined }
    const next = [tryCompleteJoin(live, groupId)]
    if (group.pendingJoin.has(memberId)) {
      live.log(`Group ${groupId}: ${memberId} has not come back with its id and is out`)
      return { reply: undefined, change: () => group.remove(memberId), next }
    }
    const member = group.members.get(memberId)
    if (member === undefined) return { reply: undefined }
    if (!member.isNew && (member.joining !== undefined || member.syncing !== undefined)) return { reply: undefined }
    return {
      reply: undefined,
      change: () => {
        const reason = `the session of ${memberId} has ended without a heartbeat`
        live.log(`Group ${groupId}: ${reason}`)
        removeMember(group, member)
        if (group.state !== 'Empty') prepareRebalance(live, group, reason, nowMs)
      },
      next,
    }
  }
