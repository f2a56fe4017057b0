/** The names of files and folders in a log dir, as Kafka gives them. */

export const LOG_SUFFIX = '.log'
export const INDEX_SUFFIX = '.index'
export const TIME_INDEX_SUFFIX = '.timeindex'
export const TXN_INDEX_SUFFIX = '.txnindex'
export const SNAPSHOT_SUFFIX = '.snapshot'
/** On files that are to be removed after file.delete.delay.ms. */
export const DELETED_SUFFIX = '.deleted'
/** On folders of deleted partitions. */
export const DELETE_DIR_SUFFIX = '-delete'
/** On folders of partitions of which the metadata knows nothing: nobody opens them, nobody removes them. */
export const STRAY_DIR_SUFFIX = '-stray'

export const LOCK_FILE = '.lock'
export const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown'
export const META_PROPERTIES = 'meta.properties'
export const RECOVERY_POINT_CHECKPOINT = 'recovery-point-offset-checkpoint'
export const LOG_START_CHECKPOINT = 'log-start-offset-checkpoint'
export const REPLICATION_CHECKPOINT = 'replication-offset-checkpoint'
export const CLEANER_CHECKPOINT = 'cleaner-offset-checkpoint'
export const LEADER_EPOCH_CHECKPOINT = 'leader-epoch-checkpoint'
export const PARTITION_METADATA = 'partition.metadata'
/** The folder of the metadata log. */
export const CLUSTER_METADATA_DIR = '__cluster_metadata-0'

/** All files of a segment but the log itself. */
export const COMPANION_SUFFIXES = [INDEX_SUFFIX, TIME_INDEX_SUFFIX, TXN_INDEX_SUFFIX] as const

/** Twenty digits, so that names sort as offsets do. */
export const fileOf = (baseOffset: number, suffix: string): string => String(baseOffset).padStart(20, '0') + suffix

/** The offset in a name like `00000000000000000042.log` with that suffix, or undefined. */
export function offsetIn(name: string, suffix: string): number | undefined {
  if (name.length !== 20 + suffix.length || !name.endsWith(suffix)) return undefined
  const digits = name.slice(0, 20)
  return /^\d{20}$/.test(digits) ? Number(digits) : undefined
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export const partitionName = (p: TopicPartition): string => `${p.topic}-${p.partition}`

/** Undefined for folders that are no partition's: deleted ones, those of moves between log dirs, strangers'. */
export function parsePartitionName(name: string): TopicPartition | undefined {
  const m = /^([a-zA-Z0-9._-]{1,249})-(0|[1-9]\d{0,9})$/.exec(name)
  return m ? { topic: m[1]!, partition: Number(m[2]) } : undefined
}

/** On folders of partitions that are being moved into this log dir (KIP-113). */
export const FUTURE_DIR_SUFFIX = '-future'

/** The partition whose future replica is in a folder of this name. */
export function parseFutureName(name: string): TopicPartition | undefined {
  const m = /^(.+)\.[0-9a-f]{32}-future$/.exec(name)
  return m ? parsePartitionName(m[1]!) : undefined
}

/** A longer name no file system takes; shortened, nobody would know whose folder it is. */
export const canBeMoved = (p: TopicPartition): boolean => futureDirName(p, '0'.repeat(32)).length <= 255

export const futureDirName = (p: TopicPartition, uniqueId: string): string =>
  `${partitionName(p)}.${uniqueId}${FUTURE_DIR_SUFFIX}`

/** `uniqueId` is 32 hex digits. Long topic names are cut, so that the name stays within what file systems allow. */
export function putAwayDirName(p: TopicPartition, uniqueId: string, kind: string): string {
  const suffix = `-${p.partition}.${uniqueId}${kind}`
  return p.topic.slice(0, 255 - suffix.length) + suffix
}
