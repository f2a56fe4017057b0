/** ListPartitionReassignments (46): partitions that move to other replicas, of the topics asked for or of all. */
import { errorCode } from '../../protocol/errors.ts'
import { ListPartitionReassignments } from '../../protocol/messages/46_list_partition_reassignments.ts'
import { handler } from '../handler.ts'

export const ListPartitionReassignmentsHandler = handler(ListPartitionReassignments, {
  handle(request, { controller }) {
    const wanted = request.topics && new Map(request.topics.map((t) => [t.name, new Set(t.partitionIndexes)]))
    const topics = [...controller.image.topics.values()].map(({ name, partitions }) => ({
      name,
      partitions: partitions
        .filter((p) => wanted === null || wanted.get(name)?.has(p.partitionId))
        .filter((p) => p.addingReplicas.length > 0 || p.removingReplicas.length > 0)
        .map((p) => ({
          partitionIndex: p.partitionId,
          replicas: [...p.replicas],
          addingReplicas: [...p.addingReplicas],
          removingReplicas: [...p.removingReplicas],
        })),
    }))
    return { errorCode: errorCode.NONE, errorMessage: null, topics: topics.filter((t) => t.partitions.length > 0) }
  },
  fail: (_request, { code, detail }) => ({ errorCode: code, errorMessage: detail, topics: [] }),
})
