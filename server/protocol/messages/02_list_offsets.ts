/**
 * Finds offsets by time: the first whose timestamp is at least the one asked for. -1 is the end, -2 the start, -3 the
 * largest timestamp (KIP-734), -4 the local start and -5 the last offset in remote storage (KIP-405, KIP-1005), -6 the
 * first not copied there.
 */
import { api } from '../api.ts'
import { array, int8, int16, int32, int64, string } from '../schema.ts'

export const ListOffsets = api({
  key: 2,
  name: 'ListOffsets',
  versions: '0-11',
  flexible: '6+',
  request: {
    replicaId: int32(),
    /** With 1 the end is the last stable offset instead of the high watermark. */
    isolationLevel: int8({ versions: '2+' }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        currentLeaderEpoch: int32({ versions: '4+', default: -1 }),
        /** ms since the epoch, or one of the negative numbers above. */
        timestamp: int64(),
        /** Version 0 returned a list of segment starts, at most so many. */
        maxNumOffsets: int32({ versions: '0', default: 1 }),
      }),
    }),
    /** For what must be looked up in remote storage. */
    timeoutMs: int32({ versions: '10+' }),
  },
  response: {
    throttleTimeMs: int32({ versions: '2+' }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        timestamp: int64({ versions: '1+', default: -1 }),
        offset: int64({ versions: '1+', default: -1 }),
        leaderEpoch: int32({ versions: '4+', default: -1 }),
        /** Offsets at which segments begin, the newest first. */
        oldStyleOffsets: array(int64(), { versions: '0' }),
      }),
    }),
  },
})
