/** ApiVersions (18) of a controller: what it serves, and the features of the cluster. See the broker's for what versions differ in. */

import { featuresOf } from '../../metadata/features_of.ts'
import { highestVersion, lowestVersion } from '../../protocol/api.ts'
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { ApiVersions } from '../../protocol/messages/18_api_versions.ts'
import { nodeHandler } from '../handler.ts'

const NAMES_SINCE = 3
const LEVEL_ZERO_SINCE = 4
const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/

export const ApiVersionsHandler = nodeHandler(ApiVersions, {
  handle({ clientSoftwareName, clientSoftwareVersion }, { node, version }) {
    if (version >= NAMES_SINCE && !(NAME.test(clientSoftwareName) && NAME.test(clientSoftwareVersion))) {
      throw new KafkaError('INVALID_REQUEST', 'A client is named by letters, digits, dots and dashes.')
    }
    const { supported, finalized, epoch } = featuresOf(node.controller.image)
    return {
      errorCode: errorCode.NONE,
      apiKeys: node.offered,
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
