/**
 * A partition's leader asks the controller to change the ISR (KIP-497). Version 3 names the broker epochs, so that
 * nobody joins who has restarted since (KIP-903).
 */
import { api } from '../api.ts'
import { array, int8, int16, int32, int64, string, uuid } from '../schema.ts'

export const AlterPartition = api({
  key: 56,
  name: 'AlterPartition',
  versions: '0-3',
  flexible: '2+',
  request: {
    brokerId: int32(),
    brokerEpoch: int64({ default: -1 }),
    topics: array({
      topicId: uuid({ versions: '2+' }),
      topicName: string({ versions: '0-1' }),
      partitions: array({
        partitionIndex: int32(),
        leaderEpoch: int32(),
        newIsrWithEpochs: array(
          {
            brokerId: int32(),
            brokerEpoch: int64({ default: -1 }),
          },
          { versions: '3+' },
        ),
        newIsr: array(int32(), { versions: '0-2' }),
        /** 1 while a leader that was elected uncleanly still recovers (KIP-704). */
        leaderRecoveryState: int8({ versions: '1+' }),
        /** Grows with each change of the partition: what is not current is refused. */
        partitionEpoch: int32(),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16(),
    topics: array({
      topicId: uuid({ versions: '2+' }),
      topicName: string({ versions: '0-1' }),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        leaderId: int32(),
        leaderEpoch: int32(),
        isr: array(int32()),
        leaderRecoveryState: int8({ versions: '1+' }),
        partitionEpoch: int32(),
      }),
    }),
  },
})
