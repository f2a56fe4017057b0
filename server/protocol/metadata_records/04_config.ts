import { int8, record, string } from '../schema.ts'

export const ConfigRecord = record(
  'ConfigRecord',
  { type: 4, versions: '0', flexible: '0+' },
  {
    resourceType: int8(),
    resourceName: string(),
    name: string(),
    value: string({ nullable: '0+' }),
  },
)
