import { expect, test } from 'vitest'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { OffsetFetch } from '../protocol/messages/09_offset_fetch.ts'
import { FindCoordinator } from '../protocol/messages/10_find_coordinator.ts'
import { ApiVersions } from '../protocol/messages/18_api_versions.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DescribeConfigs } from '../protocol/messages/32_describe_configs.ts'
import { DescribeQuorum } from '../protocol/messages/55_describe_quorum.ts'
import { parseAddresses } from './client.ts'
import { fakeWorld } from './fake_world.ts'

test('the next bootstrap address is taken when one does not answer', async () => {
  const { fake, client, run } = await fakeWorld({ nodes: 2 })
  await fake.stop(1)
  expect(await run(client.cluster.clusterId())).toBe(fake.clusterId)
})

test('a broker that has gone silent holds nobody up: another is asked as well, and first from then on', async () => {
  const { fake, client, run, sim } = await fakeWorld({ nodes: 3 })
  await run(client.cluster.brokers())
  const first = fake.seen.find((s) => s.api === 'Metadata')!.node
  fake.on(Metadata, (_body, { node }) => (node === first ? 'silence' : undefined))
  const took = async () => {
    const begin = sim.time.elapsedMs
    await run(client.cluster.refresh([]))
    return sim.time.elapsedMs - begin
  }
  expect(await took()).toBeLessThan(1_100)
  expect(await took(), 'the silent one is not asked again').toBeLessThan(50)
})

test('a broker that takes connections and says nothing is no reason to fail either', async () => {
  const { client, run, sim } = await fakeWorld({
    nodes: 3,
    prepare: (fake) => fake.on(ApiVersions, (_body, { node }) => (node === 1 ? 'silence' : undefined)),
  })
  await run(client.cluster.brokers())
  expect(sim.time.elapsedMs).toBeLessThan(1_100)
})

test('a broker that is cut off from the controllers is no longer believed where another is not', async () => {
  const { fake, client, run } = await fakeWorld({ nodes: 3 })
  fake.addTopic('a', { leaders: [1] })
  const asked = () => fake.seen.filter((s) => s.api === 'Metadata').at(-1)!.node
  const better = (...reach: number[]) => run(client.cluster.lookForBetter(async (node) => reach.includes(node)))
  await run(client.cluster.refresh(null))
  const first = asked()
  const others = [1, 2, 3].filter((node) => node !== first)
  expect(await better(1, 2, 3)).toBe(false)
  expect(await better(), 'no controller is no reason').toBe(false)
  await run(client.cluster.refresh(null))
  expect(asked()).toBe(first)
  expect(await better(others[1]!)).toBe(true)
  await run(client.cluster.refresh(null))
  expect(asked()).toBe(others[1])
})

test('what waits for a controller holds up nothing else', async () => {
  const { fake, client, run, sim } = await fakeWorld({ client: { requestTimeoutMs: 5_000 } })
  fake.on(DescribeQuorum, () => 'silence')
  fake.on(DescribeConfigs, () => 'silence')
  await run(client.cluster.brokers())
  const error = (e: unknown) => e
  const quorum = client.admin.describeQuorum().catch(error)
  const change = client.cluster
    .request('controller', DescribeConfigs, { resources: [] }, { timeoutMs: 1_000 })
    .catch(error)
  await sim.time.runFor(10)
  const begin = sim.time.elapsedMs
  await run(client.cluster.refresh([]))
  expect(sim.time.elapsedMs - begin).toBeLessThan(50)
  expect(await run(quorum)).toMatchObject({ error: 'REQUEST_TIMED_OUT' })
  expect(await run(change)).toMatchObject({ message: 'No controller has answered DescribeConfigs in time' })
})

test('the lookups of one turn are one Metadata request', async () => {
  const { fake, client, run } = await fakeWorld()
  for (const name of ['a', 'b', 'c']) fake.addTopic(name, { leaders: [1] })
  const topics = await run(Promise.all(['a', 'b', 'c', 'a'].map((name) => client.cluster.topic(name))))
  expect(topics.map((t) => t.name)).toEqual(['a', 'b', 'c', 'a'])
  expect(fake.seen.filter((s) => s.api === 'Metadata')).toHaveLength(1)
})

test('metadata of a topic is kept until it is too old or somebody asks for fresh', async () => {
  const { fake, client, run, sim } = await fakeWorld({ client: { metadataMaxAgeMs: 10_000 } })
  fake.addTopic('a', { leaders: [1] })
  const asked = () => fake.seen.filter((s) => s.api === 'Metadata').length
  await run(client.cluster.topic('a'))
  await run(client.cluster.topic('a'))
  expect(asked()).toBe(1)
  await run(client.cluster.topic('a', { maxAgeMs: -1 }))
  expect(asked()).toBe(2)
  await sim.time.runFor(10_001)
  await run(client.cluster.topic('a'))
  expect(asked()).toBe(3)
})

