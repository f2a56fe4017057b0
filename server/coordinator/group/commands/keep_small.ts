/** A group that was loaded with more members than `group.max.size` allows rebalances: who comes too late has no room. */
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import { prepareRebalance } from '../rebalance.ts'

export const keepSmall =
  (live: LiveGroups, groupId: string): GroupCommand<void> =>
  (_, nowMs) => ({
    reply: undefined,
    change: () => {
      const group = live.find(groupId)
      if (group?.state === 'Stable') prepareRebalance(live, group, 'it has more members than group.max.size', nowMs)
    },
  })
