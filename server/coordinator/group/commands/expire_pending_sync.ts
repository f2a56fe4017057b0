/** Members that have joined but not sent SyncGroup within the rebalance timeout are out, and the group rebalances (KAFKA-10847). */
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import { prepareRebalance, removeMember } from '../rebalance.ts'
import { tryCompleteJoin } from './complete_join.ts'

export const expirePendingSync =
  (live: LiveGroups, groupId: string): GroupCommand<void> =>
  (_, nowMs) => {
    const group = live.find(groupId)
    if (group === undefined || group.pendingSync.size === 0) return { reply: undefined }
    if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return { reply: undefined }
    return {
      reply: undefined,
      change: () => {
        const silent = [...group.pendingSync]
        for (const memberId of silent) removeMember(group, group.members.get(memberId)!)
        prepareRebalance(live, group, `no SyncGroup came in time from ${silent.join(', ')}`, nowMs)
      },
      next: [tryCompleteJoin(live, groupId)],
    }
  }
