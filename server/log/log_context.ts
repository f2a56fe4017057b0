/** What all logs of a log dir share, and what they tell it. */
import type { Env } from '../env/env.ts'
import type { TopicPartition } from './file_names.ts'
import type { Files } from './files.ts'
import type { Log } from './log.ts'
import type { LogConfig } from './log_config.ts'
import type { TailCache } from './tail.ts'

export interface LogContext {
  readonly env: Pick<Env, 'clock' | 'random'>
  readonly files: Files
  readonly tailCache: TailCache
  readonly producerIdExpirationMs: () => number
  /** Makes the names of the partitions' folders durable. */
  readonly syncFolderNames: () => void
  /** Folders of partitions have other names now, which need be durable soon. */
  readonly foldersRenamed: () => void
  /** A sync has been done, and took so long. */
  readonly onSynced: (tookMs: number) => void
  /** The log start moved and must be in the checkpoint before anyone is told. False if there is no room for that. */
  readonly onLogStart: (log: Log) => boolean
  /** Less is durable than the checkpoint may say, for the end was cut off: it has to be corrected before anything is appended. */
  readonly onCut: () => void
  /** There was no room for an append; `cause` is what the disk said. */
  readonly onNoRoom: (cause: Error) => void
  /** A write or sync failed; `cause` is what the disk said. */
  readonly onOffline: (log: Log, cause: Error) => void
}

/** One log and what the checkpoints of its log dir say of it. */
export interface OpenOptions extends TopicPartition {
  readonly dir: string
  readonly config: LogConfig
  readonly clean: boolean
  readonly recoveryPoint: number
  readonly logStartOffset: number
  readonly cleanedTo: number
  /** The folder was made just now. */
  readonly created: boolean
  topicId?: string
}

/** Ms by which a new segment rolls earlier than the others, so that not all roll at once. */
export const rollJitter = (context: LogContext, config: LogConfig): number =>
  config.segmentJitterMs > 0
    ? Math.floor(context.env.random.next() * Math.min(config.segmentJitterMs, config.segmentMs))
    : 0
