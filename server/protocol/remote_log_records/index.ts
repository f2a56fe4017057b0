/** The records of `__remote_log_metadata`, by the type that stands in front of each. */
import { byType } from '../schema.ts'
import { RemoteLogSegmentMetadataRecord } from './00_remote_log_segment_metadata_record.ts'
import { RemoteLogSegmentMetadataUpdateRecord } from './01_remote_log_segment_metadata_update_record.ts'
import { RemotePartitionDeleteMetadataRecord } from './02_remote_partition_delete_metadata_record.ts'
import { RemoteLogSegmentMetadataSnapshotRecord } from './03_remote_log_segment_metadata_snapshot_record.ts'

export const remoteLogRecords = byType([
  RemoteLogSegmentMetadataRecord,
  RemoteLogSegmentMetadataUpdateRecord,
  RemotePartitionDeleteMetadataRecord,
  RemoteLogSegmentMetadataSnapshotRecord,
])
