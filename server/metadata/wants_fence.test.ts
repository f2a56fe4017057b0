/** Brokers that serve and ask to be fenced, for want of room: what nobody else can lead stays theirs. */
import { expect, test } from 'vitest'
import { cluster } from './testing_cluster.ts'

const SETTLED_MS = 500

async function stage(o: { minInsyncReplicas?: number } = {}) {
  const c = await cluster({ brokers: [1, 2, 3], minInsyncReplicas: o.minInsyncReplicas ?? 2 })
  /** These say so, again and again, as long as it takes to be heeded; the others that they serve. */
  const wish = async (...ids: number[]) => {
    for (let ms = 0; ms <= SETTLED_MS; ms += SETTLED_MS / 2) {
      for (const id of [1, 2, 3])
        expect(await c.beat(id, { wantFence: ids.includes(id) })).toMatchObject({ isFenced: false })
      await c.time.runFor(SETTLED_MS / 2)
    }
  }
  return { ...c, wish }
}

test('a broker that wants to be fenced leads nothing and is in sync nowhere where others are, and keeps the rest', async () => {
  const c = await stage()
  await c.create('led', [1, 2, 3])
  await c.create('followed', [2, 1, 3])
  await c.create('own', [1])
  await c.wish(1)
  expect(c.state('led')).toMatchObject({ leader: 2, isr: [2, 3] })
  expect(c.state('followed')).toMatchObject({ leader: 2, isr: [2, 3] })
  expect(c.state('own')).toMatchObject({ leader: 1, isr: [1] })
  await c.create('later', [1, 2, 3])
  await c.wish(1)
  expect(c.state('later')).toMatchObject({ leader: 2, isr: [2, 3] })
})

test('it comes into no ISR before it has taken that back, unless the leader wants to be fenced too', async () => {
  const c = await stage()
  await c.create('t', [1, 2, 3])
  await c.wish(1)
  expect(await c.propose('t', [1, 2, 3])).toBe('INELIGIBLE_REPLICA')
  await c.wish()
  expect(await c.propose('t', [1, 2, 3])).toBe('NONE')
  await c.wish(1)
  expect(c.state('t').isr).toEqual([2, 3])
  await c.wish(1, 2, 3)
  expect(await c.propose('t', [1, 2, 3])).toBe('NONE')
})

test('what is wished for a moment only changes nothing', async () => {
  const c = await stage()
  await c.create('t', [1, 2, 3])
  const { endOffset } = c.log
  await c.beat(1, { wantFence: true })
  await c.time.runFor(SETTLED_MS - 1)
  await c.beat(1, { wantFence: true })
  await c.beat(1)
  await c.time.runFor(SETTLED_MS)
  await c.beat(1)
  expect(c.log.endOffset).toBe(endOffset)
})

test('where all want to be fenced, as on a disk that they share, everything stays as it is', async () => {
  const c = await stage()
  await c.create('t', [1, 2, 3])
  const { endOffset } = c.log
  await c.wish(1, 2, 3)
  await c.wish(1, 2, 3)
  expect(c.log.endOffset).toBe(endOffset)
})

test('where it has come to that one by one, the last leads on; when it dies, another that is eligible leads', async () => {
  const c = await stage()
  await c.create('t', [1, 2, 3])
  await c.wish(1)
  await c.wish(1, 2)
  expect(c.state('t')).toEqual({ leader: 3, isr: [3], elr: [2], last: [] })
  await c.wish(1, 2, 3)
  expect(c.state('t')).toMatchObject({ leader: 3, isr: [3] })
  await c.crash(3)
  expect(c.state('t').leader).toBe(2)
})

test('one that has been fenced for another reason is let in when it no longer asks, and a new life has asked nothing', async () => {
  const c = await stage()
  await c.create('t', [1, 2, 3])
  await c.wish(1)
  await c.crash(1)
  expect(await c.beat(1, { wantFence: true })).toMatchObject({ isFenced: true })
  expect(await c.beat(1)).toMatchObject({ isFenced: false })
  expect(await c.propose('t', [1, 2, 3])).toBe('NONE')
})
