/**
 * Whether the replicas of a cluster that has stopped hold the same: of every partition the batches byte for byte up to the shortest
 * log's end, or, where compaction goes its own way on each broker, of every key the same last record. Reads the segments alone,
 * with the codecs of `server/records/`.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { batches, iterateRecords } from '../../server/records/batch.ts'

/** A partition's log on one broker. */
export interface Replica {
  broker: number
  /** Exclusive. */
  logEndOffset: number
  /** By base offset: what the batch is, in hexadecimal digits. */
  batches: Map<number, string>
  /** By key: offset and what the record is. */
  keys: Map<string, { offset: number; is: string }>
}

export interface Compared {
  partitions: number
  batches: number
  findings: string[]
}

/** `logDirs` by broker. `compacted` says which topics are compared by key. */
export function compareReplicas(
  logDirs: ReadonlyMap<number, string>,
  { compacted, factor }: { compacted: (topic: string) => boolean; factor: number },
): Compared {
  const partitions = new Map<string, Replica[]>()
  for (const [broker, logDir] of logDirs) {
    for (const folder of readdirSync(logDir).filter((name) => /^(?!__cluster_metadata-).+-\d+$/.test(name))) {
      const replicas = partitions.get(folder) ?? []
      partitions.set(folder, [...replicas, readReplica(broker, join(logDir, folder))])
    }
  }
  const findings = [...partitions].flatMap(([partition, replicas]) => {
    const said = (finding: string) => `${partition}: ${finding}`
    if (replicas.length !== factor) return [said(`there are ${replicas.length} replicas of ${factor}`)]
    const topic = partition.replace(/-\d+$/, '')
    return (compacted(topic) ? sameKeys(replicas) : sameBatches(replicas)).map(said)
  })
  const counted = [...partitions.values()].reduce((sum, [first]) => sum + (first?.batches.size ?? 0), 0)
  return { partitions: partitions.size, batches: counted, findings }
}

const hashOf = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')

export function readReplica(broker: number, folder: string): Replica {
  const replica: Replica = { broker, logEndOffset: 0, batches: new Map(), keys: new Map() }
  const segments = readdirSync(folder).filter((name) => /^\d{20}\.log$/.test(name))
  for (const name of segments.sort()) addSegment(replica, readFileSync(join(folder, name)))
  return replica
}

/** The bytes of the log's next segment. */
export function addSegment(replica: Replica, bytes: Buffer): void {
  for (const batch of batches(bytes)) {
    replica.batches.set(batch.baseOffset, hashOf(bytes.subarray(batch.at, batch.at + batch.sizeInBytes)))
    replica.logEndOffset = batch.baseOffset + batch.lastOffsetDelta + 1
    if (batch.isControl) continue
    for (const { offset, key, value } of iterateRecords(batch)) {
      if (key) replica.keys.set(key.toString('hex'), { offset, is: value === null ? 'null' : hashOf(value) })
    }
  }
}

const lowest = (numbers: number[]) => numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)

/** Below the end of the shortest and from the start of the one that begins last. */
function sameBatches(replicas: Replica[]): string[] {
  const end = lowest(replicas.map((one) => one.logEndOffset))
  const start = -lowest(replicas.map((one) => -lowest([...one.batches.keys(), one.logEndOffset])))
  const [first, ...others] = replicas as [Replica, ...Replica[]]
  return others.flatMap((other) => {
    const offsets = new Set([...first.batches.keys(), ...other.batches.keys()])
    const differs = [...offsets]
      .sort((a, b) => a - b)
      .find((at) => at >= start && at < end && first.batches.get(at) !== other.batches.get(at))
    if (differs === undefined) return []
    return [`the batch at offset ${differs} is not the same on broker ${first.broker} and on broker ${other.broker}`]
  })
}

function sameKeys(replicas: Replica[]): string[] {
  const end = lowest(replicas.map((one) => one.logEndOffset))
  const [first, ...others] = replicas as [Replica, ...Replica[]]
  return others.flatMap((other) => {
    const differs = [...new Set([...first.keys.keys(), ...other.keys.keys()])].find((key) => {
      const [a, b] = [first.keys.get(key), other.keys.get(key)]
      // a later value that only one has yet may have taken the place of the one that both had
      if ((a?.offset ?? 0) >= end || (b?.offset ?? 0) >= end) return false
      return a?.offset !== b?.offset || a?.is !== b?.is
    })
    if (differs === undefined) return []
    const key = Buffer.from(differs, 'hex').toString('latin1')
    return [
      `the last record of key ${JSON.stringify(key)} is not the same on brokers ${first.broker} and ${other.broker}`,
    ]
  })
}
