/**
 * UpdateRaftVoter (82, KIP-853): a voter tells its addresses. The only voter knows its own, and there is no other.
 */
import { codeOf, errorCode, KafkaError } from '../../protocol/errors.ts'
import { UpdateRaftVoter } from '../../protocol/messages/82_update_raft_voter.ts'
import { type Infer, ZERO_UUID } from '../../protocol/schema.ts'
import type { ControllerState } from '../controller_state.ts'
import { nodeHandler } from '../handler.ts'
import { checkClusterId, currentLeader } from './metadata_topic.ts'

type Request = Infer<typeof UpdateRaftVoter.request>

export const UpdateRaftVoterHandler = nodeHandler(UpdateRaftVoter, {
  handle(request, { node }) {
    let code: number = errorCode.NONE
    try {
      check(request, node)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      code = codeOf(error)
    }
    return { errorCode: code, currentLeader: { ...currentLeader(node), ...node.endpoint } }
  },
  fail: (_request, { code }) => ({ errorCode: code }),
})

function check(request: Request, node: ControllerState): void {
  const { voterId, voterDirectoryId, listeners, kRaftVersionFeature: supported } = request
  const { kraftVersion } = node.controller.image
  checkClusterId(request.clusterId, node)
  node.metadataLog.checkLeader(request.currentLeaderEpoch)
  const wellFormed =
    voterId >= 0 &&
    voterDirectoryId !== ZERO_UUID &&
    listeners.some((l) => l.name === node.controller.settings.listenerName) &&
    supported.minSupportedVersion >= 0 &&
    supported.maxSupportedVersion >= supported.minSupportedVersion
  if (!wellFormed) throw new KafkaError('INVALID_REQUEST')
  if (supported.minSupportedVersion > kraftVersion || supported.maxSupportedVersion < kraftVersion) {
    throw new KafkaError('INVALID_REQUEST')
  }
  if (voterId !== node.nodeId || voterDirectoryId !== node.directoryId) throw new KafkaError('VOTER_NOT_FOUND')
}
