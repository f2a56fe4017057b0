/** Which version of a record the finalized metadata.version allows: an older broker of the cluster has to understand it. */
import type { MetadataRecordName } from './record_codec.ts'

/** Kafka 3.3, the oldest that Kafka 4 can read; 3.4; 3.6 (ISR and leader epoch); 3.7 (controllers register; directories); 4.0 (eligible leader replicas); 4.3 (cordoned directories). */
export const METADATA_VERSION = {
  oldest: 7,
  v3_4_0: 8,
  v3_6_0: 12,
  v3_7_0: 15,
  v3_7_2: 17,
  v4_0_1: 23,
  v4_3_0: 30,
} as const

/** From which metadata.version on each version is written, newest first. Records that are not named have version 0 only. */
const table: Partial<Record<MetadataRecordName, readonly { from: number; version: number }[]>> = {
  RegisterBrokerRecord: [
    { from: METADATA_VERSION.v4_3_0, version: 4 },
    { from: METADATA_VERSION.v3_7_2, version: 3 },
    { from: METADATA_VERSION.v3_4_0, version: 2 },
    { from: METADATA_VERSION.oldest, version: 1 },
  ],
  PartitionRecord: [
    { from: METADATA_VERSION.v4_0_1, version: 2 },
    { from: METADATA_VERSION.v3_7_2, version: 1 },
  ],
  PartitionChangeRecord: [
    { from: METADATA_VERSION.v4_0_1, version: 2 },
    { from: METADATA_VERSION.v3_7_2, version: 1 },
  ],
}

export const recordVersion = (name: MetadataRecordName, metadataVersion: number): number =>
  table[name]?.find(({ from }) => metadataVersion >= from)?.version ?? 0

/** Levels of metadata.version that have brought another form of a record than the level before. */
const RECORDS_CHANGED_IN = [8, 11, 13, 14, 15, 17, 23, 30]

/** May records that are written at level `to` hold what `from` has no place for? */
export const changedBetween = (from: number, to: number): boolean =>
  RECORDS_CHANGED_IN.some((level) => level > from && level <= to)

/** Do records say in which directory a replica is, and which a broker has (KIP-858)? */
export const withDirectories = ({ metadataVersion }: { metadataVersion: number }): boolean =>
  metadataVersion >= METADATA_VERSION.v3_7_2
