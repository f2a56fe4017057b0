import { message } from '../schema.ts'

export const NoOpRecord = message('NoOpRecord', { versions: '0', flexible: '0+' }, {})