test('a topic that is not there fails at once, and is not created by asking', async () => {
  const { fake, client, fails, sim } = await fakeWorld()
  const begin = sim.time.elapsedMs
  expect(await fails(client.cluster.topic('nope'))).toMatchObject({ error: 'UNKNOWN_TOPIC_OR_PARTITION' })
  expect(sim.time.elapsedMs - begin).toBeLessThan(50)
  expect(fake.seen.at(-1)!.body.allowAutoTopicCreation).toBe(false)
})

test('a request whose connection breaks is tried again, with growing pauses, until the time is up', async () => {
  const { fake, client, run, fails, sim } = await fakeWorld({ client: { callTimeoutMs: 5_000 } })
  fake.next(Metadata, 2, () => 'cut')
  expect(await run(client.cluster.refresh([]))).toEqual([])
  fake.on(Metadata, () => 'cut')
  const begin = sim.time.elapsedMs
  expect(await fails(client.cluster.refresh([]))).toMatchObject({ error: 'NETWORK_EXCEPTION' })
  expect(sim.time.elapsedMs - begin).toBeGreaterThan(3_000)
  expect(fake.seen.filter((s) => s.api === 'Metadata').length).toBeLessThan(20)
})

test('what the cluster can do is known before it is asked to', async () => {
  const { client, run } = await fakeWorld({ prepare: (fake) => (fake.offered = { OffsetFetch: 5 }) })
  expect(await run(client.cluster.supports(OffsetFetch))).toBe(true)
  expect(await run(client.cluster.supports(OffsetFetch, 8))).toBe(false)
  expect(await run(client.cluster.supports(CreateTopics))).toBe(false)
})

test.each([3, 6])('the coordinator of a group is looked up once, FindCoordinator version %i', async (version) => {
  const { fake, client, run } = await fakeWorld({
    nodes: 2,
    prepare: (fake) => (fake.offered = { FindCoordinator: version }),
  })
  await run(client.cluster.brokers())
  expect(await run(client.cluster.coordinator({ group: 'g' }))).toBe(2)
  expect(await run(client.cluster.coordinator({ group: 'g' }))).toBe(2)
  expect(fake.seen.filter((s) => s.api === 'FindCoordinator').map((s) => s.version)).toEqual([version])
})

test('a coordinator that has moved is looked up again', async () => {
  const { fake, client, run } = await fakeWorld({ nodes: 2 })
  await run(client.admin.offsetCommit('g', [{ topic: 'a', partition: 0, offset: 7 }]))
  fake.next(OffsetFetch, 1, (body) => ({
    groups: body.groups.map((g) => ({ groupId: g.groupId, topics: [], errorCode: 16 })),
  }))
  const [group] = await run(client.admin.offsetFetch([{ groupId: 'g' }]))
  expect(group).toMatchObject({ error: null, offsets: [{ topic: 'a', partition: 0, offset: 7 }] })
  expect(fake.seen.filter((s) => s.api === FindCoordinator.name)).toHaveLength(2)
})

test('a broker that comes back at another port is found there', async () => {
  const { fake, client, run, sim } = await fakeWorld({ nodes: 2 })
  fake.addTopic('a', { leaders: [2] })
  const latest = () => run(client.admin.listOffsets([{ topic: 'a', partition: 0, at: 'latest' }]))
  expect(await latest()).toMatchObject([{ offset: 0 }])
  await fake.stop(2)
  await fake.start(2, sim.machine('broker2').boot(), 'broker2', 9999)
  expect(await latest()).toMatchObject([{ offset: 0, error: null }])
  expect(await run(client.admin.apiVersions([2]))).toMatchObject([{ broker: 2, error: null }])
})

test('a broker that has joined is among those that are asked, a moment later', async () => {
  const { fake, client, run, sim } = await fakeWorld()
  const brokers = async () => (await run(client.admin.apiVersions())).map((b) => b.broker)
  expect(await brokers()).toEqual([1])
  await fake.start(2, sim.machine('broker2').boot(), 'broker2', 9092)
  await sim.time.runFor(5_001)
  expect(await brokers()).toEqual([1, 2])
})

test('a closed client asks nobody', async () => {
  const { client, fails } = await fakeWorld()
  await client.close()
  expect(await fails(client.cluster.clusterId())).toMatchObject({ error: 'BROKER_NOT_AVAILABLE' })
})

test.each([
  ['localhost:9092', [{ host: 'localhost', port: 9092 }]],
  [
    'a, b:1234',
    [
      { host: 'a', port: 9092 },
      { host: 'b', port: 1234 },
    ],
  ],
  ['[::1]:9093', [{ host: '::1', port: 9093 }]],
  ['PLAINTEXT://a:1', [{ host: 'a', port: 1 }]],
])('the address list %s is understood', (list, addresses) => {
  expect(parseAddresses(list)).toEqual(addresses)
})

test.each(['', 'a:b', 'a:70000', 'a b', 'a:0'])('the address list "%s" is refused', (list) => {
  expect(() => parseAddresses(list)).toThrow(TypeError)
})
