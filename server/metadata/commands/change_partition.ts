/**
 * The one place where a partition changes: given what it should have, this says who is in sync, who is eligible, whether a move is
 * done, who leads, and which epochs grow, and writes that as one PartitionChangeRecord (KIP-455, KIP-704, KIP-841, KIP-966).
 *
 * Like Kafka, but for two things: who is moved away leaves the eligible replicas as well, and a single replica of which nothing is known
 * leads, for nobody else could ever have more.
 */
import type { ControllerSettings } from '../context.ts'
import { hasOnlineDirectory, MIGRATING } from '../directory_id.ts'
import type { MetadataImage, PartitionImage, TopicImage } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { METADATA_VERSION, recordVersion, withDirectories } from '../record_versions.ts'
import { elrInUse, minInsyncReplicasOf, uncleanElectionAllowed } from './effective_configs.ts'
import { defaultDirectory } from './placement.ts'

/** `leader` of a record that leaves the leader as it is; naming one begins a new term, even if it is the same node. */
const NO_LEADER_CHANGE = -2
export const NO_LEADER = -1
export const leaderRecovery = { recovered: 0, recovering: 1 } as const

/** preferred: the first replica if it may, else whoever may. online: whoever may. unclean: if need be one that lacks records. */
export type Election = 'preferred' | 'online' | 'unclean'

export interface WantedPartition {
  /** By default unclean where the topic's settings allow it, else online. */
  readonly election?: Election
  readonly isr?: readonly number[]
  readonly replicas?: readonly number[]
  readonly removingReplicas?: readonly number[]
  readonly addingReplicas?: readonly number[]
  readonly leaderRecoveryState?: number
  /** This broker may have lost what it had: it is eligible for nothing. */
  readonly uncleanlyStopped?: number
  /** Where this replica is now. */
  readonly directory?: { readonly brokerId: number; readonly id: string }
  /** Whether a broker may lead, its directory aside. By default: if it is active. */
  readonly mayLead?: (brokerId: number) => boolean
}

type Change = {
  -readonly [K in keyof PartitionImage]?: PartitionImage[K]
}

