/**
 * The quorum of one voter: there is nobody to vote, but every start is a term of its own, with the next epoch, written down in
 * `quorum-state` before anything is written in it (KIP-595). Apache Kafka reads the same file and goes on from it.
 */
import type { Disk } from '../env/env.ts'
import { ZERO_UUID } from '../protocol/schema.ts'

export const QUORUM_STATE = 'quorum-state'

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
  const path = `${metadataFolder}/${QUORUM_STATE}`
  const before = read(disk, path)
  checkAlone(before, o.voters, { nodeId, metadataFolder })
  const leaderEpoch = Math.max(before?.leaderEpoch ?? 0, lastLogEpoch, 0) + 1
  write(disk, path, { leaderId: nodeId, leaderEpoch, voterId: nodeId, votersInLog: inLog(before, o.voters) })
  return leaderEpoch
}

/**
 * The same quorum with another node as its only voter: `quorum-state` in `toFolder` as `fromFolder` has it, its epoch included; nobody leads
 * yet. Throws, with a sentence, if it was not `from` alone who voted.
 */
export function passOn(
  disk: Disk,
  o: Omit<TermOptions, 'nodeId'> & {
    readonly from: number
    readonly to: number
    readonly fromFolder: string
    readonly toFolder: string
  },
): void {
  const before = read(disk, `${o.fromFolder}/${QUORUM_STATE}`)
  checkAlone(before, o.voters, { nodeId: o.from, metadataFolder: o.fromFolder })
  const leaderEpoch = Math.max(before?.leaderEpoch ?? 0, o.lastLogEpoch, 0)
  const votersInLog = inLog(before, o.voters)
  write(disk, `${o.toFolder}/${QUORUM_STATE}`, { leaderId: -1, leaderEpoch, voterId: o.to, votersInLog })
}

const inLog = (before: QuorumStateFile | undefined, voters: readonly number[] | undefined): boolean =>
  before?.data_version === 1 || voters !== undefined

function checkAlone(
  before: QuorumStateFile | undefined,
  inLog: readonly number[] | undefined,
  { nodeId, metadataFolder }: { nodeId: number; metadataFolder: string },
): void {
  const voters = inLog ?? before?.currentVoters?.map((v) => v.voterId) ?? []
  const others = voters.filter((voterId) => voterId !== nodeId)
  if (others.length === 0) return
  throw new Error(
    `${inLog ? metadataFolder : `${metadataFolder}/${QUORUM_STATE}`} names other controllers (${others.join(', ')}): this folder belongs to a quorum of several, which one node cannot lead.`,
  )
}

function write(
  disk: Disk,
  path: string,
  o: { leaderId: number; leaderEpoch: number; voterId: number; votersInLog: boolean },
): void {
  const common = { leaderId: o.leaderId, leaderEpoch: o.leaderEpoch, votedId: -1 }
  const state = o.votersInLog
    ? { ...common, votedDirectoryId: ZERO_UUID, data_version: 1 }
    : { clusterId: '', ...common, appliedOffset: 0, currentVoters: [{ voterId: o.voterId }], data_version: 0 }
  disk.replaceFile(path, Buffer.from(JSON.stringify(state)))
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
