/** DeleteGroups (42): groups without members, with all that they have committed. */
import { distinct } from '../../lib/distinct.ts'
import { DeleteGroups } from '../../protocol/messages/42_delete_groups.ts'
import { handler } from '../handler.ts'

export const DeleteGroupsHandler = handler(DeleteGroups, {
  async handle(request, context) {
    const names = distinct(request.groupsNames, (name) => name)
    return { results: await context.broker.groups.deleteGroups(context, names) }
  },
  fail: (request, { code }) => ({ results: request.groupsNames.map((groupId) => ({ groupId, errorCode: code })) }),
})
