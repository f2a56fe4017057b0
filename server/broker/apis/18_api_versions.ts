/**
 * ApiVersions (18): what this broker serves, derived from the table of handlers, and the features of the cluster. Produce is offered from
 * version 0, as librdkafka takes old features from that (KAFKA-18659).
 */
import { ApiVersions } from '../../protocol/messages/18_api_versions.ts'
import { apiVersions, clientName, noApiVersions } from '../../rpc/api_versions.ts'
import { handler } from '../handler.ts'

export const ApiVersionsHandler = handler(ApiVersions, {
  handle(request, { broker, version, gone }) {
    const client = clientName(request, version)
    if (client) broker.telemetry.introduced(gone, client)
    return apiVersions(version, broker.offered, broker.metadata.features())
  },
  fail: noApiVersions,
})
