/**
 * The file `quorum-state` beside the metadata log: who leads, and for whom this node has voted. JSON, with
 * `data_version` for its version.
 */
import { array, int32, int64, message, string, uuid } from '../schema.ts'

export const QuorumState = message(
  'QuorumState',
  { versions: '0-1', flexible: '0+' },
  {
    clusterId: string({ versions: '0' }),
    leaderId: int32({ default: -1 }),
    leaderEpoch: int32({ default: -1 }),
    votedId: int32({ default: -1 }),
    votedDirectoryId: uuid({ versions: '1+' }),
    appliedOffset: int64({ versions: '0' }),
    currentVoters: array(
      {
        voterId: int32(),
      },
      { versions: '0', nullable: '0+' },
    ),
  },
)
