/** Forms of texts that several settings share, or that are too long for a row. */
import type { Form } from './define.ts'

export const THROTTLED_REPLICAS: Form = {
  pattern: /^(\*|\d+:\d+(,\d+:\d+)*)?$/,
  says: '* or a list of partition:broker pairs',
}

export const OFFSET_RESET: Form = {
  pattern: /^(latest|earliest|by_duration:P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)$/,
  says: 'latest, earliest, or by_duration: with an ISO 8601 duration such as P1DT2H',
}
