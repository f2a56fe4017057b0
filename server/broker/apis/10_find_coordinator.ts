/**
 * FindCoordinator (10): which broker keeps a group (key type 0). The topic of group offsets is made when the first group asks.
 * v4 asks for many keys at once (KIP-699). Transactional ids (1) are refused: transactions are not served; share groups (2) neither.
 */
import { codeOf, errorCode, KafkaError } from '../../protocol/errors.ts'
import { FindCoordinator } from '../../protocol/messages/10_find_coordinator.ts'
import { createOffsetsTopic } from '../auto_create.ts'
import type { BrokerState } from '../broker_state.ts'
import { handler } from '../handler.ts'

const GROUP = 0
const NOBODY = { nodeId: -1, host: '', port: -1 }

export const FindCoordinatorHandler = handler(FindCoordinator, {
  async handle(request, { broker, version }) {
    const keys = version >= 4 ? request.coordinatorKeys : [request.key]
    const coordinators = []
    for (const key of keys) coordinators.push(await find(broker, request.keyType, key))
    // Where one is asked for, success has its name in place of a sentence.
    return {
      ...coordinators[0]!,
      ...(coordinators[0]?.errorCode === errorCode.NONE && { errorMessage: 'NONE' }),
      coordinators,
    }
  },
  fail: (request, { code, detail }) => {
    const failed = { ...NOBODY, errorCode: code, errorMessage: detail }
    return { ...failed, coordinators: request.coordinatorKeys.map((key) => ({ key, ...failed })) }
  },
})

async function find(broker: BrokerState, keyType: number, key: string) {
  try {
    if (keyType !== GROUP) {
      throw new KafkaError(
        'INVALID_REQUEST',
        'This broker coordinates groups only: transactions and share groups are not served.',
      )
    }
    if (!broker.metadata.topic('__consumer_offsets')) await createOffsetsTopic(broker)
    const topic = broker.metadata.topic('__consumer_offsets')
    const leader = topic?.partitions[broker.groups.partitionOf(key)]?.leader
    const node = broker.metadata.brokers().find((b) => b.nodeId === leader)
    if (!node) throw new KafkaError('COORDINATOR_NOT_AVAILABLE')
    return { key, nodeId: node.nodeId, host: node.host, port: node.port, errorCode: errorCode.NONE, errorMessage: null }
  } catch (error) {
    const detail = error instanceof KafkaError ? error.message : 'The broker failed in a way it did not expect.'
    return { key, ...NOBODY, errorCode: codeOf(error), errorMessage: detail }
  }
}
