/** EndQuorumEpoch (54, KIP-595): no other leader steps down where the only voter leads. See `quorum_request.ts`. */
import { EndQuorumEpoch } from '../../protocol/messages/54_end_quorum_epoch.ts'
import { nodeHandler } from '../handler.ts'
import { answerQuorum, checkOnlyLeader } from './quorum_request.ts'

export const EndQuorumEpochHandler = nodeHandler(EndQuorumEpoch, {
  handle: (request, call) =>
    answerQuorum(request, call, {
      check: ({ leaderId, leaderEpoch }) => checkOnlyLeader(leaderId, leaderEpoch, call.node),
      more: {},
    }),
  fail: (_request, { code }) => ({ errorCode: code, topics: [] }),
})
