/** A member that was not heard of in time is out. */
import type { GroupCommand, LiveGroups } from '../../live_groups.ts'
import { fence } from '../fence.ts'

const nothing = { reply: undefined }

/** `ifRevoking`: only while it has something to give up. */
export const expireMember =
  (live: LiveGroups, groupId: string, memberId: string, why: string, ifRevoking: boolean): GroupCommand<void> =>
  (state, nowMs) => {
    const group = state.consumers.get(groupId)
    const member = group?.members.get(memberId)
    if (group === undefined || member === undefined) return nothing
    if (ifRevoking && member.state !== 'UNREVOKED_PARTITIONS') return nothing
    const decision = fence(live, group, [memberId], nowMs)
    return {
      ...decision,
      reply: undefined,
      change: () => {
        live.log(`Group ${groupId}: ${memberId} is out: ${why}`)
        decision.change()
      },
    }
  }
