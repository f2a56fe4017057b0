/**
 * What Apache Kafka 4.3.1 wrote into its metadata log while brokers of a cluster of three stopped, were killed, came back and replicas
 * were moved, beside what this controller writes in the same story. Lines of one step are sorted, fields without a value left out.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeRecords, RecordBatch } from '../records/batch.ts'
import { metadataRecordCodec } from './record_codec.ts'
import { type MemoryLog, testUuid } from './testing.ts'
import { cluster } from './testing_cluster.ts'

const kafkas = readFileSync(new URL('testdata/apache_kafka_4.3.1.three_brokers.txt', import.meta.url), 'utf8')

/** Where Kafka does not: a broker that is forgotten is not eligible any more. */
const OURS = ['t-0 {"eligibleLeaderReplicas":[]}', 'u-1 {"eligibleLeaderReplicas":[]}']

test('in the story of three brokers the records are those of Apache Kafka', async () => {
  const c = await cluster({ brokers: [1, 2, 3] })
  await c.create('t', [1, 2, 3], [2, 3, 1], [3, 1, 2])
  await c.create('u', [2], [3])
  await c.set(2, 't', 'min.insync.replicas', '2')
  const names = new Map([...c.controller.image.topics.values()].map((t) => [t.topicId, t.name]))
  const told: string[] = []
  const step = async (title: string, act: () => Promise<unknown>) => {
    const from = c.log.endOffset
    await act()
    told.push(`# ${title}`, ...lines(c.log, from, names).sort())
  }
  const allInSync = async () => {
    for (const id of [0, 1, 2]) await c.propose('t', [1, 2, 3], {}, id)
  }

  await step('broker 3 wants to stop', () => c.beat(3, { wantShutDown: true }))
  await Promise.all([c.beat(1), c.beat(2)])
  await step('broker 3 may stop', () => c.beat(3, { wantShutDown: true }))
  await step('broker 3 starts again', () => c.restart(3, true))
  await step('broker 3 is in sync again', allInSync)
  await step('broker 2 is killed', () => c.crash(2))
  await step('broker 2 starts again', () => c.restart(2, false))
  await step('broker 2 is in sync again', allInSync)
  await step('t-0 to 2,3; t-1 to 3,2,1; u-0 to 1,3', async () => {
    await c.move('t', [2, 3])
    await c.move('t', [3, 2, 1], true, 1)
    await c.move('u', [1, 3])
  })
  await step('brokers 3 and 1 are in sync in u-0', async () => {
    await c.propose('u', [2, 3])
    await c.propose('u', [1, 2, 3])
  })
  await step('preferred leaders', () =>
    c.controller.electOnRequest({ electionType: 0, topicPartitions: null, timeoutMs: 0 }),
  )
  await step('broker 3 is killed', () => c.crash(3))
  await step('broker 3 is unregistered', () => c.controller.unregisterBroker(3))

  const expected = kafkas.trimEnd().split('\n')
  expected.push(...OURS, expected.pop()!)
  expected.splice(-3, 3, ...expected.slice(-3).sort())
  expect(told.join('\n')).toBe(expected.join('\n'))
})

function lines(log: MemoryLog, from: number, names: ReadonlyMap<string, string>): string[] {
  const records = log.batches.flatMap((bytes) => decodeRecords(new RecordBatch(bytes)))
  return records.flatMap(({ key, value, offset }) => {
    if (offset < from) return []
    const { name, version, data } = metadataRecordCodec.decode(key, value)!
    switch (name) {
      case 'PartitionChangeRecord': {
        const { topicId, partitionId, directories, leader, leaderRecoveryState, ...lists } = data
        const changes = {
          ...lists,
          leader: leader === -2 ? null : leader,
          leaderRecoveryState: leaderRecoveryState === -1 ? null : leaderRecoveryState,
          directories: directories?.map((id) => [1, 2, 3].find((broker) => testUuid(broker) === id)) ?? null,
        }
        return [`${names.get(topicId)}-${partitionId} ${json(changes)}`]
      }
      case 'BrokerRegistrationChangeRecord': {
        const { fenced, inControlledShutdown } = data
        const changes = { fenced: fenced || null, inControlledShutdown: inControlledShutdown || null }
        return [`broker ${data.brokerId} v${version} ${json(changes)}`]
      }
      case 'RegisterBrokerRecord':
        return [`broker ${data.brokerId} v${version} registered`]
      case 'UnregisterBrokerRecord':
        return [`broker ${data.brokerId} v${version} unregistered`]
      default:
        return [`${name}`]
    }
  })
}

/** Without what is null, names in order. */
const json = (fields: Record<string, unknown>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(fields)
        .filter(([, value]) => value !== null)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  )
