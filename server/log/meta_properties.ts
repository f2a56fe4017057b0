/** `meta.properties`: which cluster and node a log dir belongs to (KIP-631, KIP-858). */
import type { Disk } from '../env/env.ts'
import { META_PROPERTIES } from './file_names.ts'

export interface MetaProperties {
  readonly clusterId: string
  readonly nodeId: number
  readonly directoryId: string
}

/** A log dir that cannot be used; the message is one sentence for whoever starts the broker. `cause` is what the disk said, if it was that. */
export class LogDirError extends Error {
  override name = 'LogDirError'
}

/** What the file says; undefined if there is none. Throws a LogDirError if it cannot be understood. */
export function readMetaProperties(disk: Disk, dir: string): Partial<MetaProperties> | undefined {
  const path = `${dir}/${META_PROPERTIES}`
  const text = disk.readFile(path)?.toString('utf8')
  if (text === undefined) return undefined
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const m = /^\s*([^#!=:\s]+)\s*[=:]\s*(.*?)\s*$/.exec(line)
    if (m) values.set(m[1]!, m[2]!)
  }
  const version = values.get('version')
  if (version !== '0' && version !== '1') {
    throw new LogDirError(
      `${path} is damaged or of another version (${version ?? 'none'}); restore it or use an empty folder.`,
    )
  }
  const nodeId = values.get('node.id') ?? values.get('broker.id')
  return {
    clusterId: values.get('cluster.id'),
    nodeId: nodeId === undefined ? undefined : Number(nodeId),
    directoryId: values.get('directory.id'),
  }
}

/** Makes the file, with a cluster id of its own if none is wanted, or checks it: a folder of another cluster or node is refused with a LogDirError. */
export function ensureMetaProperties(
  disk: Disk,
  dir: string,
  wanted: { clusterId?: string; nodeId: number; newUuid: () => string },
): MetaProperties {
  const found = readMetaProperties(disk, dir)
  if (found?.clusterId !== undefined && wanted.clusterId !== undefined && found.clusterId !== wanted.clusterId) {
    throw new LogDirError(
      `${dir} belongs to the cluster ${found.clusterId}, not ${wanted.clusterId}; use its cluster id or another folder.`,
    )
  }
  if (found?.nodeId !== undefined && found.nodeId !== wanted.nodeId) {
    throw new LogDirError(
      `${dir} belongs to node ${found.nodeId}, not ${wanted.nodeId}; set node.id=${found.nodeId} or use another folder.`,
    )
  }
  if (found?.clusterId !== undefined && found.nodeId !== undefined && found.directoryId !== undefined) {
    return found as MetaProperties
  }
  const made = {
    clusterId: found?.clusterId ?? wanted.clusterId ?? wanted.newUuid(),
    nodeId: wanted.nodeId,
    directoryId: found?.directoryId ?? wanted.newUuid(),
  }
  const lines = [
    'version=1',
    `cluster.id=${made.clusterId}`,
    `node.id=${made.nodeId}`,
    `directory.id=${made.directoryId}`,
  ]
  disk.replaceFile(`${dir}/${META_PROPERTIES}`, Buffer.from(`${lines.join('\n')}\n`))
  return made
}
