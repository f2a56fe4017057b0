/** The log of the metadata, `__cluster_metadata-0`, on whichever node it is. */
import type { BrokerConfig } from '../config/resolve.ts'
import { defaultLogConfig, type LogConfig } from '../log/log_config.ts'

/** The id that Kafka gives the metadata topic in every cluster: 1 as a UUID. */
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

/** Between two looks whether a snapshot is due or an old one may go: as often as Kafka looks. */
export const UPKEEP_MS = 60_000

export const metadataLogConfig = (broker: BrokerConfig): LogConfig => ({
  ...defaultLogConfig,
  segmentBytes: broker['internal.metadata.log.segment.bytes'] ?? broker['metadata.log.segment.bytes'],
  segmentMs: broker['metadata.log.segment.ms'],
  // Nothing may be removed that no snapshot covers: that is for the store of the snapshots to say.
  retentionMs: -1,
})
