import { int16, message } from '../schema.ts'

export const ControlRecordTypeSchema = message(
  'ControlRecordTypeSchema',
  { versions: '0', flexible: 'none' },
  {
    type: int16(),
  },
)
