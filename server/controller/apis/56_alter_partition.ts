/** AlterPartition (56, KIP-497): the leader of partitions proposes who is in sync. v3 names replicas with the epochs of their brokers (KIP-903). */
import { AlterPartition } from '../../protocol/messages/56_alter_partition.ts'
import { handler } from '../handler.ts'

export const AlterPartitionHandler = handler(AlterPartition, {
  handle: (request, { controller }) => controller.alterPartition(request),
  fail: (_request, { code }) => ({ errorCode: code, topics: [] }),
})
