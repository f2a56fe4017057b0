/** DescribeConfigs (32) of a controller: its own settings, and what the cluster has set, as any broker shows it (KIP-919). */
import { DescribeConfigs } from '../../protocol/messages/32_describe_configs.ts'
import { nodeHandler } from '../handler.ts'
import { describeConfigs, describeNoConfigs } from '../node_configs.ts'

export const DescribeConfigsHandler = nodeHandler(DescribeConfigs, {
  handle: (request, { node }) =>
    describeConfigs(request, {
      nodeId: node.nodeId,
      configs: node.configs,
      log: node.log,
      image: node.controller.image,
    }),
  fail: describeNoConfigs,
})
