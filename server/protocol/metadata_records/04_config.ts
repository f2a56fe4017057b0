/** A setting of a topic, broker, group or client metrics subscription was set, or removed if the value is null. */
import { int8, record, string } from '../schema.ts'

export const ConfigRecord = record(
  'ConfigRecord',
  { type: 4, versions: '0', flexible: '0+' },
  {
    resourceType: int8(),
    /** The empty name stands for all brokers. */
    resourceName: string(),
    name: string(),
    value: string({ nullable: '0+' }),
  },
)
