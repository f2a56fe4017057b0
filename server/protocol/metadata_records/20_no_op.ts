import { record } from '../schema.ts'

export const NoOpRecord = record('NoOpRecord', { type: 20, versions: '0', flexible: '0+' }, {})
