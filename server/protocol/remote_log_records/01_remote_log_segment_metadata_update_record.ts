/** The copy of a segment has ended, or its deletion begins or has ended. */
import { bytes, int8, int32, int64, record, string, struct, uuid } from '../schema.ts'

export const RemoteLogSegmentMetadataUpdateRecord = record(
  'RemoteLogSegmentMetadataUpdateRecord',
  { type: 1, versions: '0', flexible: '0+' },
  {
    remoteLogSegmentId: struct({
      topicIdPartition: struct({
        name: string(),
        id: uuid(),
        partition: int32(),
      }),
      id: uuid(),
    }),
    brokerId: int32(),
    eventTimestampMs: int64(),
    customMetadata: bytes({ nullable: '0+', default: null }),
    remoteLogSegmentState: int8(),
  },
)
