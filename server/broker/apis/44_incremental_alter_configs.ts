/**
 * IncrementalAlterConfigs (44, KIP-339): sets, removes, and lengthens or shortens lists. The controller decides; levels of loggers are
 * this broker's alone.
 */
import { IncrementalAlterConfigsHandler as Decided } from '../../controller/apis/44_incremental_alter_configs.ts'
import { duplicates } from '../../lib/duplicates.ts'
import { resourceType } from '../../metadata/image.ts'
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import type { Infer } from '../../protocol/schema.ts'
import { isNoAnswer } from '../../rpc/handler.ts'
import { alterLoggers } from '../broker_loggers.ts'
import { handler, type RequestContext } from '../handler.ts'
import { partitionError } from './partition_error.ts'

type Request = Infer<typeof IncrementalAlterConfigs.request>
type Resource = Request['resources'][number]

export const IncrementalAlterConfigsHandler = handler(IncrementalAlterConfigs, {
  async handle(request, context) {
    const isLogger = (r: Resource) => r.resourceType === resourceType.brokerLogger
    const others = request.resources.filter((r) => !isLogger(r))
    const answer = await context.broker.controller.forward(Decided, { ...request, resources: others }, context)
    if (isNoAnswer(answer)) return answer
    const own = request.resources.filter(isLogger)
    return { ...answer, responses: [...answer.responses, ...alterOwn(own, request.validateOnly, context)] }
  },
  fail: Decided.fail,
})

function alterOwn(resources: readonly Resource[], validateOnly: boolean, context: RequestContext) {
  const { broker } = context
  const twice = duplicates(resources.map((r) => r.resourceName))
  return resources.map(({ resourceType, resourceName, configs }) => {
    try {
      if (resourceName !== String(broker.nodeId)) {
        throw new KafkaError('INVALID_REQUEST', `This is broker ${broker.nodeId}, not ${resourceName}.`)
      }
      if (twice.has(resourceName)) throw new KafkaError('INVALID_REQUEST', 'A resource may occur once in a request.')
      alterLoggers(broker.log, configs, { validateOnly })
      return { errorCode: errorCode.NONE, errorMessage: null, resourceType, resourceName }
    } catch (error) {
      const { code, detail } = partitionError(error, context)
      return { errorCode: code, errorMessage: detail, resourceType, resourceName }
    }
  })
}
