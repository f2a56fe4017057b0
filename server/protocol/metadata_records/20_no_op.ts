/** Says nothing. The controller writes it when idle, so that everyone sees the end of the log move. */
import { record } from '../schema.ts'

export const NoOpRecord = record('NoOpRecord', { type: 20, versions: '0', flexible: '0+' }, {})
