/** What a loss of power may bring back of an end that was cut off. */
import { expect, test } from 'vitest'
import { readOffsetCheckpoint } from './checkpoint.ts'
import { RECOVERY_POINT_CHECKPOINT } from './file_names.ts'
import { batch, bench, contents, produce } from './testing.ts'

const SLOW_SYNCS = { syncMs: { low: 10, high: 10 } }

test('a sync that began before the end was cut off says nothing about what was appended after it', async () => {
  const b = bench()
  b.machine.disk = SLOW_SYNCS
  b.kill()
  const log = b.log(b.open())
  produce(log, batch(0, 3))
  produce(log, batch(3, 3))
  const before = log.sync()
  await b.time.runFor(1)
  log.truncateTo(3)
  const after = log.sync()
  produce(log, batch(7, 3), { leaderEpoch: 1 })
  await b.wait(before)
  expect(log.recoveryPoint).toBe(0)
  await b.wait(after)
  await b.wait(log.sync())
  b.crash()
  expect(await contents(b, b.log(b.open()))).toEqual(['0=v0', '1=v1', '2=v2', '3=v7', '4=v8', '5=v9'])
})

test('the checkpoint claims no more than what was not cut off, before anything is appended there', async () => {
  const b = bench()
  const manager = b.open()
  const log = b.log(manager)
  const noted = () => readOffsetCheckpoint(b.env.disk, `/data/${RECOVERY_POINT_CHECKPOINT}`).get('t-0')
  produce(log, batch(0, 3))
  produce(log, batch(3, 3))
  await b.wait(log.sync())
  manager.checkpoint()
  expect(noted()).toBe(5)
  log.truncateTo(3)
  await b.time.runFor(0)
  expect(noted()).toBe(2)
})

test('a kill right after the end was cut off leaves it to the next start to correct the checkpoint', async () => {
  const b = bench()
  const manager = b.open()
  const log = b.log(manager)
  produce(log, batch(0, 3))
  produce(log, batch(3, 3))
  await b.wait(log.sync())
  manager.checkpoint()
  log.truncateTo(3)
  b.kill()
  expect(b.log(b.open()).logEndOffset).toBe(3)
  await b.time.runFor(0)
  expect(readOffsetCheckpoint(b.env.disk, `/data/${RECOVERY_POINT_CHECKPOINT}`).get('t-0')).toBe(2)
})

test('after a kill no epoch that was cut off is believed to be there, where an earlier one has gone on', async () => {
  const b = bench()
  const log = b.log(b.open())
  produce(log, batch(0, 3), { leaderEpoch: 1 })
  produce(log, batch(3, 3), { leaderEpoch: 2 })
  log.rollNow()
  await b.wait(log.sync())
  await b.time.runFor(100)
  log.truncateTo(3)
  log.appendAsFollower(batch(3, 6, { baseOffset: 3, partitionLeaderEpoch: 1 }))
  expect(log.epochs.all).toEqual([{ epoch: 1, startOffset: 0 }])
  b.kill()
  const again = b.log(b.open())
  expect(again.epochs.all).toEqual([{ epoch: 1, startOffset: 0 }])
  expect(again.endOffsetForEpoch(1)).toEqual({ epoch: 1, endOffset: 9 })
})
