/** Quotas of users, client ids and addresses (KIP-546). */
import { api } from '../api.ts'
import { array, bool, float64, int8, int16, int32, string } from '../schema.ts'

export const DescribeClientQuotas = api({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: {
    components: array({
      entityType: string(),
      /** 0 exactly this name, 1 the default, 2 any name. */
      matchType: int8(),
      match: string({ nullable: '0+' }),
    }),
    /** Leave out what has more parts than were asked for. */
    strict: bool(),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    entries: array(
      {
        entity: array({
          entityType: string(),
          entityName: string({ nullable: '0+' }),
        }),
        values: array({
          key: string(),
          value: float64(),
        }),
      },
      { nullable: '0+' },
    ),
  },
})
