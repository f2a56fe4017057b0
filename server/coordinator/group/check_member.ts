import type { ErrorName } from '../../protocol/errors.ts'
import type { ClassicGroup } from './classic_group.ts'

/** Is this one of the group's members, and the one who holds its `group.instance.id`? What is wrong, if it is not. */
export function checkMember(
  group: ClassicGroup,
  memberId: string,
  groupInstanceId: string | null,
): ErrorName | undefined {
  if (groupInstanceId !== null) {
    const holder = group.staticMemberId(groupInstanceId)
    if (holder === undefined) return 'UNKNOWN_MEMBER_ID'
    if (holder !== memberId) return 'FENCED_INSTANCE_ID'
  }
  return group.members.has(memberId) ? undefined : 'UNKNOWN_MEMBER_ID'
}
