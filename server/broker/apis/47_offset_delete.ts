/** OffsetDelete (47): of topics that exist, the group's coordinator takes the offsets away. */
import { errorCode } from '../../protocol/errors.ts'
import { OffsetDelete } from '../../protocol/messages/47_offset_delete.ts'
import { handler } from '../handler.ts'

export const OffsetDeleteHandler = handler(OffsetDelete, {
  async handle(request, context) {
    const { metadata, groups } = context.broker
    const exists = (name: string, partitionIndex: number) =>
      metadata.topic(name)?.partitions[partitionIndex] !== undefined
    const known = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.filter((p) => exists(name, p.partitionIndex)),
    }))
    const unknown = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions
        .filter((p) => !exists(name, p.partitionIndex))
        .map(({ partitionIndex }) => ({ partitionIndex, errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION })),
    }))
    // Asked with what is left, or nothing: whether there is such a group, and whether it may, is to be said in any case.
    const answer = await groups.offsetDelete(context, { groupId: request.groupId, topics: known })
    if (answer.errorCode !== errorCode.NONE) return answer
    const topics = answer.topics.map(({ name, partitions }, i) => ({
      name,
      partitions: [...partitions, ...unknown[i]!.partitions],
    }))
    return { ...answer, topics: topics.filter((t) => t.partitions.length > 0) }
  },
  fail: (_request, { code }) => ({ errorCode: code, topics: [] }),
})
