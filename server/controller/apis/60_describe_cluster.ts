/** DescribeCluster (60) of a controller: the cluster's id, and its controllers where the endpoints of controllers are asked for (KIP-919). */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { DescribeCluster } from '../../protocol/messages/60_describe_cluster.ts'
import { nodeHandler } from '../handler.ts'

const BROKERS = 1
const CONTROLLERS = 2
/** No authorizer says who may do what. */
const NOT_ASKED = -2147483648

export const DescribeClusterHandler = nodeHandler(DescribeCluster, {
  handle({ endpointType }, { node }) {
    if (endpointType !== BROKERS && endpointType !== CONTROLLERS) {
      throw new KafkaError('UNSUPPORTED_ENDPOINT_TYPE', `${endpointType} is neither brokers nor controllers.`)
    }
    if (endpointType === BROKERS) {
      throw new KafkaError('MISMATCHED_ENDPOINT_TYPE', 'This is a controller: ask it for controllers, not for brokers.')
    }
    return {
      errorCode: errorCode.NONE,
      endpointType: CONTROLLERS,
      clusterId: node.clusterId,
      controllerId: node.nodeId,
      brokers: [{ brokerId: node.nodeId, ...node.endpoint }],
      clusterAuthorizedOperations: NOT_ASKED,
    }
  },
  fail: (_request, { code, detail }) => ({
    errorCode: code,
    errorMessage: detail,
    endpointType: CONTROLLERS,
    clusterId: '',
    brokers: [],
  }),
})
