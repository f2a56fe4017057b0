/**
 * Where the nodes of a cluster on one machine keep what is theirs: broker 1 the log dirs themselves, broker n `brokers/n` inside each,
 * the controller `controller` inside the data folder. And what is there to be found before anything is started.
 */
import type { Disk } from './env/env.ts'
import { META_PROPERTIES, parsePartitionName } from './log/file_names.ts'
import { readMetaProperties } from './log/meta_properties.ts'

/** Absolute paths. */
export interface Folders {
  /** Weir's own: what the console remembers, and the controller. */
  readonly dataDir: string
  /** Broker 1's, at least one. */
  readonly logDirs: readonly string[]
  /** Of its metadata log, if it is another one than the first. */
  readonly metadataDir: string | undefined
}

export interface Found {
  /** The controller has a folder of its own: what the cluster's metadata is stands there, not with broker 1. */
  readonly controller: boolean
  /** Whose broker 1's folder is; undefined if it is new. */
  readonly firstNodeId: number | undefined
  /** Brokers but the first that have a folder, ascending. */
  readonly others: readonly number[]
  /** So many brokers there were when a growth began that has not come to its end. */
  readonly grownFrom: number | undefined
}

const BROKERS = 'brokers'
/** In `brokers/`: from how many brokers the cluster is growing. */
const GROWN_FROM = 'grown_from'

const inside = (dir: string, nodeId: number): string => (nodeId === 1 ? dir : `${dir}/${BROKERS}/${nodeId}`)

export const logDirsOf = ({ logDirs }: Folders, nodeId: number): string[] => logDirs.map((dir) => inside(dir, nodeId))

export const metadataDirOf = ({ metadataDir }: Folders, nodeId: number): string | undefined =>
  metadataDir === undefined ? undefined : inside(metadataDir, nodeId)

export const controllerDirOf = ({ dataDir }: Folders): string => `${dataDir}/controller`

const grownFromFile = ({ dataDir }: Folders): string => `${dataDir}/${BROKERS}/${GROWN_FROM}`

/** Throws a LogDirError or a DiskError, both with a sentence, where a folder cannot be read. */
export function look(disk: Disk, folders: Folders): Found {
  const first = folders.metadataDir ?? folders.logDirs[0]!
  const grownFrom = Number(disk.readFile(grownFromFile(folders))?.toString('utf8').trim())
  return {
    controller: disk.exists(`${controllerDirOf(folders)}/${META_PROPERTIES}`),
    firstNodeId: readMetaProperties(disk, first)?.nodeId,
    others: [...new Set(roots(folders).flatMap((dir) => othersIn(disk, dir)))].sort((a, b) => a - b),
    grownFrom: Number.isInteger(grownFrom) && grownFrom > 0 ? grownFrom : undefined,
  }
}

/** Notes that the cluster grows from so many brokers, before anything changes; durable when it returns. */
export function noteGrowth(disk: Disk, folders: Folders, from: number): void {
  disk.mkdir(`${folders.dataDir}/${BROKERS}`)
  disk.replaceFile(grownFromFile(folders), Buffer.from(`${from}\n`))
}

export const growthEnded = (disk: Disk, folders: Folders): void => disk.remove(grownFromFile(folders))

/**
 * Removes what brokers have left that are no longer of the cluster. A folder that still holds a partition is kept under another name.
 * Returns the names of those.
 */
export function removeBrokers(disk: Disk, folders: Folders, nodeIds: readonly number[]): string[] {
  const kept: string[] = []
  for (const root of roots(folders)) {
    for (const nodeId of nodeIds) {
      const dir = inside(root, nodeId)
      if (!disk.exists(dir)) continue
      if (holdsPartitions(disk, dir)) kept.push(setAside(disk, dir))
      else {
        // Without it nobody takes what a crash may leave of the folder for a broker's.
        disk.remove(`${dir}/${META_PROPERTIES}`)
        disk.remove(dir)
      }
    }
    const brokers = `${root}/${BROKERS}`
    if (disk.exists(brokers) && disk.list(brokers).length === 0) disk.remove(brokers)
  }
  return kept
}

const roots = ({ logDirs, metadataDir }: Folders): string[] => [
  ...new Set([...logDirs, ...(metadataDir === undefined ? [] : [metadataDir])]),
]

function othersIn(disk: Disk, root: string): number[] {
  const brokers = `${root}/${BROKERS}`
  if (!disk.exists(brokers)) return []
  return disk
    .list(brokers)
    .filter(({ name }) => /^[1-9]\d*$/.test(name) && disk.exists(`${brokers}/${name}/${META_PROPERTIES}`))
    .map(({ name }) => Number(name))
}

function holdsPartitions(disk: Disk, dir: string): boolean {
  return disk.list(dir).some(({ name, directory }) => {
    const partition = directory ? parsePartitionName(name) : undefined
    return (partition !== undefined && partition.topic !== '__cluster_metadata') || name.endsWith('-stray')
  })
}

function setAside(disk: Disk, dir: string): string {
  for (let n = 1; ; n++) {
    const to = `${dir}.kept${n > 1 ? `-${n}` : ''}`
    if (disk.exists(to)) continue
    disk.rename(dir, to)
    return to
  }
}
