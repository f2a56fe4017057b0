/** The groups that this broker coordinates; a client asks every broker. */
import { api } from '../api.ts'
import { array, int16, int32, string } from '../schema.ts'

export const ListGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: '0-5',
  flexible: '3+',
  request: {
    /** Empty for every state (KIP-518). */
    statesFilter: array(string(), { versions: '4+' }),
    /** classic, consumer, share or streams; empty for every type (KIP-848). */
    typesFilter: array(string(), { versions: '5+' }),
  },
  response: {
    throttleTimeMs: int32({ versions: '1+' }),
    errorCode: int16(),
    groups: array({
      groupId: string(),
      protocolType: string(),
      groupState: string({ versions: '4+' }),
      groupType: string({ versions: '5+' }),
    }),
  },
})
