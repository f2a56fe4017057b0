/** RemoveRaftVoter (81, KIP-853): see AddRaftVoter (80): with a fixed list of voters, a request in order is refused. */
import { KafkaError } from '../../protocol/errors.ts'
import { RemoveRaftVoter } from '../../protocol/messages/81_remove_raft_voter.ts'
import { handler } from '../handler.ts'
import { checkVoterRequest, FIXED_VOTERS } from '../voters.ts'

export const RemoveRaftVoterHandler = handler(RemoveRaftVoter, {
  handle(request, { controller }) {
    checkVoterRequest(request, controller)
    throw new KafkaError('UNSUPPORTED_VERSION', FIXED_VOTERS)
  },
  fail: (_request, { code, detail }) => ({ errorCode: code, errorMessage: detail }),
})
