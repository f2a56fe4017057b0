/** A quota was set or removed. */
import { array, bool, float64, record, string } from '../schema.ts'

export const ClientQuotaRecord = record(
  'ClientQuotaRecord',
  { type: 14, versions: '0', flexible: '0+' },
  {
    entity: array({
      entityType: string(),
      entityName: string({ nullable: '0+' }),
    }),
    key: string(),
    value: float64(),
    remove: bool(),
  },
)
