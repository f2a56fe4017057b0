import { expect, test } from 'vitest'
import { simEnv } from '../env/sim.ts'
import type { KafkaError } from '../protocol/errors.ts'
import { OffsetWaiters } from './offset_waiters.ts'

function start() {
  const { env, time } = simEnv()
  const waiters = new OffsetWaiters(env.clock)
  const told: string[] = []
  const wait = (offset: number, withinMs?: number) =>
    waiters.add(
      offset,
      () => told.push(`${offset}`),
      (e) => told.push(`${offset} ${(e as KafkaError).error}`),
      withinMs === undefined ? undefined : env.clock.monotonic() + withinMs,
    )
  return { waiters, told, wait, time }
}

test('who waits is told in the order of coming, whatever the order of offsets', () => {
  const { waiters, told, wait } = start()
  for (const offset of [5, 9, 7, 12]) wait(offset)
  waiters.passed(7)
  expect(told).toEqual(['5', '7'])
  waiters.passed(12)
  expect([told, waiters.size]).toEqual([['5', '7', '9', '12'], 0])
})

test('each waits until its own time is over, whoever came first', async () => {
  const { waiters, told, wait, time } = start()
  wait(5, 100)
  wait(6, 50)
  wait(7)
  await time.runFor(60)
  expect(told).toEqual(['6 REQUEST_TIMED_OUT'])
  await time.runFor(60)
  expect([told, waiters.size]).toEqual([['6 REQUEST_TIMED_OUT', '5 REQUEST_TIMED_OUT'], 1])
  waiters.passed(7)
  expect(told.at(-1)).toBe('7')
})
