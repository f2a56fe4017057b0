/** Is the consumer protocol (KIP-848) switched on: by group.version, and by group.coordinator.rebalance.protocols? */
import { KafkaError } from '../protocol/errors.ts'
import type { BrokerState } from './broker_state.ts'

/** Throws UNSUPPORTED_VERSION if it is not. */
export function checkConsumerProtocol({ config, metadata }: BrokerState): void {
  const isFinalized = metadata.features().finalized.some((f) => f.name === 'group.version' && f.maxVersionLevel >= 1)
  const isServed = config['group.coordinator.rebalance.protocols'].some((p) => p.toLowerCase() === 'consumer')
  if (!isFinalized || !isServed) {
    throw new KafkaError(
      'UNSUPPORTED_VERSION',
      'The consumer protocol is switched off: finalize the feature group.version at 1, and name consumer in ' +
        'group.coordinator.rebalance.protocols.',
    )
  }
}
