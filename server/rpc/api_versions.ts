/**
 * What brokers and controllers answer to ApiVersions (18). v3 adds the client's name, which must look like one, and the features of the
 * cluster; until v4 clients take a lowest level of 0 for an error, so features that have it are left out there. A version that we do not
 * know is answered in version 0, with the range of this one key, so that the client can ask again (KIP-511).
 */
import { highestVersion, lowestVersion } from '../protocol/api.ts'
import { errorCode, KafkaError } from '../protocol/errors.ts'
import { ApiVersions } from '../protocol/messages/18_api_versions.ts'
import type { Failure } from './handler.ts'

const NAMES_SINCE = 3
const LEVEL_ZERO_SINCE = 4
const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/

export interface ApiRange {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

interface Features {
  readonly supported: readonly { name: string; minVersion: number; maxVersion: number }[]
  readonly finalized: readonly { name: string; maxVersionLevel: number; minVersionLevel: number }[]
  /** Offset of the last metadata record, -1 before the first. */
  readonly epoch: number
}

interface ClientName {
  readonly name: string
  readonly version: string
}

/** Who asks; undefined where the version has no room for it. Throws INVALID_REQUEST where it is no name. */
export function clientName(
  request: { readonly clientSoftwareName: string; readonly clientSoftwareVersion: string },
  version: number,
): ClientName | undefined {
  if (version < NAMES_SINCE) return undefined
  const name = request.clientSoftwareName
  const softwareVersion = request.clientSoftwareVersion
  if (NAME.test(name) && NAME.test(softwareVersion)) return { name, version: softwareVersion }
  throw new KafkaError('INVALID_REQUEST', 'A client is named by letters, digits, dots and dashes.')
}

export function apiVersions(version: number, offered: readonly ApiRange[], features: Features) {
  const { supported, finalized, epoch } = features
  return {
    errorCode: errorCode.NONE,
    apiKeys: offered,
    supportedFeatures: supported.filter((f) => version >= LEVEL_ZERO_SINCE || f.minVersion > 0),
    finalizedFeaturesEpoch: epoch,
    finalizedFeatures: finalized,
  }
}

const OWN_RANGE = {
  apiKey: ApiVersions.key,
  minVersion: lowestVersion(ApiVersions),
  maxVersion: highestVersion(ApiVersions),
}

export const noApiVersions = (_request: unknown, { code, error }: Failure) => ({
  errorCode: code,
  apiKeys: error === 'UNSUPPORTED_VERSION' ? [OWN_RANGE] : [],
})
