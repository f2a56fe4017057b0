/**
 * DescribeConfigs (32): every setting of a topic, broker, group, subscription to clients' metrics or logger with where its value is from. v1 adds sources and synonyms
 * (KIP-226), v3 types and documentation.
 */
import { describeConfigs, describeNoConfigs } from '../../controller/node_configs.ts'
import { DescribeConfigs } from '../../protocol/messages/32_describe_configs.ts'
import { handler } from '../handler.ts'

export const DescribeConfigsHandler = handler(DescribeConfigs, {
  handle: (request, { broker }) =>
    describeConfigs(request, {
      nodeId: broker.nodeId,
      configs: broker.configs,
      log: broker.log,
      image: broker.controller.image,
    }),
  fail: describeNoConfigs,
})