/** Undefined where the partition is already as wanted. */
export function changePartition(
  image: MetadataImage,
  settings: ControllerSettings,
  topic: TopicImage,
  p: PartitionImage,
  wanted: WantedPartition,
): MetadataRecord | undefined {
  const withElr = elrInUse(image)
  let target = completed({
    replicas: wanted.replicas ?? p.replicas,
    isr: wanted.isr ?? p.isr,
    removingReplicas: wanted.removingReplicas ?? p.removingReplicas,
    addingReplicas: wanted.addingReplicas ?? p.addingReplicas,
  })
  const election = wanted.election ?? (uncleanElectionAllowed(image, settings, topic.name) ? 'unclean' : 'online')
  const isActive = wanted.mayLead ?? ((id: number) => image.isActive(id))
  const after = { ...p, ...target, directories: directoriesOf(image, p, target.replicas, wanted.directory) }
  const mayLead = (id: number) => isActive(id) && hasOnlineDirectory(after, id, image.brokers.get(id)?.logDirs ?? [])

  let { isr } = target
  const minInsyncReplicas = minInsyncReplicasOf(image, settings, topic.name)
  let elr = withElr ? eligible(p, target, minInsyncReplicas, wanted.uncleanlyStopped) : p.eligibleLeaderReplicas
  const elected = elect(p, { replicas: target.replicas, isr, elr, election, mayLead })

  const change: Change = {}
  const isNew = elected.leader !== p.leader
  if (isNew) {
    change.leader = elected.leader
    if (elected.unclean) {
      // Whatever others have beyond its log counts no more.
      isr = [elected.leader]
      if (p.leaderRecoveryState !== leaderRecovery.recovering) {
        change.leaderRecoveryState = leaderRecovery.recovering
      }
    } else if (elr.includes(elected.leader)) {
      isr = [elected.leader]
      elr = elr.filter((id) => id !== elected.leader)
    }
  }
  if ((isNew && elected.unclean) || !withElr) elr = []
  // The one who leads now may be all that was waited for.
  target = completed({ ...target, isr })
  const isEnough = isr.length >= Math.min(minInsyncReplicas, target.replicas.length)
  elr = isEnough ? [] : elr.filter((id) => target.replicas.includes(id))
  const directories = directoriesOf(image, p, target.replicas, wanted.directory)
  if (change.leader === undefined && !contains(target.replicas, p.replicas)) change.leader = p.leader
  if (!same(elr, p.eligibleLeaderReplicas)) change.eligibleLeaderReplicas = elr
  // Without eligible replicas the last one in sync stays named: nobody else is known to have its records.
  if (!same(isr, p.isr) && (isr.length > 0 || withElr)) change.isr = isr
  const shrinks = change.isr !== undefined && !contains(change.isr, p.isr)
  if (change.leader === undefined && shrinks && image.metadataVersion < METADATA_VERSION.v3_6_0) {
    // Brokers of that time take a smaller ISR only with a new leader epoch (KAFKA-15021).
    change.leader = p.leader
  }
  const lastKnownElr = lastKnownLeader(p, change)
  if (lastKnownElr !== undefined) change.lastKnownElr = lastKnownElr
  if (!same(directories, p.directories)) change.directories = directories
  if (!same(target.replicas, p.replicas)) change.replicas = target.replicas
  if (!same(target.removingReplicas, p.removingReplicas)) change.removingReplicas = target.removingReplicas
  if (!same(target.addingReplicas, p.addingReplicas)) change.addingReplicas = target.addingReplicas
  const recovery = wanted.leaderRecoveryState ?? p.leaderRecoveryState
  if (recovery !== p.leaderRecoveryState) change.leaderRecoveryState = recovery
  return Object.keys(change).length === 0 ? undefined : partitionChange(image, topic.topicId, p.partitionId, change)
}

function partitionChange(image: MetadataImage, topicId: string, partitionId: number, change: Change): MetadataRecord {
  const data = {
    topicId,
    partitionId,
    leader: change.leader ?? NO_LEADER_CHANGE,
    isr: orNull(change.isr),
    replicas: orNull(change.replicas),
    removingReplicas: orNull(change.removingReplicas),
    addingReplicas: orNull(change.addingReplicas),
    directories: orNull(change.directories),
    leaderRecoveryState: change.leaderRecoveryState ?? -1,
    eligibleLeaderReplicas: orNull(change.eligibleLeaderReplicas),
    lastKnownElr: orNull(change.lastKnownElr),
  }
  return metadataRecord('PartitionChangeRecord', data, recordVersion('PartitionChangeRecord', image.metadataVersion))
}

/** A new term of the same leader, for whom nothing else changes. */
export const newTerm = (image: MetadataImage, topic: TopicImage, p: PartitionImage): MetadataRecord =>
  partitionChange(image, topic.topicId, p.partitionId, { leader: p.leader })

export const isMoving = (p: Pick<PartitionImage, 'addingReplicas' | 'removingReplicas'>): boolean =>
  p.addingReplicas.length > 0 || p.removingReplicas.length > 0

type Replicas = Pick<PartitionImage, 'replicas' | 'isr' | 'removingReplicas' | 'addingReplicas'>

/** A move is done as soon as all that stay are in sync. */
function completed(t: Replicas): Replicas {
  if (!isMoving(t)) return t
  const replicas = t.replicas.filter((id) => !t.removingReplicas.includes(id))
  const isr = t.isr.filter((id) => !t.removingReplicas.includes(id))
  if (replicas.length === 0 || !contains(isr, replicas)) return t
  return { replicas, isr, removingReplicas: [], addingReplicas: [] }
}

