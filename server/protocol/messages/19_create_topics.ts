/** Creates topics. validateOnly checks without doing it. */
import { api } from '../api.ts'
import { array, bool, int8, int16, int32, string, uuid } from '../schema.ts'

export const CreateTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: '0-7',
  flexible: '5+',
  request: {
    topics: array({
      name: string(),
      /** -1 takes the broker's num.partitions (KIP-464), and with assignments it must be -1. */
      numPartitions: int32(),
      /** -1 takes the broker's default.replication.factor. */
      replicationFactor: int16(),
      assignments: array({
        partitionIndex: int32(),
        brokerIds: array(int32()),
      }),
      configs: array({
        name: string(),
        value: string({ nullable: '0+' }),
      }),
    }),
    timeoutMs: int32({ default: 60000 }),
    validateOnly: bool({ versions: '1+' }),
  },
  response: {
    throttleTimeMs: int32({ versions: '2+' }),
    topics: array({
      name: string(),
      topicId: uuid({ versions: '7+' }),
      errorCode: int16(),
      errorMessage: string({ versions: '1+', nullable: '1+' }),
      numPartitions: int32({ versions: '5+', default: -1 }),
      replicationFactor: int16({ versions: '5+', default: -1 }),
      /** What the topic is set to, as DescribeConfigs would say; null without the right to see it (KIP-525). */
      configs: array(
        {
          name: string(),
          value: string({ nullable: '5+' }),
          readOnly: bool(),
          configSource: int8({ default: -1 }),
          isSensitive: bool(),
        },
        { versions: '5+', nullable: '5+' },
      ),
      /** Why configs is null. */
      topicConfigErrorCode: int16({ versions: '5+', tag: 0 }),
    }),
  },
})
