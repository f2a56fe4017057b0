/** The level of a feature, such as metadata.version; 0 removes it. */
import { int16, record, string } from '../schema.ts'

export const FeatureLevelRecord = record(
  'FeatureLevelRecord',
  { type: 12, versions: '0', flexible: '0+' },
  {
    name: string(),
    featureLevel: int16(),
  },
)
