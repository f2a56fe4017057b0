import { expect, test } from 'vitest'
import { createClient } from '../client/client.ts'
import { brokerHost, remoteStage } from './link/testing.ts'

/** Moves 4 MB to a second broker; resolves with how long that took, virtual ms. */
async function timeOfMove(throttle: Record<string, string>, replicas: Record<string, string>): Promise<number> {
  const s = remoteStage({ brokerSettings: { 'min.insync.replicas': '1', 'replica.fetch.max.bytes': '100000' } })
  await s.wait(s.startController())
  for (const id of [1, 2]) await s.wait(s.startBroker(id))
  const client = createClient(s.sim.machine('client').boot(), { bootstrap: [{ host: brokerHost(1), port: 9092 }] })
  await s.wait(client.admin.createTopics([{ name: 't', assignments: [{ partition: 0, replicas: [1] }] }]))
  const producer = client.producer()
  const value = Buffer.alloc(50_000, 1)
  const sent = Array.from({ length: 80 }, () => producer.send({ topic: 't', key: null, value }))
  await s.wait(Promise.all(sent))
  const set = (configs: Record<string, string>) =>
    Object.entries(configs).map(([name, value]) => ({ name, op: 'set' as const, value }))
  await s.wait(
    client.admin.incrementalAlterConfigs([
      { type: 'broker', name: '', configs: set(throttle) },
      { type: 'topic', name: 't', configs: set(replicas) },
    ]),
  )
  const beganMs = s.sim.time.elapsedMs
  await s.wait(client.admin.alterPartitionReassignments([{ topic: 't', partition: 0, replicas: [1, 2] }]))
  const inSync = () => s.controller.controller.image.partition('t', 0)!.isr.length === 2
  expect(await s.until(inSync, 120_000)).toBe(true)
  expect(s.brokers.get(2)!.partitions.replica('t', 0).log.sizeInBytes).toBeGreaterThan(4_000_000)
  return s.sim.time.elapsedMs - beganMs
}

test('a move takes its time where the leader, or the follower, is throttled for this replica', async () => {
  const rate = '500000'
  const free = await timeOfMove({}, {})
  const leader = await timeOfMove(
    { 'leader.replication.throttled.rate': rate },
    { 'leader.replication.throttled.replicas': '0:1' },
  )
  const follower = await timeOfMove(
    { 'follower.replication.throttled.rate': rate },
    { 'follower.replication.throttled.replicas': '*' },
  )
  const other = await timeOfMove(
    { 'leader.replication.throttled.rate': rate },
    { 'leader.replication.throttled.replicas': '0:2' },
  )
  expect(free).toBeLessThan(1_000)
  expect(other).toBeLessThan(1_000)
  // 4 MB at half a MB a second, less what one window lets through.
  for (const tookMs of [leader, follower]) {
    expect(tookMs).toBeGreaterThan(5_500)
    expect(tookMs).toBeLessThan(12_000)
  }
})
