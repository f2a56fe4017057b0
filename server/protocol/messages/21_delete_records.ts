/** Deletes what lies before an offset: the log's start moves there (KIP-107). */
import { api } from '../api.ts'
import { array, int16, int32, int64, string } from '../schema.ts'

export const DeleteRecords = api({
  key: 21,
  name: 'DeleteRecords',
  versions: '0-2',
  flexible: '2+',
  request: {
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        /** The first offset to keep; -1 deletes up to the high watermark. */
        offset: int64(),
      }),
    }),
    timeoutMs: int32(),
  },
  response: {
    throttleTimeMs: int32(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        /** The start of the log afterwards, the lowest of all replicas. */
        lowWatermark: int64(),
        errorCode: int16(),
      }),
    }),
  },
})
