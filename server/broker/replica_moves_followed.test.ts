import { expect, test } from 'vitest'
import { AlterReplicaLogDirs } from '../protocol/messages/34_alter_replica_log_dirs.ts'
import { ClusterLife } from './cluster_life.ts'

const DIRS = ['/a', '/b']

async function moved(seed: number, faults: number): Promise<void> {
  const life = new ClusterLife({
    seed,
    faults,
    kinds: ['kill', 'stop', 'cut', 'reset'],
    settings: { 'log.dirs': DIRS.join(), 'replica.alter.log.dirs.io.max.bytes.per.second': '40000' },
  })
  await life.begin()
  const { stage, random } = life
  const move = async (id: number, topic: string, index: number) => {
    const path = random.pick(DIRS)
    await stage
      .ask(id, AlterReplicaLogDirs, { dirs: [{ path, topics: [{ name: topic, partitions: [index] }] }] })
      .catch(() => {})
  }
  await stage.sim.time.runFor(500)
  for (let i = 0; i < faults; i++) {
    for (const id of stage.brokers.keys()) for (let p = 0; p < life.partitions; p++) await move(id, 't', p)
    await life.somethingHappens()
  }
  await life.end()
  expect(await life.judge(), stage.lines.slice(-20).join('\n')).toEqual([])
  // At rest every move comes to its end.
  const path = '/b'
  for (const id of life.ids) {
    await stage.ask(id, AlterReplicaLogDirs, {
      dirs: [{ path, topics: [{ name: 't', partitions: [0, 1, 2].slice(0, life.partitions) }] }],
    })
  }
  const isThere = () =>
    [...stage.brokers.values()].every((b) => [0, 1, 2].every((p) => b.partitions.replica('t', p).log.isIn(path)))
  expect(await stage.until(isThere, 60_000)).toBe(true)
  expect(await life.judge()).toEqual([])
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'replicas that are followed are moved to other log dirs while leaders change: seed %i',
  (seed) => moved(seed, 5),
)
