/**
 * The quorum of one voter: there is nobody to vote, but every start is a term of its own, with the next epoch, written down in
 * `quorum-state` before anything is written in it (KIP-595). Apache Kafka reads the same file and goes on from it.
 */
import type { Disk } from '../env/env.ts'
import { ZERO_UUID } from '../protocol/schema.ts'

interface QuorumStateFile {
  leaderId: number
  leaderEpoch: number
  votedId: number
  currentVoters?: { voterId: number }[]
  /** 0 with a fixed list of voters; 1 where the voters stand in the log (KIP-853). */
  data_version: number
}

export interface TermOptions {
  readonly nodeId: number
  /** Of the last batch in the metadata log, -1 if it is empty. */
  readonly lastLogEpoch: number
  /** Node ids, if the log names the voters: see `quorum_records.ts`. */
  readonly voters?: readonly number[] | undefined
}

/** The epoch of the term that begins now. Throws, with a sentence, if this node may not begin one by itself. */
export function beginTerm(disk: Disk, metadataFolder: string, o: TermOptions): number {
  const { nodeId, lastLogEpoch } = o
  const path = `${metadataFolder}/quorum-state`
  const before = read(disk, path)
  const voters = o.voters ?? before?.currentVoters?.map((v) => v.voterId) ?? []
  const others = voters.filter((voterId) => voterId !== nodeId)
  if (others.length > 0) {
    throw new Error(
      `${o.voters ? metadataFolder : path} names other controllers (${others.join(', ')}): this folder belongs to a quorum of several, which one node cannot lead.`,
    )
  }
  const leaderEpoch = Math.max(before?.leaderEpoch ?? 0, lastLogEpoch, 0) + 1
  const common = { leaderId: nodeId, leaderEpoch, votedId: -1 }
  const state =
    before?.data_version === 1 || o.voters !== undefined
      ? { ...common, votedDirectoryId: ZERO_UUID, data_version: 1 }
      : { clusterId: '', ...common, appliedOffset: 0, currentVoters: [{ voterId: nodeId }], data_version: 0 }
  disk.replaceFile(path, Buffer.from(JSON.stringify(state)))
  return leaderEpoch
}

function read(disk: Disk, path: string): QuorumStateFile | undefined {
  const bytes = disk.readFile(path)
  if (bytes === undefined) return undefined
  try {
    const state = JSON.parse(bytes.toString('utf8')) as QuorumStateFile
    if (Number.isInteger(state.leaderEpoch)) return state
  } catch {
    // Falls through to the same sentence.
  }
  throw new Error(
    `${path} is damaged: it should be JSON with a leaderEpoch. Restore it, or remove it to take the epoch from the log.`,
  )
}
