import { int16, message, string } from '../schema.ts'

export const FeatureLevelRecord = message(
  'FeatureLevelRecord',
  { versions: '0', flexible: '0+' },
  {
    name: string(),
    featureLevel: int16(),
  },
)
