/**
 * The metadata log changes hands: from a broker that was its own controller to a controller that is a node of its own, and back. The
 * log goes on with what it has, its epochs too; only who votes is another. Neither node may run meanwhile.
 *
 * Safe at every step: what the log becomes is made aside, synced, and gets its name last. As long as the controller's folder has no
 * `meta.properties` the log is the broker's, from then on the controller's; whoever is interrupted begins again.
 */
import { DiskError, type Env } from '../env/env.ts'
import { readOffsetCheckpoint, writeOffsetCheckpoint } from '../log/checkpoint.ts'
import { copyFolder } from '../log/copy_folder.ts'
import {
  CLUSTER_METADATA_DIR,
  DELETE_DIR_SUFFIX,
  DELETED_SUFFIX,
  LOCK_FILE,
  LOG_START_CHECKPOINT,
  META_PROPERTIES,
  putAwayDirName,
  RECOVERY_POINT_CHECKPOINT,
  REPLICATION_CHECKPOINT,
} from '../log/file_names.ts'
import { defaultLogConfig } from '../log/log_config.ts'
import { type LogDirConfig, LogManager } from '../log/log_manager.ts'
import { ensureMetaProperties, LogDirError, readMetaProperties } from '../log/meta_properties.ts'
import { BOOTSTRAP_FILE } from '../metadata/bootstrap.ts'
import { CLUSTER_METADATA } from '../metadata/internal_topics.ts'
import { passOn, QUORUM_STATE } from '../metadata/quorum.ts'
import { QuorumRecords, votersBatch } from '../metadata/quorum_records.ts'
import { SnapshotStore } from '../metadata/snapshot_store.ts'
import { RecordBatch } from '../records/batch.ts'
import { allBatches } from '../replication/read_all.ts'
import { METADATA_TOPIC_ID } from './metadata_log.ts'

export interface Hands {
  readonly env: Pick<Env, 'clock' | 'random' | 'disk'>
  /** The log dir of the broker that has its metadata log. */
  readonly brokerDir: string
  readonly brokerId: number
  readonly controllerDir: string
  readonly controllerId: number
  /** Where the voter is reached, for folders whose voters stand in the log (KIP-853). */
  readonly endpoint?: { readonly name: string; readonly host: string; readonly port: number }
}

const ASIDE = '.new'
const INCOMING = `${CLUSTER_METADATA_DIR}.incoming`
const CHECKPOINTS = [RECOVERY_POINT_CHECKPOINT, LOG_START_CHECKPOINT, REPLICATION_CHECKPOINT]
const KEPT_WHOLE = { ...defaultLogConfig, retentionMs: -1 }
/** They are not started. */
const NO_TASKS: LogDirConfig = {
  'log.initial.task.delay.ms': Number.POSITIVE_INFINITY,
  'log.flush.offset.checkpoint.interval.ms': Number.POSITIVE_INFINITY,
  'replica.high.watermark.checkpoint.interval.ms': Number.POSITIVE_INFINITY,
  'log.flush.start.offset.checkpoint.interval.ms': Number.POSITIVE_INFINITY,
  'log.retention.check.interval.ms': Number.POSITIVE_INFINITY,
  'producer.id.expiration.ms': Number.POSITIVE_INFINITY,
  'producer.id.expiration.check.interval.ms': Number.POSITIVE_INFINITY,
}
const NO_ENDPOINT = { name: 'CONTROLLER', host: 'localhost', port: 9093 }

/**
 * Makes the controller's folder from the broker's metadata log. Does nothing if there is one. The broker keeps its log, which it follows from
 * now on. Rejects with a LogDirError or an Error, one sentence each, and then nothing has changed.
 */
export async function handToController(o: Hands): Promise<void> {
  const { disk, random } = o.env
  if (disk.exists(`${o.controllerDir}/${META_PROPERTIES}`)) return
  const lock = takeLock(o, o.brokerDir)
  try {
    const aside = `${o.controllerDir}${ASIDE}`
    await makeAside(o, {
      fromDir: o.brokerDir,
      from: o.brokerId,
      to: o.controllerId,
      aside,
      directoryId: random.uuid(),
    })
    disk.remove(o.controllerDir)
    disk.rename(aside, o.controllerDir)
    disk.syncDirectory(parentOf(o.controllerDir))
    // Its own vote counts no more. Whoever dies before has it with no effect: a broker that follows takes the newer epoch.
    disk.remove(`${o.brokerDir}/${CLUSTER_METADATA_DIR}/${QUORUM_STATE}`)
  } finally {
    lock.release()
  }
}

/**
 * Gives the controller's log back to the broker, and removes the controller's folder. Does nothing if there is none. Rejects as
 * `handToController` does, and then the log is still the controller's.
 */
