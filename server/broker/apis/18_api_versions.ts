/**
 * ApiVersions (18): what this broker serves, derived from the table of handlers. v3 adds the client's name, which must look
 * like one, and the features of the cluster; until v4 clients take a lowest level of 0 for an error, so features that have it
 * are left out there. Produce is offered from version 0, as librdkafka takes old features from that (KAFKA-18659). A version
 * that we do not know is answered in version 0, with the range of this one key, so that the client can ask again (KIP-511).
 */
import { highestVersion, lowestVersion } from '../../protocol/api.ts'
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { ApiVersions } from '../../protocol/messages/18_api_versions.ts'
import { handler } from '../handler.ts'

const NAMES_SINCE = 3
const LEVEL_ZERO_SINCE = 4
const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/

export const ApiVersionsHandler = handler(ApiVersions, {
  handle({ clientSoftwareName, clientSoftwareVersion }, { broker, version, gone }) {
    if (version >= NAMES_SINCE) {
      if (!NAME.test(clientSoftwareName) || !NAME.test(clientSoftwareVersion)) {
        throw new KafkaError('INVALID_REQUEST', 'A client is named by letters, digits, dots and dashes.')
      }
      broker.telemetry.introduced(gone, { name: clientSoftwareName, version: clientSoftwareVersion })
    }
    const { supported, finalized, epoch } = broker.metadata.features()
    return {
      errorCode: errorCode.NONE,
      apiKeys: broker.offered,
      supportedFeatures: supported.filter((f) => version >= LEVEL_ZERO_SINCE || f.minVersion > 0),
      finalizedFeaturesEpoch: epoch,
      finalizedFeatures: finalized,
    }
  },
  fail: (_request, { code, error }) => ({
    errorCode: code,
    apiKeys:
      error === 'UNSUPPORTED_VERSION'
        ? [{ apiKey: ApiVersions.key, minVersion: lowestVersion(ApiVersions), maxVersion: highestVersion(ApiVersions) }]
        : [],
  }),
})
