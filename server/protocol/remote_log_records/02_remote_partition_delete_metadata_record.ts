/** A partition's remote segments are to be deleted, or are. */
import { int8, int32, int64, record, string, struct, uuid } from '../schema.ts'

export const RemotePartitionDeleteMetadataRecord = record(
  'RemotePartitionDeleteMetadataRecord',
  { type: 2, versions: '0', flexible: '0+' },
  {
    topicIdPartition: struct({
      name: string(),
      id: uuid(),
      partition: int32(),
    }),
    brokerId: int32(),
    eventTimestampMs: int64(),
    remotePartitionDeleteState: int8(),
  },
)
