import { message } from '../schema.ts'

export const EndTransactionRecord = message('EndTransactionRecord', { versions: '0', flexible: '0+' }, {})
