/** AlterPartitionReassignments (45): the controller's to decide. v1 may forbid another number of replicas (KIP-860). */
import { AlterPartitionReassignments } from '../../protocol/messages/45_alter_partition_reassignments.ts'
import { handler } from '../handler.ts'

export const AlterPartitionReassignmentsHandler = handler(AlterPartitionReassignments, {
  handle: (request, { controller }) => controller.alterPartitionReassignments(request),
  fail: (_request, { code, detail }) => ({ errorCode: code, errorMessage: detail, responses: [] }),
})
