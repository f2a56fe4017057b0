/** `bootstrap.checkpoint`: what a new cluster begins with, written when its folder is formatted (KIP-778). */
import type { Disk } from '../env/env.ts'
import { features } from './features.ts'
import { type MetadataRecord, metadataRecord } from './record_codec.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts'

export const BOOTSTRAP_FILE = 'bootstrap.checkpoint'

/** The records of a cluster that Kafka 4.3 has formatted. */
export const bootstrapRecords = (): MetadataRecord[] =>
  features.flatMap(({ name, initial }) =>
    initial === undefined ? [] : [metadataRecord('FeatureLevelRecord', { name, featureLevel: initial })],
  )

/** What the folder was formatted with, by us or by Apache Kafka; formats it now if it was not. */
export function readOrWriteBootstrap(disk: Disk, logDir: string, nowMs: number): MetadataRecord[] {
  const path = `${logDir}/${BOOTSTRAP_FILE}`
  const present = disk.readFile(path)
  if (present !== undefined) return decodeSnapshot(present).records
  const records = bootstrapRecords()
  disk.replaceFile(path, encodeSnapshot(records, { epoch: 0, lastContainedLogTimestamp: 0, timestamp: nowMs }))
  return records
}
