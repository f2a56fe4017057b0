import { expect, test } from 'vitest'
import { Tail, TailCache } from './tail.ts'

const bytes = (n: number) => Buffer.alloc(n)
const range = { offset: 0, maxBytes: 1e6, maxOffset: Infinity, minOneBatch: false }

test('what was appended first goes first, whichever log it is in', () => {
  const cache = new TailCache(100)
  const a = new Tail(cache)
  const b = new Tail(cache)
  a.push(0, 1, bytes(40))
  b.push(0, 1, bytes(40))
  a.push(1, 2, bytes(40))
  expect(cache.usedBytes).toBe(80)
  expect(a.read(range)).toBe(undefined)
  expect(b.read(range)).toHaveLength(1)
  expect(a.read({ ...range, offset: 1 })).toHaveLength(1)
})

test('a log that gives its tail up frees its part of the budget, once', () => {
  const cache = new TailCache(100)
  const a = new Tail(cache)
  const b = new Tail(cache)
  a.push(0, 1, bytes(40))
  b.push(0, 1, bytes(40))
  a.clear()
  expect(cache.usedBytes).toBe(40)
  for (let i = 0; i < 10; i++) b.push(1 + i, 2 + i, bytes(40))
  expect(cache.usedBytes).toBe(80)
  expect(b.read({ ...range, offset: 8 })).toBe(undefined)
  expect(b.read({ ...range, offset: 9 })).toHaveLength(2)
})

test('a small piece of a large frame does not keep the frame', () => {
  const tail = new Tail(new TailCache(1e6))
  const frame = bytes(100_000)
  tail.push(0, 1, frame.subarray(0, 100))
  tail.push(1, 2, frame.subarray(0, 60_000))
  const [small, large] = tail.read(range)!
  expect(small!.buffer).not.toBe(frame.buffer)
  expect(large!.buffer).toBe(frame.buffer)
})
