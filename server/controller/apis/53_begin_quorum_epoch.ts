/** BeginQuorumEpoch (53, KIP-595): nobody but the only voter leads. See `quorum_request.ts`. */
import { BeginQuorumEpoch } from '../../protocol/messages/53_begin_quorum_epoch.ts'
import { nodeHandler } from '../handler.ts'
import { answerQuorum, checkOnlyLeader, checkVoterKey } from './quorum_request.ts'

export const BeginQuorumEpochHandler = nodeHandler(BeginQuorumEpoch, {
  handle: (request, call) =>
    answerQuorum(request, call, {
      check({ leaderId, leaderEpoch, voterDirectoryId }) {
        checkOnlyLeader(leaderId, leaderEpoch, call.node)
        checkVoterKey(request.voterId, voterDirectoryId, call.node)
      },
      more: {},
    }),
  fail: (_request, { code }) => ({ errorCode: code, topics: [] }),
})
