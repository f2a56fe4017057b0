/** What changed of a share-partition since its last snapshot. */
import { array, int8, int16, int32, int64, message, string, uuid } from '../schema.ts'

export const ShareUpdateKey = message(
  'ShareUpdateKey',
  { versions: '0', flexible: 'none' },
  {
    groupId: string(),
    topicId: uuid(),
    partition: int32(),
  },
)

export const ShareUpdateValue = message(
  'ShareUpdateValue',
  { versions: '0', flexible: '0+' },
  {
    snapshotEpoch: int32(),
    leaderEpoch: int32(),
    startOffset: int64(),
    stateBatches: array({
      firstOffset: int64(),
      lastOffset: int64(),
      /** 0 available, 2 acknowledged, 4 archived. */
      deliveryState: int8(),
      deliveryCount: int16(),
    }),
    deliveryCompleteCount: int32({ tag: 0, default: -1 }),
  },
)
