import { expect, test } from 'vitest'
import { Simulation } from '../env/sim.ts'
import { ListOffsets } from '../protocol/messages/02_list_offsets.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { FindCoordinator } from '../protocol/messages/10_find_coordinator.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { BrokerConnection } from './connection.ts'
import { FakeCluster, type Offered } from './fake_cluster.ts'

async function open(offered: Offered = {}, options: { maxResponseBytes?: number } = {}) {
  const sim = new Simulation(3)
  const fake = new FakeCluster()
  fake.offered = offered
  fake.addTopic('orders', { leaders: [1] })
  const address = await fake.start(1, sim.machine('broker1').boot(), 'broker1', 9092)
  const connection = await sim.time.runUntilSettled(
    BrokerConnection.open(sim.machine('client').boot(), address, {
      clientId: 'test',
      requestTimeoutMs: 1_000,
      connectTimeoutMs: 1_000,
      maxResponseBytes: 1024 * 1024,
      ...options,
    }),
  )
  return { sim, fake, connection, run: <T>(p: Promise<T>) => sim.time.runUntilSettled(p) }
}

const settled = (promises: Promise<unknown>[]) =>
  Promise.allSettled(promises).then((all) => all.map((a) => (a.status === 'rejected' ? a.reason.error : 'answered')))

test('a broker that does not know our version of ApiVersions is asked again in one that it knows', async () => {
  const { fake, connection } = await open({ ApiVersions: 2 })
  expect(fake.seen.map((s) => [s.api, s.version])).toEqual([['ApiVersions', 0]])
  expect(connection.supports(Metadata)).toBe(true)
})

test('requests go out in the highest version that both sides know', async () => {
  const { fake, connection, run } = await open({ Metadata: 7 })
  await run(connection.send(Metadata, { topics: null }))
  expect(fake.seen.at(-1)).toMatchObject({ api: 'Metadata', version: 7 })
  expect(connection.supports(Metadata, 8)).toBe(false)
})

test('an API that the broker does not offer fails with UNSUPPORTED_VERSION and leaves the connection open', async () => {
  const { connection, run } = await open({ FindCoordinator: 'none', ListOffsets: 5 })
  const body = { topics: [], timeoutMs: 0 }
  expect(await run(settled([connection.send(CreateTopics, body)]))).toEqual(['UNSUPPORTED_VERSION'])
  expect(await run(settled([connection.send(FindCoordinator, {})]))).toEqual(['UNSUPPORTED_VERSION'])
  const old = connection.send(ListOffsets, { replicaId: -1, topics: [] }, { minVersion: 7 })
  expect(await run(settled([old]))).toEqual(['UNSUPPORTED_VERSION'])
  expect(await run(settled([connection.send(Metadata, { topics: null })]))).toEqual(['answered'])
})

test('many requests are on their way at once, and each gets its own answer', async () => {
  const { fake, connection, run } = await open()
  for (const name of ['a', 'b', 'c', 'd']) fake.addTopic(name, { leaders: [1] })
  const names = ['d', 'a', 'c', 'b']
  const answers = names.map((name) => connection.send(Metadata, { topics: [{ name }] }))
  expect(connection.inFlight).toBe(4)
  expect((await run(Promise.all(answers))).map((r) => r.topics[0]!.name)).toEqual(names)
  expect(connection.inFlight).toBe(0)
})

test('a broker that is silent for the request timeout is given up, with all that waited for it', async () => {
  const { sim, fake, connection, run } = await open()
  fake.on(Metadata, () => 'silence')
  const begin = sim.time.elapsedMs
  const waiting = [connection.send(Metadata, { topics: null }), connection.send(Metadata, { topics: null })]
  expect(await run(settled(waiting))).toEqual(['REQUEST_TIMED_OUT', 'REQUEST_TIMED_OUT'])
  expect(sim.time.elapsedMs - begin).toBeCloseTo(1_000, -1)
  expect(connection.ended?.error).toBe('REQUEST_TIMED_OUT')
})

test('a long poll may take as much longer as was allowed for it', async () => {
  const { sim, fake, connection, run } = await open()
  fake.on(Metadata, () => 'silence')
  const begin = sim.time.elapsedMs
  await run(settled([connection.send(Metadata, { topics: null }, { extraTimeoutMs: 5_000 })]))
  expect(sim.time.elapsedMs - begin).toBeCloseTo(6_000, -1)
})

test('a connection that ends fails what waits for an answer, retriably, and later requests at once', async () => {
  const { fake, connection, run } = await open()
  fake.on(Metadata, () => 'cut')
  const [first] = await run(Promise.allSettled([connection.send(Metadata, { topics: null })]))
  expect(first).toMatchObject({ reason: { error: 'NETWORK_EXCEPTION', retriable: true } })
  expect(await run(settled([connection.send(Metadata, { topics: null })]))).toEqual(['NETWORK_EXCEPTION'])
})

test('an answer larger than allowed ends the connection before it is kept', async () => {
  const { fake, connection, run } = await open({}, { maxResponseBytes: 2_000 })
  for (let i = 0; i < 200; i++) fake.addTopic(`topic-${i}`, { leaders: [1] })
  expect(await run(settled([connection.send(Metadata, { topics: null })]))).toEqual(['NETWORK_EXCEPTION'])
  expect(connection.ended?.message).toContain('cannot be read')
})

test('an address where nobody listens fails with NETWORK_EXCEPTION', async () => {
  const sim = new Simulation(1)
  const opening = BrokerConnection.open(
    sim.machine('client').boot(),
    { host: 'nobody', port: 9092 },
    { clientId: 'test', requestTimeoutMs: 1_000, connectTimeoutMs: 1_000, maxResponseBytes: 1024 },
  )
  expect(await sim.time.runUntilSettled(settled([opening]))).toEqual(['NETWORK_EXCEPTION'])
})
