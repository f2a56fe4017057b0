/** PushTelemetry (72, KIP-714): a client's metrics, as often and as large as it was told. */
import { errorCode } from '../../protocol/errors.ts'
import { PushTelemetry } from '../../protocol/messages/72_push_telemetry.ts'
import { handler } from '../handler.ts'
import { askerOf } from '../telemetry/asker.ts'

export const PushTelemetryHandler = handler(PushTelemetry, {
  handle(request, context) {
    context.broker.telemetry.push(request, askerOf(context))
    return { errorCode: errorCode.NONE }
  },
  fail: (_request, { code }) => ({ errorCode: code }),
})
