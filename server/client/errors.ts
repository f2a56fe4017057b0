/** Error codes of responses as KafkaErrors, and what a client does about one: ask for metadata, try again, or tell. */
import { errorOf, errors, KafkaError } from '../protocol/errors.ts'

/** null for NONE; the broker's own words where it sent some. */
export const errorFrom = (code: number, message?: string | null): KafkaError | null =>
  code === 0 ? null : new KafkaError(errorOf(code), message || undefined)

/** Throws what `errorFrom` returns. */
export function check(code: number, message?: string | null): void {
  const error = errorFrom(code, message)
  if (error) throw error
}

/** Will it succeed only after fresh metadata? */
export const isStale = (error: KafkaError): boolean => errors[error.error].refreshesMetadata

/** Must the coordinator be looked up anew? */
export const isCoordinatorLost = (error: KafkaError): boolean =>
  error.error === 'NOT_COORDINATOR' ||
  error.error === 'COORDINATOR_NOT_AVAILABLE' ||
  error.error === 'NETWORK_EXCEPTION' ||
  error.error === 'REQUEST_TIMED_OUT'

/** The node that leads or coordinates something has left the cluster: soon another will, which has to be asked for. */
export const asMoved = (
  error: KafkaError,
  who: 'LEADER_NOT_AVAILABLE' | 'COORDINATOR_NOT_AVAILABLE',
  cluster: { readonly isClosed: boolean },
): KafkaError =>
  error.error === 'BROKER_NOT_AVAILABLE' && !cluster.isClosed ? new KafkaError(who, error.message) : error

/** KafkaErrors as they are; anything else is our bug and is thrown on. */
export function asKafkaError(error: unknown): KafkaError {
  if (error instanceof KafkaError) return error
  throw error
}
