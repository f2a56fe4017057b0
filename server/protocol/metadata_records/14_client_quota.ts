import { array, bool, float64, message, string } from '../schema.ts'

export const ClientQuotaRecord = message(
  'ClientQuotaRecord',
  { versions: '0', flexible: '0+' },
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
