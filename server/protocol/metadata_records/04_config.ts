import { int8, message, string } from '../schema.ts'

export const ConfigRecord = message(
  'ConfigRecord',
  { versions: '0', flexible: '0+' },
  {
    resourceType: int8(),
    resourceName: string(),
    name: string(),
    value: string({ nullable: '0+' }),
  },
)
