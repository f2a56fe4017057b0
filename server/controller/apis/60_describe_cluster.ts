/** DescribeCluster (60) of a controller: the cluster's id, and its controllers where the endpoints of controllers are asked for (KIP-919). */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { DescribeCluster } from '../../protocol/messages/60_describe_cluster.ts'
import { ALL_CLUSTER_OPERATIONS, NOT_ASKED } from '../../rpc/authorized_operations.ts'
import type { ControllerState } from '../controller_state.ts'
import { nodeHandler } from '../handler.ts'

const BROKERS = 1
const CONTROLLERS = 2

export const DescribeClusterHandler = nodeHandler(DescribeCluster, {
  handle({ endpointType, includeClusterAuthorizedOperations }, { node }) {
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
      brokers: controllersOf(node),
      clusterAuthorizedOperations: includeClusterAuthorizedOperations ? ALL_CLUSTER_OPERATIONS : NOT_ASKED,
    }
  },
  fail: (_request, { code, detail }) => ({
    errorCode: code,
    errorMessage: detail,
    // As Kafka leaves it, whatever was asked.
    endpointType: BROKERS,
    clusterId: '',
    brokers: [],
  }),
})

/** As they have registered, each by its address on the listener that was asked. */
const controllersOf = ({ controller }: ControllerState) =>
  [...controller.image.controllers.values()].flatMap(({ controllerId, endPoints }) => {
    const at = endPoints.find((e) => e.name === controller.settings.listenerName)
    return at === undefined ? [] : [{ brokerId: controllerId, host: at.host, port: at.port }]
  })
