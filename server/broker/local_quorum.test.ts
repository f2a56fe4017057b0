/** The metadata log and its snapshots under a broker on a simulated machine. */
import { expect, test } from 'vitest'
import { parseSnapshotName } from '../metadata/snapshot.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { stage } from './testing.ts'

const FOLDER = '/data/__cluster_metadata-0'
/** A snapshot after nearly every change, a segment for nearly every batch, and nothing kept that need not be. */
const eager = {
  'metadata.log.max.record.bytes.between.snapshots': '300',
  'metadata.log.segment.ms': '1',
  'metadata.max.retention.bytes': '1',
}

type Stage = ReturnType<typeof stage>

const create = (s: Stage, name: string) =>
  s.ask(CreateTopics, 7, {
    topics: [{ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 1000,
    validateOnly: false,
  })

const found = (s: Stage) => {
  const names = s
    .disk()
    .list(FOLDER)
    .map((f) => f.name)
  return {
    snapshots: names.flatMap((name) => parseSnapshotName(name)?.endOffset ?? []),
    segments: names.flatMap((name) => (name.endsWith('.log') ? [Number.parseInt(name, 10)] : [])),
  }
}

test('the metadata log is cut behind its snapshots, and what it said stays, through stops and crashes', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const s = stage({ seed })
    const names: string[] = []
    for (let life = 0; life < 6; life++) {
      await s.start(eager)
      expect([...s.broker.controller.image.topics.keys()], `seed ${seed}, life ${life}`).toEqual(names)
      for (let i = 0; i < 5; i++) {
        const name = `t-${life}-${i}`
        await create(s, name)
        names.push(name)
        s.sim.time.runFor(seed * 7)
      }
      if (life % 2 === 0) await s.stop()
      else s.machine.crash()
    }
    await s.start(eager)
    const { snapshots, segments } = found(s)
    expect(snapshots.length).toBeLessThan(5)
    expect(segments[0], 'the log before the snapshot is gone').toBeGreaterThan(0)
    expect(Math.max(...snapshots)).toBeGreaterThanOrEqual(segments[0]!)
    expect([...s.broker.controller.image.topics.keys()]).toEqual(names)
  }
})

test('a crash at any step of a snapshot and what goes with it loses nothing', async () => {
  for (let step = 1; step <= 200; step++) {
    const s = stage({ seed: step })
    await s.start(eager)
    for (const name of ['a', 'b', 'c']) await create(s, name)
    let calls = 0
    s.machine.onDiskCall = () => {
      if (++calls === step) s.machine.crash()
    }
    const told: string[] = []
    for (const name of ['d', 'e']) {
      try {
        if ((await create(s, name)).topics[0]!.errorCode === 0) told.push(name)
      } catch {
        // It was not told.
      }
    }
    s.machine.onDiskCall = () => {}
    if (calls < step) return expect(step).toBeGreaterThan(10)
    await s.start(eager)
    expect([...s.broker.controller.image.topics.keys()], `crash at ${step}`).toEqual(
      expect.arrayContaining(['a', 'b', 'c', ...told]),
    )
  }
})

test('a folder whose snapshot was taken away is refused with a sentence', async () => {
  const s = stage()
  await s.start(eager)
  for (let i = 0; i < 10; i++) await create(s, `t${i}`)
  await s.stop()
  const disk = s.disk()
  for (const { name } of disk.list(FOLDER)) if (parseSnapshotName(name)) disk.remove(`${FOLDER}/${name}`)
  await expect(s.start()).rejects.toThrow('no snapshot that can be read goes that far')
})
