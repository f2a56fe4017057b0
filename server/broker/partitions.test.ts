import { expect, test } from 'vitest'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { stage } from './testing.ts'

const create = (name: string, numPartitions: number) => ({
  topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
  timeoutMs: 10_000,
})

test('the folders of new partitions are made when one is asked for, the others when there is time', async () => {
  const s = stage()
  await s.start()
  const folders = () =>
    s
      .disk()
      .list('/data')
      .filter((f) => f.directory && f.name.startsWith('many-')).length
  await s.ask(CreateTopics, 7, create('many', 50))
  expect(s.broker.partitions.leader('many', 7).logEndOffset).toBe(0)
  expect(folders()).toBeGreaterThan(0)
  await s.sim.time.runFor(1_000)
  expect(folders()).toBe(50)
  await s.stop()
})
