/** ListGroups (16): the groups of all coordinators here. v4 filters by state, v5 by type. */
import { ListGroups } from '../../protocol/messages/16_list_groups.ts'
import { handler } from '../handler.ts'

export const ListGroupsHandler = handler(ListGroups, {
  handle: (request, context) => context.broker.groups.listGroups(context, request),
  fail: (_request, { code }) => ({ errorCode: code, groups: [] }),
})
