/** DescribeClientQuotas (48, KIP-546): the quotas that are set, by entity. */
import { describeClientQuotas } from '../../metadata/client_quotas.ts'
import { errorCode } from '../../protocol/errors.ts'
import { DescribeClientQuotas } from '../../protocol/messages/48_describe_client_quotas.ts'
import { handler } from '../handler.ts'

export const DescribeClientQuotasHandler = handler(DescribeClientQuotas, {
  handle: (request, { broker }) => ({
    errorCode: errorCode.NONE,
    errorMessage: null,
    entries: describeClientQuotas(broker.controller.image, request),
  }),
  fail: (_request, { code, detail }) => ({ errorCode: code, errorMessage: detail, entries: null }),
})
