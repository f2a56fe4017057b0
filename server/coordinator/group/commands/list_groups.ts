/** ListGroups: the groups of this partition that are in one of the states and of one of the types asked for; none named is all. */
import type { ListGroups } from '../../../protocol/messages/16_list_groups.ts'
import type { Infer } from '../../../protocol/schema.ts'
import { PROTOCOL_TYPE } from '../consumer/consumer_protocol.ts'
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import type { GroupState } from '../state.ts'

export type ListGroupsRequest = Infer<typeof ListGroups.request>
export type ListedGroup = Infer<typeof ListGroups.response>['groups'][number]

export const listGroups = (live: LiveGroups, request: ListGroupsRequest): GroupCommand<ListedGroup[]> => {
  const states = new Set(request.statesFilter.map((s) => s.trim().toLowerCase()))
  const types = new Set(request.typesFilter.map((s) => s.trim().toLowerCase()))
  const isAskedFor = ({ groupState, groupType }: ListedGroup) =>
    (states.size === 0 || states.has(groupState.toLowerCase())) && (types.size === 0 || types.has(groupType))
  return (state) => ({ reply: [...classicGroups(live), ...consumerGroups(state)].filter(isAskedFor) })
}

const classicGroups = (live: LiveGroups): ListedGroup[] =>
  live.all().map((g) => ({
    groupId: g.groupId,
    protocolType: g.protocolType ?? '',
    groupState: g.state,
    groupType: 'classic',
  }))

const consumerGroups = (state: GroupState): ListedGroup[] =>
  [...state.consumers.values()].map((g) => ({
    groupId: g.groupId,
    protocolType: PROTOCOL_TYPE,
    groupState: g.state,
    groupType: 'consumer',
  }))
