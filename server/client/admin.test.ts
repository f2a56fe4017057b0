import { expect, test } from 'vitest'
import { ListOffsets } from '../protocol/messages/02_list_offsets.ts'
import { buildBatch } from '../records/build_batch.ts'
import { fakeWorld } from './fake_world.ts'

const batch = (timestamp: number, n = 1) =>
  buildBatch(
    Array.from({ length: n }, () => ({ key: null, value: Buffer.from('v') })),
    { timestamp },
  )

async function world() {
  const w = await fakeWorld({ nodes: 2 })
  w.fake.addTopic('a', { leaders: [1, 2, 1] })
  w.fake.append('a', 0, batch(1_000, 3))
  w.fake.append('a', 0, batch(2_000, 2))
  w.fake.append('a', 1, batch(1_500))
  return w
}

test('offsets of many partitions are one request a leader, answered in the order of the question', async () => {
  const { fake, client, run } = await world()
  const offsets = await run(
    client.admin.listOffsets([
      { topic: 'a', partition: 2, at: 'latest' },
      { topic: 'a', partition: 0, at: 'latest' },
      { topic: 'a', partition: 1, at: 'earliest' },
    ]),
  )
  expect(offsets.map((o) => [o.partition, o.offset, o.error])).toEqual([
    [2, 0, null],
    [0, 5, null],
    [1, 0, null],
  ])
  expect(
    fake.seen
      .filter((s) => s.api === 'ListOffsets')
      .map((s) => s.node)
      .sort(),
  ).toEqual([1, 2])
})

test('one partition may be asked for several offsets, which brokers refuse in one request', async () => {
  const { client, run } = await world()
  const at = ['earliest', 'latest', 1_500, 9_000] as const
  const offsets = await run(client.admin.listOffsets(at.map((at) => ({ topic: 'a', partition: 0, at }))))
  expect(offsets.map((o) => [o.offset, o.timestamp])).toEqual([
    [0, null],
    [5, null],
    [3, 2_000],
    [null, null],
  ])
})

test('what fails for one partition is told for that one, and the others are answered', async () => {
  const { client, run } = await world()
  const offsets = await run(
    client.admin.listOffsets([
      { topic: 'a', partition: 0, at: 'latest' },
      { topic: 'a', partition: 9, at: 'latest' },
      { topic: 'nope', partition: 0, at: 'latest' },
    ]),
  )
  expect(offsets.map((o) => o.error?.error ?? o.offset)).toEqual([
    5,
    'UNKNOWN_TOPIC_OR_PARTITION',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ])
})

test('a partition whose leader has moved is asked of the new one', async () => {
  const { fake, client, run } = await world()
  const latest = () => run(client.admin.listOffsets([{ topic: 'a', partition: 0, at: 'latest' }]))
  await latest()
  fake.moveLeader('a', 0, 2)
  expect(await latest()).toMatchObject([{ offset: 5, error: null }])
  expect(fake.seen.filter((s) => s.api === 'ListOffsets').map((s) => s.node)).toEqual([1, 1, 2])
})

test('a leader that hangs fails its own partitions after as long as the caller waits', async () => {
  const { fake, client, run, sim } = await world()
  await run(client.cluster.topic('a'))
  fake.on(ListOffsets, (_, { node }) => (node === 2 ? 'silence' : undefined))
  const begin = sim.time.elapsedMs
  const offsets = await run(
    client.admin.listOffsets(
      [
        { topic: 'a', partition: 0, at: 'latest' },
        { topic: 'a', partition: 1, at: 'latest' },
      ],
      { timeoutMs: 1_500, answerWithinMs: 1_500 },
    ),
  )
  expect(offsets.map((o) => o.error?.error ?? o.offset)).toEqual([5, 'REQUEST_TIMED_OUT'])
  expect(sim.time.elapsedMs - begin).toBeLessThan(1_600)
})

test('a leader that cannot be reached fails its own partitions when the time is up', async () => {
  const { fake, client, run } = await world()
  fake.on(ListOffsets, (_, { node }) => (node === 2 ? 'cut' : undefined))
  const offsets = await run(
    client.admin.listOffsets(
      [
        { topic: 'a', partition: 0, at: 'latest' },
        { topic: 'a', partition: 1, at: 'latest' },
      ],
      { timeoutMs: 1_000 },
    ),
  )
  expect(offsets.map((o) => o.error?.error ?? o.offset)).toEqual([5, 'NETWORK_EXCEPTION'])
})

test('an offset that only newer brokers can find is refused where they are older', async () => {
  const { fake, client, run } = await world()
  fake.offered = { ListOffsets: 6 }
  const wanted = [{ topic: 'a', partition: 0, at: 'maxTimestamp' as const }]
  expect(await run(client.admin.listOffsets(wanted))).toMatchObject([{ error: { error: 'UNSUPPORTED_VERSION' } }])
})

test.each([7, 9])('committed offsets come back as they were set, OffsetFetch version %i', async (version) => {
  const { fake, client, run } = await world()
  fake.offered = { OffsetFetch: version }
  const offsets = [
    { topic: 'a', partition: 0, offset: 3 },
    { topic: 'a', partition: 2, offset: 0 },
  ]
  expect(await run(client.admin.offsetCommit('g', offsets))).toEqual([
    { topic: 'a', partition: 0, error: null },
    { topic: 'a', partition: 2, error: null },
  ])
  const groups = await run(client.admin.offsetFetch([{ groupId: 'g' }, { groupId: 'other' }, { groupId: 'g' }]))
  expect(groups.map((g) => g.offsets.map((o) => [o.partition, o.offset]))).toEqual([
    [
      [0, 3],
      [2, 0],
    ],
    [],
    [
      [0, 3],
      [2, 0],
    ],
  ])
})

test('configs come with their source and type in words', async () => {
  const { client, run } = await world()
  expect(await run(client.admin.describeConfigs([{ type: 'topic', name: 'a' }]))).toMatchObject([
    {
      type: 'topic',
      name: 'a',
      error: null,
      configs: [{ name: 'retention.ms', value: '604800000', source: 'DEFAULT_CONFIG' }],
    },
  ])
})

test('a cluster that has no DescribeCluster is described by its metadata', async () => {
  const { client, run, fake } = await world()
  const { clusterId, brokers } = await run(client.admin.describeCluster())
  expect(clusterId).toBe(fake.clusterId)
  expect(brokers.map((b) => [b.id, b.host, b.isFenced])).toEqual([
    [1, 'broker1', false],
    [2, 'broker2', false],
  ])
})