export async function handToBroker(o: Hands): Promise<void> {
  const { disk } = o.env
  const meta = `${o.controllerDir}/${META_PROPERTIES}`
  const aside = `${o.controllerDir}${ASIDE}`
  if (disk.exists(meta)) {
    const locks = [takeLock(o, o.brokerDir), takeLock(o, o.controllerDir)]
    try {
      const { directoryId } = readMetaProperties(disk, o.brokerDir) ?? {}
      if (directoryId === undefined) throw new LogDirError(`${o.brokerDir} is no log dir of broker ${o.brokerId}.`)
      await makeAside(o, { fromDir: o.controllerDir, from: o.controllerId, to: o.brokerId, aside, directoryId })
      replaceLog(o, aside)
      // From here on it is the broker's.
      disk.remove(meta)
      disk.syncDirectory(o.controllerDir)
    } finally {
      for (const lock of locks) lock.release()
    }
  }
  disk.remove(o.controllerDir)
  disk.remove(aside)
}

/** A log dir with the metadata log as the new voter is to have it: whole, closed cleanly, durable. */
async function makeAside(
  o: Hands,
  {
    fromDir,
    from,
    to,
    aside,
    directoryId,
  }: { fromDir: string; from: number; to: number; aside: string; directoryId: string },
): Promise<void> {
  const { env } = o
  const { disk } = env
  const source = `${fromDir}/${CLUSTER_METADATA_DIR}`
  const target = `${aside}/${CLUSTER_METADATA_DIR}`
  const { clusterId } = readMetaProperties(disk, fromDir) ?? {}
  if (clusterId === undefined || !disk.exists(source)) throw new LogDirError(`${fromDir} holds no metadata log.`)
  disk.remove(aside)
  copyFolder(disk, source, target, (name) => name !== QUORUM_STATE && !name.endsWith(DELETED_SUFFIX))
  copyFolder(disk, fromDir, aside, (name) => name === BOOTSTRAP_FILE)
  const logStart = readOffsetCheckpoint(disk, `${fromDir}/${LOG_START_CHECKPOINT}`).get(CLUSTER_METADATA_DIR)
  if (logStart !== undefined) {
    writeOffsetCheckpoint(disk, `${aside}/${LOG_START_CHECKPOINT}`, [[CLUSTER_METADATA_DIR, logStart]])
  }
  ensureMetaProperties(disk, aside, { clusterId, nodeId: to, newUuid: () => directoryId })
  // What a crash has left of the log's end is cut off here.
  const logs = LogManager.open({ env, dir: aside, nodeId: to, config: NO_TASKS })
  try {
    const log = logs.open(CLUSTER_METADATA, 0, { topicId: METADATA_TOPIC_ID, config: KEPT_WHOLE })
    const snapshots = new SnapshotStore({ disk, folder: target, log, retentionBytes: -1, retentionMs: -1 })
    const snapshot = snapshots.open()
    const quorum = snapshot?.quorum ?? new QuorumRecords()
    for await (const batch of allBatches(log)) quorum.take(new RecordBatch(batch))
    const lastLogEpoch = Math.max(log.latestEpoch ?? -1, snapshot?.epoch ?? -1)
    const voters = quorum.voters?.map((v) => v.nodeId)
    passOn(disk, { from, to, fromFolder: source, toFolder: target, lastLogEpoch, voters })
    if (voters !== undefined) {
      const nowMs = env.clock.now()
      const records = votersBatch({ nodeId: to, directoryId, endpoint: o.endpoint ?? NO_ENDPOINT }, nowMs)
      const [result] = log.append([{ records, produceVersion: undefined }], { leaderEpoch: lastLogEpoch, nowMs })
      if (result instanceof Error) throw result
    }
    await logs.close()
  } catch (error) {
    logs.abandon()
    throw error
  }
}

/** The broker's replica of the log goes, and what was made aside takes its place, its checkpoints too. */
function replaceLog({ env, brokerDir }: Hands, aside: string): void {
  const { disk, random } = env
  const incoming = `${brokerDir}/${INCOMING}`
  const present = `${brokerDir}/${CLUSTER_METADATA_DIR}`
  disk.remove(incoming)
  copyFolder(disk, `${aside}/${CLUSTER_METADATA_DIR}`, incoming, () => true)
  if (disk.exists(present)) {
    const uniqueId = random.bytes(16).toString('hex')
    const away = putAwayDirName({ topic: CLUSTER_METADATA, partition: 0 }, uniqueId, DELETE_DIR_SUFFIX)
    disk.rename(present, `${brokerDir}/${away}`)
    disk.syncDirectory(brokerDir)
  }
  // While there is no folder of that name, nobody reads them.
  for (const name of CHECKPOINTS) {
    const offsets = readOffsetCheckpoint(disk, `${brokerDir}/${name}`)
    const offset = readOffsetCheckpoint(disk, `${aside}/${name}`).get(CLUSTER_METADATA_DIR)
    if (offset === undefined) offsets.delete(CLUSTER_METADATA_DIR)
    else offsets.set(CLUSTER_METADATA_DIR, offset)
    writeOffsetCheckpoint(disk, `${brokerDir}/${name}`, offsets)
  }
  disk.rename(incoming, present)
  disk.syncDirectory(brokerDir)
}

function takeLock({ env }: Hands, dir: string): { release(): void } {
  try {
    return env.disk.lock(`${dir}/${LOCK_FILE}`)
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== 'ELOCKED') throw error
    throw new LogDirError(`${dir} is in use by another process; stop it first.`)
  }
}

const parentOf = (dir: string): string => dir.slice(0, Math.max(1, dir.lastIndexOf('/')))
