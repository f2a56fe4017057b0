/** Raises or lowers the level of features such as metadata.version (KIP-584). */
import { api } from '../api.ts'
import { array, bool, int8, int16, int32, string } from '../schema.ts'

export const UpdateFeatures = api({
  key: 57,
  name: 'UpdateFeatures',
  versions: '0-2',
  flexible: '0+',
  request: {
    timeoutMs: int32({ default: 60000 }),
    featureUpdates: array({
      feature: string(),
      maxVersionLevel: int16(),
      /** 1 up only, 2 down if nothing is lost, 3 down in any case. */
      upgradeType: int8({ versions: '1+', default: 1 }),
      allowDowngrade: bool({ versions: '0' }),
    }),
    validateOnly: bool({ versions: '1+' }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    results: array(
      {
        feature: string(),
        errorCode: int16(),
        errorMessage: string({ nullable: '0+' }),
      },
      { versions: '0-1' },
    ),
  },
})
