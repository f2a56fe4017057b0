/**
 * IncrementalAlterConfigs (44, KIP-339): sets, removes, and lengthens or shortens lists. The levels of a controller's own loggers are its
 * alone, and no metadata.
 */
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import { handler } from '../handler.ts'
import { alterOwnLoggers, isLogger } from '../node_configs.ts'
import { configsUnchanged } from './configs_unchanged.ts'

export const IncrementalAlterConfigsHandler = handler(IncrementalAlterConfigs, {
  async handle(request, { controller, node }) {
    const own = node === undefined ? [] : request.resources.filter(isLogger)
    if (node === undefined || own.length === 0) return controller.incrementalAlterConfigs(request)
    const resources = request.resources.filter((r) => !isLogger(r))
    const answer = await controller.incrementalAlterConfigs({ ...request, resources })
    return { ...answer, responses: [...answer.responses, ...alterOwnLoggers(own, request, node)] }
  },
  fail: configsUnchanged,
})
