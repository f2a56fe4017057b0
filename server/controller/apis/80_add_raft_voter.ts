/**
 * AddRaftVoter (80, KIP-853): the voters of this quorum are a fixed list (kraft.version 0), so after the request has been found in
 * order it is refused, as by any Kafka with such a list.
 */
import { KafkaError } from '../../protocol/errors.ts'
import { AddRaftVoter } from '../../protocol/messages/80_add_raft_voter.ts'
import { handler } from '../handler.ts'
import { checkVoterRequest, FIXED_VOTERS } from '../voters.ts'

export const AddRaftVoterHandler = handler(AddRaftVoter, {
  handle(request, { controller }) {
    checkVoterRequest(request, controller)
    const { listenerName } = controller.settings
    if (!request.listeners.some((l) => l.name === listenerName)) {
      throw new KafkaError('INVALID_REQUEST', 'The voter has no address for the listener of the controllers.')
    }
    throw new KafkaError('UNSUPPORTED_VERSION', FIXED_VOTERS)
  },
  fail: (_request, { code, detail }) => ({ errorCode: code, errorMessage: detail }),
})
