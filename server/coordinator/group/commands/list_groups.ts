/** ListGroups: the groups of this partition that are in one of the states and of one of the types asked for; none named is all. */
import type { ListGroups } from '../../../protocol/messages/16_list_groups.ts'
import type { Infer } from '../../../protocol/schema.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'

export type ListGroupsRequest = Infer<typeof ListGroups.request>
export type ListedGroup = Infer<typeof ListGroups.response>['groups'][number]

export const listGroups = (live: LiveGroups, request: ListGroupsRequest): GroupCommand<ListedGroup[]> => {
  const states = new Set(request.statesFilter.map((s) => s.trim().toLowerCase()))
  const types = new Set(request.typesFilter.map((s) => s.trim().toLowerCase()))
  return () => ({
    reply: live
      .all()
      .filter((g) => states.size === 0 || states.has(g.state.toLowerCase()))
      .filter(() => types.size === 0 || types.has('classic'))
      .map((g) => ({
        groupId: g.groupId,
        protocolType: g.protocolType ?? '',
        groupState: g.state,
        groupType: 'classic',
      })),
  })
}
