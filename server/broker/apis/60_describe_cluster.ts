/**
 * DescribeCluster (60, KIP-700): the cluster's id and brokers. v1 may ask for controllers (KIP-919): only they answer that. v2 may ask for
 * brokers that are fenced, too (KIP-1073).
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { DescribeCluster } from '../../protocol/messages/60_describe_cluster.ts'
import { ALL_CLUSTER_OPERATIONS, NOT_ASKED } from '../../rpc/authorized_operations.ts'
import { handler } from '../handler.ts'

const BROKERS = 1
const CONTROLLERS = 2

export const DescribeClusterHandler = handler(DescribeCluster, {
  handle(request, { broker }) {
    if (request.endpointType !== BROKERS && request.endpointType !== CONTROLLERS) {
      throw new KafkaError('UNSUPPORTED_ENDPOINT_TYPE', `${request.endpointType} is neither brokers nor controllers.`)
    }
    if (request.endpointType === CONTROLLERS) {
      throw new KafkaError('MISMATCHED_ENDPOINT_TYPE', 'This is a broker: ask it for brokers, not for controllers.')
    }
    return {
      errorCode: errorCode.NONE,
      endpointType: BROKERS,
      clusterId: broker.clusterId,
      controllerId: broker.metadata.controllerId,
      brokers: broker.metadata
        .brokers({ fencedToo: request.includeFencedBrokers })
        .map(({ nodeId, host, port, rack, isFenced }) => ({ brokerId: nodeId, host, port, rack, isFenced })),
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? ALL_CLUSTER_OPERATIONS : NOT_ASKED,
    }
  },
  fail: (_request, { code, detail }) => ({
    errorCode: code,
    errorMessage: detail,
    endpointType: BROKERS,
    clusterId: '',
    brokers: [],
  }),
})
