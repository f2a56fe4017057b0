/**
 * Consumers and followers read record batches from an offset on; the broker waits until there are enough bytes or the
 * time is up. Version 7 brought sessions, in which only what changes is sent (KIP-227), version 13 topic ids, version
 * 15 the replica's state (KIP-903).
 */
import { api } from '../api.ts'
import { array, int8, int16, int32, int64, records, string, struct, uuid } from '../schema.ts'

export const Fetch = api({
  key: 1,
  name: 'Fetch',
  versions: '0-18',
  flexible: '12+',
  request: {
    /** A follower's node id, -1 for consumers. From version 15 on it stands in replicaState. */
    replicaId: int32({ versions: '0-14', default: -1 }),
    maxWaitMs: int32(),
    minBytes: int32(),
    /** For all partitions together. The first batch is returned whole even if it is larger. */
    maxBytes: int32({ versions: '3+', default: 2147483647 }),
    /** 0 reads everything, 1 only what is not part of an open or aborted transaction. */
    isolationLevel: int8({ versions: '4+' }),
    /** 0 begins a session, or none if the epoch is -1. */
    sessionId: int32({ versions: '7+' }),
    sessionEpoch: int32({ versions: '7+', default: -1 }),
    topics: array({
      topicId: uuid({ versions: '13+' }),
      topic: string({ versions: '0-12' }),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32({ versions: '9+', default: -1 }),
        fetchOffset: int64(),
        /** Epoch of the last record that a follower has: lets the leader find where both logs part (KIP-595). */
        lastFetchedEpoch: int32({ versions: '12+', default: -1 }),
        logStartOffset: int64({ versions: '5+', default: -1 }),
        /** Of this partition. A first batch that is larger is returned whole all the same. */
        partitionMaxBytes: int32(),
        replicaDirectoryId: uuid({ versions: '17+', tag: 0 }),
        /** What the follower knows, so that the leader answers early when there is news (KIP-1166). */
        highWatermark: int64({ versions: '18+', tag: 1, default: 2 ** 63 }),
      }),
    }),
    /** Partitions to take out of the session. */
    forgottenTopicsData: array(
      {
        topicId: uuid({ versions: '13+' }),
        topic: string({ versions: '7-12' }),
        partitions: array(int32()),
      },
      { versions: '7+' },
    ),
    /** Lets the broker name a replica in the consumer's own rack (KIP-392). */
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
        /** The first offset that belongs to an open transaction, or the high watermark. */
        lastStableOffset: int64({ versions: '4+', default: -1 }),
        logStartOffset: int64({ versions: '5+', default: -1 }),
        /** For read_committed: whose records to skip, from which offset on. Null otherwise. */
        abortedTransactions: array(
          {
            producerId: int64(),
            firstOffset: int64(),
          },
          { versions: '4+', nullable: '4+' },
        ),
        /** Read from that replica next, -1 for the leader. */
        preferredReadReplica: int32({ versions: '11+', default: -1 }),
        records: records(),
        /** Where the follower's log parts from the leader's; it cuts its log there. */
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
        /** Sent where the log no longer holds the offset: fetch this snapshot first (KIP-630). */
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
