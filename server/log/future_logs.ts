/**
 * The future replicas in one log dir: copies of partitions that are being moved into it, in folders of their own
 * (`topic-0.<id>-future`, KIP-113). No checkpoint speaks of them: after a crash they are read from the beginning, and what they
 * lack is copied again.
 */
import { deleteFolder, setFolderAside } from './deletion.ts'
import { futureDirName, parseFutureName, partitionName, type TopicPartition } from './file_names.ts'
import { Log } from './log.ts'
import type { LogConfig } from './log_config.ts'
import type { LogContext } from './log_context.ts'
import { keepTopicId, readTopicId } from './partition_metadata.ts'
import type { UnsafeFiles } from './unsafe_files.ts'

export interface FutureLogsOptions {
  readonly dir: string
  readonly context: LogContext
  /** Was the last stop a clean one? */
  readonly clean: boolean
  readonly unsafe: UnsafeFiles
}

export class FutureLogs {
  /** Names of folders by the partition's name. */
  private readonly folders = new Map<string, string>()
  private readonly logs = new Map<string, Log>()

  constructor(private readonly o: FutureLogsOptions) {}

  /** A folder that was found at the start. False if it is no future replica's, or a second one of the same partition. */
  found(folder: string): boolean {
    const p = parseFutureName(folder)
    if (!p || this.folders.has(partitionName(p))) return false
    this.folders.set(partitionName(p), folder)
    return true
  }

  get all(): readonly Log[] {
    return [...this.logs.values()]
  }
  get partitions(): TopicPartition[] {
    return [...this.folders.values()].map((folder) => parseFutureName(folder)!)
  }
  get count(): number {
    return this.folders.size
  }
  get areOpen(): boolean {
    return this.logs.size === this.folders.size
  }
  has(p: TopicPartition): boolean {
    return this.folders.has(partitionName(p))
  }
  get(p: TopicPartition): Log | undefined {
    return this.logs.get(partitionName(p))
  }

  /** Of which topic it is, if its folder says so. */
  topicId(p: TopicPartition): string | undefined {
    const folder = this.folders.get(partitionName(p))
    return folder === undefined ? undefined : readTopicId(this.o.context.files, this.path(folder))
  }

  /** Goes on with the one that is there, or begins one. Throws if the disk fails. */
  open(p: TopicPartition, { topicId, config }: { topicId: string; config: LogConfig }): Log {
    const name = partitionName(p)
    const known = this.logs.get(name)
    if (known) return known
    if (this.has(p) && this.topicId(p) !== topicId) this.delete(p)
    const { context, clean } = this.o
    const created = !this.has(p)
    const folder = this.folders.get(name) ?? futureDirName(p, context.env.random.bytes(16).toString('hex'))
    const dir = this.path(folder)
    if (created) {
      context.files.disk.mkdir(dir)
      this.folders.set(name, folder)
      // It may be all that says whose it is when it is all that there is of a partition.
      keepTopicId(context.files, dir, topicId)
    }
    const none = { recoveryPoint: 0, logStartOffset: 0, cleanedTo: 0 }
    const log = Log.open(context, { ...p, ...none, dir, created, config, clean: created || clean, topicId })
    if (!created) this.o.unsafe.opened(log)
    this.logs.set(name, log)
    return log
  }

  delete(p: TopicPartition): void {
    const name = partitionName(p)
    const folder = this.folders.get(name)
    if (folder === undefined) return
    const log = this.logs.get(name)
    if (log) log.delete()
    else deleteFolder(this.o.context, p, this.path(folder))
    this.logs.delete(name)
    this.folders.delete(name)
  }

  /** For one that was not opened and of which the metadata knows nothing: keeps it under another name, which it returns. */
  setAside(p: TopicPartition): string {
    const name = partitionName(p)
    const to = setFolderAside(this.o.context, p, this.path(this.folders.get(name)!))
    this.folders.delete(name)
    return to
  }

  /** Its folder becomes `to`. Returns its log, if it is open. The new name is not durable yet. */
  rename(p: TopicPartition, to: string): Log | undefined {
    const name = partitionName(p)
    const log = this.logs.get(name)
    if (log) log.moveFolder(to)
    else this.o.context.files.disk.rename(this.path(this.folders.get(name)!), to)
    this.logs.delete(name)
    this.folders.delete(name)
    return log
  }

  private path(folder: string): string {
    return `${this.o.dir}/${folder}`
  }
}
