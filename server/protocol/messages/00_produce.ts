/**
 * A producer appends record batches to partitions. Versions 0 to 2 carry the old message sets (magic 0 and 1), from
 * version 3 on one batch of magic 2 for each partition; transactions came with it (KIP-98). Version 13 names topics by
 * id (KIP-516).
 */
import { api } from '../api.ts'
import { array, int16, int32, int64, records, string, struct, uuid } from '../schema.ts'

export const Produce = api({
  key: 0,
  name: 'Produce',
  versions: '0-13',
  flexible: '9+',
  request: {
    transactionalId: string({ versions: '3+', nullable: '3+', default: null }),
    /** -1 answers when all in-sync replicas have the records, 1 when the leader has them; 0 gets no response at all. */
    acks: int16(),
    timeoutMs: int32(),
    topicData: array({
      topicId: uuid({ versions: '13+' }),
      name: string({ versions: '0-12' }),
      partitionData: array({
        index: int32(),
        records: records(),
      }),
    }),
  },
  response: {
    responses: array({
      topicId: uuid({ versions: '13+' }),
      name: string({ versions: '0-12' }),
      partitionResponses: array({
        index: int32(),
        errorCode: int16(),
        baseOffset: int64(),
        /** -1 unless message.timestamp.type is LogAppendTime. */
        logAppendTimeMs: int64({ versions: '2+', default: -1 }),
        logStartOffset: int64({ versions: '5+', default: -1 }),
        /** Which records were refused, where only some of a batch were at fault (KIP-467). */
        recordErrors: array(
          {
            batchIndex: int32(),
            batchIndexErrorMessage: string({ nullable: '8+', default: null }),
          },
          { versions: '8+' },
        ),
        errorMessage: string({ versions: '8+', nullable: '8+', default: null }),
        /** With NOT_LEADER_OR_FOLLOWER: where to go instead, so that the client need not ask for metadata (KIP-951). */
        currentLeader: struct(
          {
            leaderId: int32({ default: -1 }),
            leaderEpoch: int32({ default: -1 }),
          },
          { versions: '10+', tag: 0 },
        ),
      }),
    }),
    throttleTimeMs: int32({ versions: '1+' }),
    nodeEndpoints: array(
      {
        nodeId: int32(),
        host: string(),
        port: int32(),
        rack: string({ nullable: '10+', default: null }),
      },
      { versions: '10+', tag: 0 },
    ),
  },
})
