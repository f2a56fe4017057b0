/** IncrementalAlterConfigs (44, KIP-339): sets, removes, and lengthens or shortens lists. */
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import { handler } from '../handler.ts'

export const IncrementalAlterConfigsHandler = handler(IncrementalAlterConfigs, {
  handle: (request, { controller }) => controller.incrementalAlterConfigs(request),
  fail: (request, { code, detail }) => ({
    responses: request.resources.map(({ resourceType, resourceName }) => ({
      errorCode: code,
      errorMessage: detail,
      resourceType,
      resourceName,
    })),
  }),
})
