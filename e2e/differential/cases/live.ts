/** Settings of topics and of the broker that count from the moment they are changed, seen in what becomes of records. */
import { Produce } from '../../../server/protocol/messages/00_produce.ts'
import { CreateTopics } from '../../../server/protocol/messages/19_create_topics.ts'
import { IncrementalAlterConfigs } from '../../../server/protocol/messages/44_incremental_alter_configs.ts'
import { buildBatch } from '../../../server/records/build_batch.ts'
import { type StepOptions, step } from '../step.ts'

const TOPIC = 2
const BROKER = 4
const T = 'live'
const NOW = Date.now()

const set = (resourceType: number, resourceName: string, changes: Record<string, string | null>) =>
  step(
    `${Object.entries(changes)
      .map(([name, value]) => (value === null ? `no ${name}` : `${name}=${value}`))
      .join(', ')} of ${resourceType === TOPIC ? 'the topic' : resourceName === '' ? 'all brokers' : 'this broker'}`,
    IncrementalAlterConfigs,
    {
      resources: [
        {
          resourceType,
          resourceName,
          configs: Object.entries(changes).map(([name, value]) => ({
            name,
            value,
            configOperation: value === null ? 1 : 0,
          })),
        },
      ],
      validateOnly: false,
    },
  )

/** Kafka takes a setting over a moment after it has answered: sent until it is as it should become. */
const produce = (
  title: string,
  o: { bytes?: number; key?: string; timestamp?: number; acks?: number },
  until: (partition: any) => boolean,
  more: StepOptions = {},
) =>
  step(
    title,
    Produce,
    {
      acks: o.acks ?? -1,
      timeoutMs: 10_000,
      topicData: [
        {
          name: T,
          partitionData: [
            {
              index: 0,
              records: buildBatch(
                [{ key: o.key === undefined ? null : Buffer.from(o.key), value: Buffer.alloc(o.bytes ?? 10) }],
                { timestamp: o.timestamp ?? NOW },
              ),
            },
          ],
        },
      ],
    },
    {
      versions: [12],
      until: (a) => until(a.responses[0].partitionResponses[0]),
      except: {
        baseOffset: 'how often it was sent until then',
        logAppendTimeMs: 'a moment, or -1',
        errorMessage: 'words',
        batchIndexErrorMessage: 'words',
      },
      ...more,
    },
  )

const TOO_LARGE = 10
const INVALID_RECORD = 87
const INVALID_TIMESTAMP = 32
const taken = (p: any) => p.errorCode === 0
const code = (wanted: number) => (p: any) => p.errorCode === wanted
const DAY = 86_400_000

export const live = [
  step('a topic', CreateTopics, {
    topics: [{ name: T, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 10_000,
    validateOnly: false,
  }),
  produce('a record', { bytes: 2_000 }, taken),
  set(BROKER, '', { 'message.max.bytes': '1000' }),
  produce('a record that is too large now', { bytes: 2_000 }, code(TOO_LARGE)),
  set(BROKER, '1', { 'message.max.bytes': '5000' }),
  produce('a record that is not any more', { bytes: 2_000 }, taken),
  set(TOPIC, T, { 'max.message.bytes': '1500' }),
  produce('a record too large for the topic', { bytes: 2_000 }, code(TOO_LARGE)),
  set(TOPIC, T, { 'max.message.bytes': null }),
  produce('a record as the broker allows', { bytes: 2_000 }, taken),
  set(BROKER, '1', { 'message.max.bytes': null }),
  set(BROKER, '', { 'message.max.bytes': null }),
  produce('a record of the default size', { bytes: 500_000 }, taken),

  set(BROKER, '', { 'log.message.timestamp.type': 'LogAppendTime' }),
  produce('a record with the time of its append', {}, (p) => p.logAppendTimeMs > 0),
  set(BROKER, '', { 'log.message.timestamp.type': null }),
  produce('a record with its own time', {}, (p) => p.logAppendTimeMs === -1),

  set(BROKER, '', { 'log.message.timestamp.before.max.ms': String(DAY) }),
  produce('a record that is too old', { timestamp: NOW - 2 * DAY }, code(INVALID_TIMESTAMP)),
  set(BROKER, '', { 'log.message.timestamp.before.max.ms': null }),
  produce('a record that is old', { timestamp: NOW - 2 * DAY }, taken),
  produce('a record from tomorrow', { timestamp: NOW + DAY }, code(INVALID_TIMESTAMP)),
  set(TOPIC, T, { 'message.timestamp.after.max.ms': String(2 * DAY) }),
  produce('a record from tomorrow, as the topic allows', { timestamp: NOW + DAY }, taken),

  set(BROKER, '', { 'log.cleanup.policy': 'compact' }),
  produce('a record without a key where there must be one', {}, code(INVALID_RECORD)),
  produce('a record with a key', { key: 'k' }, taken),
  set(BROKER, '', { 'log.cleanup.policy': null }),
  produce('a record without a key', {}, taken),

  set(TOPIC, T, { 'min.insync.replicas': '2' }),
  produce('a record for more replicas than there can be', {}, taken),
  set(TOPIC, T, { 'compression.type': 'zstd', 'compression.zstd.level': '19' }),
  produce('a record to be compressed', {}, taken),
]
