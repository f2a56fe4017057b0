/**
 * Takes members out of a consumer group. If all who are left speak the classic protocol, the group goes back to it, unless the
 * migration policy says no.
 */
import type { GroupCommand, LiveGroups } from '../live_groups.ts'
import type { GroupRecord } from '../records.ts'
import type { ConsumerGroup } from './consumer_group.ts'
import { mayDowngrade, toClassicGroup } from './downgrade.ts'
import { Draft } from './draft.ts'
import { metadataHash } from './topics.ts'

export interface Fencing {
  readonly records: readonly GroupRecord[]
  readonly change: () => void
  readonly next?: readonly GroupCommand<any>[]
}

export function fence(live: LiveGroups, group: ConsumerGroup, memberIds: readonly string[], nowMs: number): Fencing {
  const draft = new Draft(group.groupId, group)
  for (const memberId of memberIds) draft.removeMember(memberId)
  if (mayDowngrade(live, draft.group)) return toClassicGroup(live, group, draft.group, nowMs)
  dropUnusedRegexes(draft)
  draft.putEpoch(group.epoch + 1, metadataHash(draft.group.subscribedTopics(), live.topics))
  return {
    records: draft.records,
    change: () => {
      for (const memberId of memberIds) live.consumers.forgetMember(group.groupId, memberId)
    },
  }
}

export function dropUnusedRegexes(draft: Draft): void {
  const used = draft.group.subscribedRegexes()
  for (const regex of [...draft.group.regexes.keys()]) if (!used.has(regex)) draft.removeRegex(regex)
}
