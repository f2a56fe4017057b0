/**
 * A candidate of the controllers' quorum asks for votes (KIP-595). Version 1 tells voters by directory too (KIP-853),
 * version 2 can ask without standing yet (KIP-996).
 */
import { api } from '../api.ts'
import { array, bool, int16, int32, int64, string, uint16, uuid } from '../schema.ts'

export const Vote = api({
  key: 52,
  name: 'Vote',
  versions: '0-2',
  flexible: '0+',
  request: {
    clusterId: string({ nullable: '0+', default: null }),
    voterId: int32({ versions: '1+', default: -1 }),
    topics: array({
      topicName: string(),
      partitions: array({
        partitionIndex: int32(),
        replicaEpoch: int32(),
        replicaId: int32(),
        replicaDirectoryId: uuid({ versions: '1+' }),
        voterDirectoryId: uuid({ versions: '1+' }),
        lastOffsetEpoch: int32(),
        lastOffset: int64(),
        /** Would you vote for me? Changes nothing. */
        preVote: bool({ versions: '2+' }),
      }),
    }),
  },
  response: {
    errorCode: int16(),
    topics: array({
      topicName: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        leaderId: int32(),
        leaderEpoch: int32(),
        voteGranted: bool(),
      }),
    }),
    nodeEndpoints: array(
      {
        nodeId: int32(),
        host: string(),
        port: uint16(),
      },
      { versions: '1+', tag: 0 },
    ),
  },
})
