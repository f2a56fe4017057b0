/** AssignReplicasToDirs (73): a broker tells in which log directories its replicas are (KIP-858). */
import { AssignReplicasToDirs } from '../../protocol/messages/73_assign_replicas_to_dirs.ts'
import { handler } from '../handler.ts'

export const AssignReplicasToDirsHandler = handler(AssignReplicasToDirs, {
  handle: (request, { controller }) => controller.assignReplicasToDirs(request),
  fail: (_request, { code }) => ({ errorCode: code, directories: [] }),
})
