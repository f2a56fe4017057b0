/** A disk gives up writing, shows all the same what it was given, and then works again: what is told after that must be safe. */
import { expect, test } from 'vitest'
import { simEnv } from '../env/sim.ts'
import { batch, bench, contents, expected, produce } from './testing.ts'

const MARK = '/data/.disk-failed'

/** A sync of `t-0` has failed, after `synced` of ten batches were safe; the process was ended, and another has opened its folder. */
async function afterFailure(o: { synced: number; segmentBytes?: number }) {
  const b = bench({ config: { segmentBytes: o.segmentBytes ?? 100_000 }, manager: { tailCacheBytes: 0 } })
  const log = b.log(b.open())
  for (let i = 0; i < 10; i++) {
    if (i === o.synced) await b.wait(log.sync())
    produce(log, batch(i, 1, { padding: 100 }))
  }
  b.env.disk.options.faults = ({ kind, path }) => (kind === 'sync' && path.includes('t-0') ? 'EIO' : undefined)
  await expect(b.wait(log.sync())).rejects.toThrow('EIO')
  b.kill()
  const manager = b.open()
  return { b, manager, log: b.log(manager) }
}

test.each([0, 4, 9])(
  'what a failed sync gave up is safe once a later one has succeeded, from offset %i on',
  async (synced) => {
    for (const segmentBytes of [100_000, 500]) {
      const { b, log } = await afterFailure({ synced, segmentBytes })
      expect(await contents(b, log)).toEqual(expected(0, 10))
      await b.wait(log.sync())
      await b.time.runFor(1000)
      b.crash()
      expect(await contents(b, b.log(b.open()))).toEqual(expected(0, 10))
    }
  },
)

test('it is known until all of it is safe, and then no more', async () => {
  const { b, manager, log } = await afterFailure({ synced: 4 })
  manager.checkpoint()
  expect(b.env.disk.exists(MARK)).toBe(true)
  await b.wait(log.sync())
  manager.checkpoint()
  expect(b.env.disk.exists(MARK)).toBe(false)
})

test('it is known for all that is in the dir, opened or not', async () => {
  const { b } = await afterFailure({ synced: 0 })
  b.kill()
  const next = b.open()
  next.checkpoint()
  expect(b.env.disk.exists(MARK)).toBe(true)
  const log = b.log(next)
  await b.wait(log.sync())
  next.checkpoint()
  expect(b.env.disk.exists(MARK)).toBe(false)
})

test('the simulated disk gives up for good what it is not given again, or these tests would show nothing', async () => {
  const { env, machine, time } = simEnv(1)
  const file = env.disk.open('/f', 'write')
  await time.runUntilSettled(file.sync())
  env.disk.syncDirectory('/')
  file.write([Buffer.from('given up')], 0)
  env.disk.options.faults = ({ kind }) => (kind === 'sync' ? 'EIO' : undefined)
  await expect(time.runUntilSettled(file.sync())).rejects.toThrow('EIO')
  env.disk.options.faults = () => undefined
  await time.runUntilSettled(file.sync())
  expect(env.disk.readFile('/f')?.toString()).toBe('given up')
  machine.crash()
  expect(machine.boot().disk.readFile('/f')?.toString()).not.toBe('given up')
})
