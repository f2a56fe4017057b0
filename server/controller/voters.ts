/** What requests to change the voters of the controllers' quorum have in common (KIP-853). */
import type { MetadataController } from '../metadata/controller.ts'
import { KafkaError } from '../protocol/errors.ts'

export const FIXED_VOTERS = 'The one voter of this quorum does not change.'

/** Throws INCONSISTENT_CLUSTER_ID or INVALID_REQUEST. */
export function checkVoterRequest(
  request: { readonly clusterId: string | null; readonly voterId: number },
  { settings: { clusterId } }: MetadataController,
): void {
  if (request.clusterId !== null && request.clusterId !== clusterId) {
    throw new KafkaError('INCONSISTENT_CLUSTER_ID', `This cluster is ${clusterId}, not ${request.clusterId}.`)
  }
  if (request.voterId < 0) throw new KafkaError('INVALID_REQUEST', `${request.voterId} is no id of a voter.`)
}