/** Says again who is eligible and who led last. */
export const eligibleAgain = (image: MetadataImage, { topicId }: TopicImage, p: PartitionImage): MetadataRecord =>
  partitionChange(image, topicId, p.partitionId, {
    eligibleLeaderReplicas: p.eligibleLeaderReplicas,
    lastKnownElr: p.lastKnownElr,
  })

/**
 * While fewer than min.insync.replicas are in sync nothing is acknowledged to producers who ask for all, so whoever was in sync when
 * that began still has everything that ever was, and may lead without loss (KIP-966).
 */
function eligible(
  p: PartitionImage,
  { replicas, isr }: Replicas,
  minInsyncReplicas: number,
  uncleanlyStopped: number | undefined,
): number[] {
  if (isr.length >= Math.min(minInsyncReplicas, replicas.length)) return []
  return [...new Set([...p.eligibleLeaderReplicas, ...p.isr])]
    .filter((id) => !isr.includes(id) && id !== uncleanlyStopped && replicas.includes(id))
    .sort((a, b) => a - b)
}

interface Candidates {
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly elr: readonly number[]
  readonly election: Election
  readonly mayLead: (brokerId: number) => boolean
}

/** Unclean: the leader may lack records that were acknowledged. */
function elect(p: PartitionImage, c: Candidates): { leader: number; unclean: boolean } {
  const complete = c.isr.length > 0 ? c.isr : c.elr
  const isValid = (id: number) => complete.includes(id) && c.mayLead(id)
  if (c.election === 'preferred' && isValid(c.replicas[0]!)) return { leader: c.replicas[0]!, unclean: false }
  if (isValid(p.leader)) return { leader: p.leader, unclean: false }
  const valid = c.replicas.find(isValid)
  if (valid !== undefined) return { leader: valid, unclean: false }
  const last = complete.length === 0 ? lastKnown(p, c.replicas) : undefined
  if (last !== undefined && c.mayLead(last)) return { leader: last, unclean: true }
  const anyone = c.election === 'unclean' ? c.replicas.find(c.mayLead) : undefined
  return anyone === undefined ? { leader: NO_LEADER, unclean: false } : { leader: anyone, unclean: true }
}

/** Who led when nobody was left (KIP-966), or the only replica that there is. */
function lastKnown(p: PartitionImage, replicas: readonly number[]): number | undefined {
  const only = replicas.length === 1 ? replicas[0] : undefined
  return p.lastKnownElr.length === 1 && replicas.includes(p.lastKnownElr[0]!) ? p.lastKnownElr[0] : only
}

/** Of a partition that loses its last one in sync, who led it; nobody once it is led again. Undefined: as it is. */
function lastKnownLeader(p: PartitionImage, change: Change): readonly number[] | undefined {
  if (change.isr?.length === 0) {
    const known = p.leader === NO_LEADER || same(p.lastKnownElr, [p.leader])
    return known ? undefined : [p.leader]
  }
  const isLed = (change.leader ?? p.leader) !== NO_LEADER
  return isLed && p.lastKnownElr.length > 0 ? [] : undefined
}

/** Beside `replicas`; as they are in a cluster from before directories had ids. */
function directoriesOf(
  image: MetadataImage,
  p: PartitionImage,
  replicas: readonly number[],
  moved: WantedPartition['directory'],
): readonly string[] {
  if (!withDirectories(image)) return p.directories
  const known = (id: number): string | undefined => {
    if (id === moved?.brokerId) return moved.id
    const at = p.replicas.indexOf(id)
    return at < 0 ? undefined : (p.directories[at] ?? MIGRATING)
  }
  const directories = replicas.map((id) => known(id) ?? defaultDirectory(image, id))
  return p.directories.length === 0 && directories.every((id) => id === MIGRATING) ? p.directories : directories
}

const orNull = <T>(items: readonly T[] | undefined): T[] | null => (items === undefined ? null : [...items])
const same = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((x, i) => x === b[i])
const contains = (all: readonly number[], some: readonly number[]): boolean => some.every((id) => all.includes(id))
