import { api } from '../api.ts'
import { array, int8, int16, int32, int64, records, string, struct, uuid } from '../schema.ts'

export const Fetch = api({
  key: 1,
  name: 'Fetch',
  versions: '0-18',
  flexible: '12+',
  request: {
    replicaId: int32({ versions: '0-14', default: -1 }),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32({ versions: '3+', default: 2147483647 }),
    isolationLevel: int8({ versions: '4+' }),
    sessionId: int32({ versions: '7+' }),
    sessionEpoch: int32({ versions: '7+', default: -1 }),
    topics: array({
      topicId: uuid({ versions: '13+' }),
      topic: string({ versions: '0-12' }),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32({ versions: '9+', default: -1 }),
        fetchOffset: int64(),
        lastFetchedEpoch: int32({ versions: '12+', default: -1 }),
        logStartOffset: int64({ versions: '5+', default: -1 }),
        partitionMaxBytes: int32(),
        replicaDirectoryId: uuid({ versions: '17+', tag: 0 }),
        highWatermark: int64({ versions: '18+', tag: 1, default: 2 ** 63 }),
      }),
    }),
    forgottenTopicsData: array(
      {
        topicId: uuid({ versions: '13+' }),
        topic: string({ versions: '7-12' }),
        partitions: array(int32()),
      },
      { versions: '7+' },
    ),
    rackId: string({ versions: '11+' }),
    clusterId: string({ versions: '12+', nullable: '12+', tag: 0, default: null }),
    replicaState: struct(
      {
        replicaId: int32({ default: -1 }),
        replicaEpoch: int64({ default: -1 }),
      },
      { versions: '15+', tag: 1 },
    ),
  },
  response: {
    throttleTimeMs: int32({ versions: '1+' }),
    errorCode: int16({ versions: '7+' }),
    sessionId: int32({ versions: '7+' }),
    responses: array({
      topicId: uuid({ versions: '13+' }),
      topic: string({ versions: '0-12' }),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        highWatermark: int64(),
        lastStableOffset: int64({ versions: '4+', default: -1 }),
        logStartOffset: int64({ versions: '5+', default: -1 }),
        abortedTransactions: array(
          {
            producerId: int64(),
            firstOffset: int64(),
          },
          { versions: '4+', nullable: '4+' },
        ),
        preferredReadReplica: int32({ versions: '11+', default: -1 }),
        records: records(),
        divergingEpoch: struct(
          {
            epoch: int32({ default: -1 }),
            endOffset: int64({ default: -1 }),
          },
          { versions: '12+', tag: 0 },
        ),
        currentLeader: struct(
          {
            leaderId: int32({ default: -1 }),
            leaderEpoch: int32({ default: -1 }),
          },
          { versions: '12+', tag: 1 },
        ),
        snapshotId: struct(
          {
            endOffset: int64({ default: -1 }),
            epoch: int32({ default: -1 }),
          },
          { versions: '12+', tag: 2 },
        ),
      }),
    }),
    nodeEndpoints: array(
      {
        nodeId: int32(),
        host: string(),
        port: int32(),
        rack: string({ nullable: '16+', default: null }),
      },
      { versions: '16+', tag: 0 },
    ),
  },
})
