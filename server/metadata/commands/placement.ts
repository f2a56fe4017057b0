/** Which brokers hold a new partition's replicas, chosen or checked; the first that runs is its leader. */
import { KafkaError } from '../../protocol/errors.ts'
import type { ControllerContext } from '../context.ts'
import { LOST, MIGRATING, UNASSIGNED } from '../directory_id.ts'
import type { BrokerRegistration, MetadataImage } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { recordVersion, withDirectories } from '../record_versions.ts'
import { Racks } from './racks.ts'

/**
 * Replicas of `count` partitions, spread as Kafka spreads them: racks take turns, and within a rack its brokers; from one partition to
 * the next both begin one further, and all is shuffled once every broker has led. Fenced brokers come last and never lead; none comes
 * that is about to stop or of which every directory has failed or is cordoned (KIP-1066).
 */
export function place(
  image: MetadataImage,
  { random }: ControllerContext,
  wanted: { count: number; replicationFactor: number },
): number[][] {
  const { count, replicationFactor } = wanted
  const usable = [...image.brokers.values()].filter((b) => !b.inControlledShutdown && hasRoom(b))
  const refuse = (why: string): never => {
    throw new KafkaError('INVALID_REPLICATION_FACTOR', `The replication factor is ${replicationFactor}, but ${why}`)
  }
  if (replicationFactor > usable.length) {
    refuse(`only ${usable.length} broker(s) can hold a replica: ask for at most as many.`)
  }
  if (usable.every((b) => b.fenced)) refuse('no broker is running that could lead.')
  return new Racks(usable, random).place(count, replicationFactor)
}

const hasRoom = ({ logDirs, cordonedLogDirs }: BrokerRegistration): boolean =>
  logDirs.length === 0 || logDirs.some((id) => id !== LOST && !cordonedLogDirs?.includes(id))

const refuse = (why: string): never => {
  throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', why)
}

/** Refuses a list of replicas that cannot be: empty, one twice, one that is not registered. */
export function checkReplicas(image: MetadataImage, replicas: readonly number[]): void {
  if (replicas.length === 0) refuse('An assignment names no broker.')
  if (new Set(replicas).size < replicas.length) refuse(`The assignment ${replicas.join(',')} names a broker twice.`)
  const unknown = replicas.find((id) => !image.brokers.has(id))
  if (unknown !== undefined)
    refuse(`The assignment ${replicas.join(',')} names broker ${unknown}, which is not registered.`)
}

/** The same of a new partition, which also needs a leader and as many replicas as the others. */
export function checkAssignment(
  image: MetadataImage,
  replicas: readonly number[],
  replicationFactor: number | undefined,
): void {
  checkReplicas(image, replicas)
  if (replicationFactor !== undefined && replicas.length !== replicationFactor) {
    refuse(
      `The assignment ${replicas.join(',')} has ${replicas.length} replica(s), the others have ${replicationFactor}.`,
    )
  }
  if (!replicas.some((id) => canServe(image, id)))
    refuse(`No broker of the assignment ${replicas.join(',')} is running.`)
}

/** The record of a new partition: in sync are those of its brokers that run. */
export function newPartition(
  image: MetadataImage,
  p: { topicId: string; partitionId: number; replicas: readonly number[] },
): MetadataRecord {
  const isr = p.replicas.filter((id) => canServe(image, id))
  const data = {
    partitionId: p.partitionId,
    topicId: p.topicId,
    replicas: [...p.replicas],
    isr,
    removingReplicas: [],
    addingReplicas: [],
    leader: isr[0]!,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: withDirectories(image) ? p.replicas.map((id) => defaultDirectory(image, id)) : [],
    leaderRecoveryState: 0,
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
  }
  return metadataRecord('PartitionRecord', data, recordVersion('PartitionRecord', image.metadataVersion))
}

const canServe = (image: MetadataImage, brokerId: number): boolean =>
  image.isActive(brokerId) && defaultDirectory(image, brokerId) !== LOST

/** A broker with one log directory puts everything there; one with several says later where (KIP-858). */
export function defaultDirectory(image: MetadataImage, brokerId: number): string {
  const logDirs = image.brokers.get(brokerId)?.logDirs ?? []
  return logDirs.length === 1 ? logDirs[0]! : logDirs.length === 0 ? MIGRATING : UNASSIGNED
}
