/** AlterClientQuotas (49, KIP-546): the controller's to decide; they count from the answer on. */
import { AlterClientQuotas } from '../../protocol/messages/49_alter_client_quotas.ts'
import { handler } from '../handler.ts'

export const AlterClientQuotasHandler = handler(AlterClientQuotas, {
  handle: (request, { controller }) => controller.alterClientQuotas(request),
  fail: (request, { code, detail }) => ({
    entries: request.entries.map(({ entity }) => ({ errorCode: code, errorMessage: detail, entity })),
  }),
})
