/**
 * Where a node says that it listens, before that is written down: an image with a listener that cannot be is one that Apache Kafka
 * does not load.
 */
import { KafkaError } from '../protocol/errors.ts'

/** PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL. */
const SECURITY_PROTOCOLS = 4

/** Throws INVALID_REQUEST. */
export function checkEndpoints(
  nodeId: number,
  endpoints: readonly { readonly name: string; readonly securityProtocol: number }[],
): void {
  const refuse = (why: string): never => {
    throw new KafkaError('INVALID_REQUEST', why)
  }
  if (nodeId < 0) refuse(`${nodeId} is no node id.`)
  const names = new Set<string>()
  for (const { name, securityProtocol } of endpoints) {
    if (name === '') refuse('A listener has a name.')
    if (names.has(name)) refuse(`The listener ${name} is named twice.`)
    if (securityProtocol < 0 || securityProtocol >= SECURITY_PROTOCOLS) {
      refuse(`${securityProtocol} is no security protocol of the listener ${name}.`)
    }
    names.add(name)
  }
}
