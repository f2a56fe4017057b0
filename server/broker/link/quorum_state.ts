/**
 * `quorum-state` of a broker: the newest epoch that it has heard of, so that after a restart it believes no leader of an older one
 * (KIP-595). In the form of Apache Kafka's observers: data_version 0 with a fixed list of voters, 1 where the log names them (KIP-853).
 */
import type { Disk } from '../../env/env.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'

/** 0 if there is none, or none that can be read: the leader will tell. */
export function readQuorumEpoch(disk: Disk, metadataFolder: string): number {
  try {
    const state = JSON.parse(disk.readFile(`${metadataFolder}/quorum-state`)?.toString('utf8') ?? '{}')
    return Number.isInteger(state.leaderEpoch) && state.leaderEpoch > 0 ? state.leaderEpoch : 0
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return 0
  }
}

/** `voters`: node ids of the fixed list; none where the log names them. */
export function writeQuorumState(
  disk: Disk,
  metadataFolder: string,
  o: { readonly leaderId: number; readonly leaderEpoch: number; readonly voters: readonly number[] },
): void {
  const { leaderId, leaderEpoch } = o
  const state =
    o.voters.length > 0
      ? {
          clusterId: '',
          ...{ leaderId, leaderEpoch, votedId: -1, appliedOffset: 0 },
          currentVoters: o.voters.map((voterId) => ({ voterId })),
          data_version: 0,
        }
      : { leaderId, leaderEpoch, votedId: -1, votedDirectoryId: ZERO_UUID, data_version: 1 }
  disk.replaceFile(`${metadataFolder}/quorum-state`, Buffer.from(JSON.stringify(state)))
}
