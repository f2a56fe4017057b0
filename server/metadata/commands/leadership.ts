/**
 * What follows for partitions when a broker comes, goes or has lost what it had: each is asked anew who is in sync and who leads.
 * A broker that is the only one of its cluster is spared that when it stops: nobody could take over, and it finds everything as it
 * left it.
 */
import { type ControllerSettings, MAX_RECORDS_PER_REQUEST } from '../context.ts'
import type { BrokerRegistration, MetadataImage, PartitionImage, TopicImage } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { changePartition, NO_LEADER, type WantedPartition } from './change_partition.ts'

export type Concerns = (p: PartitionImage, topic: TopicImage) => boolean

/** Records for the partitions that `concerns` picks, where something changes by `wanted`. */
export function* partitionChanges(
  image: MetadataImage,
  settings: ControllerSettings,
  concerns: Concerns,
  wanted: (p: PartitionImage) => WantedPartition,
): Generator<MetadataRecord> {
  for (const topic of image.topics.values()) {
    for (const p of topic.partitions) {
      if (!concerns(p, topic)) continue
      const record = changePartition(image, settings, topic, p, wanted(p))
      if (record !== undefined) yield record
    }
  }
}

/** It leads nothing and is in sync nowhere any more, though it may keep its place among those eligible. */
export const withoutBroker = (
  image: MetadataImage,
  settings: ControllerSettings,
  brokerId: number,
  concerns: Concerns = isInSyncOrLeads(brokerId),
): Iterable<MetadataRecord> =>
  partitionChanges(image, settings, concerns, (p) => ({
    isr: p.isr.filter((id) => id !== brokerId),
    mayLead: (id) => id !== brokerId && image.isActive(id),
  }))

/** The same of one that may have lost records: it is not eligible either. */
export const withoutBrokersRecords = (
  image: MetadataImage,
  settings: ControllerSettings,
  brokerId: number,
  concerns: Concerns = () => true,
): Iterable<MetadataRecord> =>
  partitionChanges(
    image,
    settings,
    (p, topic) => concerns(p, topic) && (isInSyncOrLeads(brokerId)(p) || p.eligibleLeaderReplicas.includes(brokerId)),
    (p) => ({
      isr: p.isr.filter((id) => id !== brokerId),
      uncleanlyStopped: brokerId,
      mayLead: (id) => id !== brokerId && image.isActive(id),
    }),
  )

/**
 * It leads nothing and is in sync nowhere where one that runs and `isPreferred` is in sync as well. The rest it goes on to serve: with
 * nobody else there would be no leader, and nobody else has all records.
 */
export const instead = (
  image: MetadataImage,
  settings: ControllerSettings,
  brokerId: number,
  isPreferred: (brokerId: number) => boolean,
): Iterable<MetadataRecord> => {
  const mayLead = (id: number) => id !== brokerId && image.isActive(id) && isPreferred(id)
  return partitionChanges(
    image,
    settings,
    (p) => isInSyncOrLeads(brokerId)(p) && p.isr.some(mayLead),
    (p) => ({ isr: p.isr.filter((id) => id !== brokerId), mayLead }),
  )
}

/** It serves from now on: what nobody leads may be for it. */
export const withBroker = (
  image: MetadataImage,
  settings: ControllerSettings,
  brokerId: number,
  concerns: Concerns = () => true,
): Iterable<MetadataRecord> =>
  partitionChanges(
    image,
    settings,
    (p, topic) => p.leader === NO_LEADER && p.replicas.includes(brokerId) && concerns(p, topic),
    () => ({ mayLead: (id) => id === brokerId || image.isActive(id) }),
  )

export const isInSyncOrLeads = (brokerId: number) => (p: PartitionImage) =>
  p.leader === brokerId || p.isr.includes(brokerId)

export function leadsAnything(image: MetadataImage, brokerId: number): boolean {
  for (const { partitions } of image.topics.values()) if (partitions.some((p) => p.leader === brokerId)) return true
  return false
}

/** The only broker there is, whether it runs or not. */
export const isAlone = (image: MetadataImage, brokerId: number): boolean =>
  image.brokers.size === 1 && image.brokers.has(brokerId)

/** In the lowest version that can say it, as Kafka writes it. */
export function registrationChange(
  { brokerId, brokerEpoch }: BrokerRegistration,
  change: { fenced?: boolean; inControlledShutdown?: true; logDirs?: string[]; cordonedLogDirs?: string[] },
): MetadataRecord {
  const { fenced, inControlledShutdown, logDirs, cordonedLogDirs } = change
  const data = {
    brokerId,
    brokerEpoch,
    fenced: fenced === undefined ? 0 : fenced ? 1 : -1,
    inControlledShutdown: inControlledShutdown ? 1 : 0,
    logDirs: logDirs ?? [],
    cordonedLogDirs: cordonedLogDirs ?? null,
  }
  const version = cordonedLogDirs ? 3 : logDirs ? 2 : inControlledShutdown ? 1 : 0
  return metadataRecord('BrokerRegistrationChangeRecord', data, version)
}

/** The reply of a command that had more to do than fits one batch: what is done is written, and it is to be run again. */
export const AGAIN = Symbol('again')

/** As many as fit one batch, and whether there are more. `beside`: others that are to stand in the same batch. */
export function oneBatch(records: Iterable<MetadataRecord>, beside = 1): { records: MetadataRecord[]; more: boolean } {
  const taken: MetadataRecord[] = []
  for (const record of records) {
    if (taken.length === MAX_RECORDS_PER_REQUEST - beside) return { records: taken, more: true }
    taken.push(record)
  }
  return { records: taken, more: false }
}
