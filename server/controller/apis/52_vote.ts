/** Vote (52, KIP-595, 996): no candidate gets the vote of the only voter, who leads. See `quorum_request.ts`. */
import { KafkaError } from '../../protocol/errors.ts'
import { Vote } from '../../protocol/messages/52_vote.ts'
import { nodeHandler } from '../handler.ts'
import { answerQuorum, checkEpoch, checkVoterKey } from './quorum_request.ts'

export const VoteHandler = nodeHandler(Vote, {
  handle: (request, call) =>
    answerQuorum(request, call, {
      check({ replicaId, replicaEpoch, lastOffset, lastOffsetEpoch, voterDirectoryId }) {
        if (lastOffset < 0 || lastOffsetEpoch < 0 || lastOffsetEpoch >= replicaEpoch) {
          throw new KafkaError('INVALID_REQUEST')
        }
        checkEpoch(replicaId, replicaEpoch, call.node)
        checkVoterKey(request.voterId, voterDirectoryId, call.node)
      },
      more: { voteGranted: false },
    }),
  fail: (_request, { code }) => ({ errorCode: code, topics: [] }),
})
