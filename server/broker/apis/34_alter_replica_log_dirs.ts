/**
 * AlterReplicaLogDirs (34): moves partitions to other log dirs of this broker while they are served (KIP-113). The answer says
 * that the move has begun; DescribeLogDirs shows how far it is. Naming the dir where a partition is ends its move.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { AlterReplicaLogDirs } from '../../protocol/messages/34_alter_replica_log_dirs.ts'
import { handler } from '../handler.ts'
import { partitionError } from './partition_error.ts'

export const AlterReplicaLogDirsHandler = handler(AlterReplicaLogDirs, {
  handle(request, context) {
    const topics = new Map<string, Map<number, number>>()
    for (const { path, topics: named } of request.dirs) {
      for (const { name, partitions } of named) {
        const results = topics.get(name) ?? new Map<number, number>()
        topics.set(name, results)
        for (const index of partitions) results.set(index, alter(name, index, path))
      }
    }
    return {
      results: [...topics].map(([topicName, results]) => ({
        topicName,
        partitions: [...results].map(([partitionIndex, code]) => ({ partitionIndex, errorCode: code })),
      })),
    }

    function alter(topic: string, index: number, path: string): number {
      try {
        context.broker.partitions.alterLogDir(topic, index, path)
        return errorCode.NONE
      } catch (error) {
        if (error instanceof KafkaError && error.error === 'NOT_LEADER_OR_FOLLOWER')
          return errorCode.REPLICA_NOT_AVAILABLE
        return partitionError(error, context).code
      }
    }
  },
  fail: (request, { code }) => ({
    results: request.dirs.flatMap(({ topics }) =>
      topics.map(({ name, partitions }) => ({
        topicName: name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode: code })),
      })),
    ),
  }),
})
