/**
 * ApiVersions (18): what this broker serves, derived from the table of handlers. v3 adds the features of the cluster.
 * Produce is offered from version 0, as librdkafka takes old features from that (KAFKA-18659). A version that we do not
 * know is answered in version 0, with the range of this one key, so that the client can ask again (KIP-511).
 */
import { highestVersion, lowestVersion } from '../../protocol/api.ts'
import { errorCode } from '../../protocol/errors.ts'
import { ApiVersions } from '../../protocol/messages/18_api_versions.ts'
import { handler } from '../handler.ts'

export const ApiVersionsHandler = handler(ApiVersions, {
  handle(_request, { broker }) {
    const { supported, finalized, epoch } = broker.metadata.features()
    return {
      errorCode: errorCode.NONE,
      apiKeys: broker.offered,
      supportedFeatures: supported,
      finalizedFeaturesEpoch: epoch,
      finalizedFeatures: finalized,
    }
  },
  fail: (_request, { code }) => ({
    errorCode: code,
    apiKeys: [
      { apiKey: ApiVersions.key, minVersion: lowestVersion(ApiVersions), maxVersion: highestVersion(ApiVersions) },
    ],
  }),
})
