/** The key of every control record, behind an int16 version: it says what the value is. See `controlType`. */
import { int16, message } from '../schema.ts'

export const ControlRecordTypeSchema = message(
  'ControlRecordTypeSchema',
  { versions: '0', flexible: 'none' },
  {
    type: int16(),
  },
)
