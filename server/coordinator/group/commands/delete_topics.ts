/** Topics are gone: so are the offsets that were committed for them, or a new topic of that name would be read from there. */
import { ZERO_UUID } from '../../../protocol/schema.ts'
import type { GroupCommand } from '../live_groups.ts'
import type { GroupRecord } from '../records.ts'
import { inBatches } from './in_batches.ts'

export interface DeletedTopic {
  readonly name: string
  readonly topicId: string
}

export const deleteTopics =
  (topics: readonly DeletedTopic[]): GroupCommand<void> =>
  (state) => {
    const records: GroupRecord[] = []
    for (const [groupId, committed] of state.offsets) {
      for (const { name, topicId } of topics) {
        for (const [partition, value] of committed.get(name) ?? []) {
          // Committed for its successor already.
          if (value.topicId !== ZERO_UUID && value.topicId !== topicId) continue
          records.push({ type: 'OffsetCommit', groupId, topic: name, partition, value: null })
        }
      }
    }
    return inBatches(records)
  }
