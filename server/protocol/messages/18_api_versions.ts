/**
 * Which APIs a broker serves, in which versions: the first request on every connection. A broker that does not know the
 * request's version answers in version 0 with UNSUPPORTED_VERSION and its own range, and the response header never is
 * flexible (KIP-511). Features came with KIP-584.
 */
import { api } from '../api.ts'
import { array, bool, int16, int32, int64, string } from '../schema.ts'

export const ApiVersions = api({
  key: 18,
  name: 'ApiVersions',
  versions: '0-4',
  flexible: '3+',
  request: {
    /** Letters, digits, dots and dashes; anything else is INVALID_REQUEST. */
    clientSoftwareName: string({ versions: '3+' }),
    clientSoftwareVersion: string({ versions: '3+' }),
  },
  response: {
    errorCode: int16(),
    apiKeys: array({
      apiKey: int16(),
      minVersion: int16(),
      maxVersion: int16(),
    }),
    throttleTimeMs: int32({ versions: '1+' }),
    supportedFeatures: array(
      {
        name: string(),
        minVersion: int16(),
        maxVersion: int16(),
      },
      { versions: '3+', tag: 0 },
    ),
    /** Grows with each change of the finalized features; -1 is unknown. */
    finalizedFeaturesEpoch: int64({ versions: '3+', tag: 1, default: -1 }),
    finalizedFeatures: array(
      {
        name: string(),
        maxVersionLevel: int16(),
        minVersionLevel: int16(),
      },
      { versions: '3+', tag: 2 },
    ),
    zkMigrationReady: bool({ versions: '3+', tag: 3 }),
  },
})
