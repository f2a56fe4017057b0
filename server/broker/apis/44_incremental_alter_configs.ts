/**
 * IncrementalAlterConfigs (44, KIP-339): sets, removes, and lengthens or shortens lists. The controller decides; levels of loggers are
 * this broker's alone.
 */
import { IncrementalAlterConfigsHandler as Decided } from '../../controller/apis/44_incremental_alter_configs.ts'
import { alterOwnLoggers, isLogger } from '../../controller/node_configs.ts'
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import { isNoAnswer } from '../../rpc/handler.ts'
import { handler } from '../handler.ts'

export const IncrementalAlterConfigsHandler = handler(IncrementalAlterConfigs, {
  async handle(request, context) {
    const others = request.resources.filter((r) => !isLogger(r))
    const answer = await context.broker.controller.forward(Decided, { ...request, resources: others }, context)
    if (isNoAnswer(answer)) return answer
    const own = alterOwnLoggers(request.resources.filter(isLogger), request, context.broker)
    return { ...answer, responses: [...answer.responses, ...own] }
  },
  fail: Decided.fail,
})
