/** GetTelemetrySubscriptions (71, KIP-714): a client without an id gets one, and hears which of its metrics are wanted. */
import { GetTelemetrySubscriptions } from '../../protocol/messages/71_get_telemetry_subscriptions.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import { handler } from '../handler.ts'
import { askerOf } from '../telemetry/asker.ts'

export const GetTelemetrySubscriptionsHandler = handler(GetTelemetrySubscriptions, {
  handle: (request, context) => context.broker.telemetry.get(request, askerOf(context)),
  fail: (_request, { code }) => ({
    errorCode: code,
    clientInstanceId: ZERO_UUID,
    subscriptionId: 0,
    acceptedCompressionTypes: [],
    pushIntervalMs: 0,
    telemetryMaxBytes: 0,
    deltaTemporality: false,
    requestedMetrics: [],
  }),
})
