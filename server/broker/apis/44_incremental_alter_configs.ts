/**
 * IncrementalAlterConfigs (44, KIP-339): sets, removes, and lengthens or shortens lists. The controller decides; levels of loggers are
 * this broker's alone. Settings of brokers are checked here first: a controller elsewhere does not know what this one was started with,
 * and Apache Kafka's leaves it to the brokers.
 */
import { IncrementalAlterConfigsHandler as Decided } from '../../controller/apis/44_incremental_alter_configs.ts'
import { alterOwnLoggers, isLogger } from '../../controller/node_configs.ts'
import { operation } from '../../metadata/commands/alter_configs.ts'
import { resourceType } from '../../metadata/image.ts'
import { codeOf, KafkaError } from '../../protocol/errors.ts'
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import type { Infer } from '../../protocol/schema.ts'
import { isNoAnswer } from '../../rpc/handler.ts'
import type { BrokerState } from '../broker_state.ts'
import { handler } from '../handler.ts'

type Resource = Infer<typeof IncrementalAlterConfigs.request>['resources'][number]

export const IncrementalAlterConfigsHandler = handler(IncrementalAlterConfigs, {
  async handle(request, context) {
    const { broker } = context
    const refused: { resource: Resource; problem: KafkaError }[] = []
    const others: Resource[] = []
    for (const resource of request.resources) {
      const problem = brokerProblem(resource, broker)
      if (problem) refused.push({ resource, problem })
      else if (!isLogger(resource)) others.push(resource)
    }
    const answer = await broker.controller.forward(Decided, { ...request, resources: others }, context)
    if (isNoAnswer(answer)) return answer
    const own = alterOwnLoggers(request.resources.filter(isLogger), request, broker)
    return { ...answer, responses: [...answer.responses, ...refused.map(refusal), ...own] }
  },
  fail: Decided.fail,
})

/** Why this broker would not take these settings of its own or of all brokers. */
function brokerProblem(resource: Resource, { controller, configs, nodeId }: BrokerState): KafkaError | undefined {
  const { resourceType: type, resourceName: name } = resource
  if (type !== resourceType.broker) return undefined
  if (/^\d+$/.test(name) && Number(name) !== nodeId) {
    return new KafkaError('INVALID_REQUEST', `This is broker ${nodeId}; ask broker ${name} to change its settings.`)
  }
  const after = new Map(controller.image.configsOf(type, name))
  for (const { name: config, configOperation, value } of resource.configs) {
    if (configOperation === operation.set && value !== null) after.set(config, value)
    else if (configOperation === operation.delete) after.delete(config)
  }
  return configs.rules.problem({ type, name }, after)
}

const refusal = ({ resource, problem }: { resource: Resource; problem: KafkaError }) => ({
  errorCode: codeOf(problem),
  errorMessage: problem.message,
  resourceType: resource.resourceType,
  resourceName: resource.resourceName,
})
