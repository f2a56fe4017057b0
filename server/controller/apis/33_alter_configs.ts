/** AlterConfigs (33): replaces all that is set for a resource. Clients of today send IncrementalAlterConfigs instead. */
import { AlterConfigs } from '../../protocol/messages/33_alter_configs.ts'
import { handler } from '../handler.ts'
import { configsUnchanged } from './configs_unchanged.ts'

export const AlterConfigsHandler = handler(AlterConfigs, {
  handle: (request, { controller }) => controller.alterConfigs(request),
  fail: configsUnchanged,
})
