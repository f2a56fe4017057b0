import { expect, test } from 'vitest'
import { BlockPool } from './block_pool.ts'

const KiB = 1024

test('a block that was given back is lent again, to who wants about as much', () => {
  const pool = new BlockPool(10 * KiB * KiB)
  const first = pool.take(100 * KiB)
  expect(first).toHaveLength(100 * KiB)
  pool.give(first.subarray(10, 20))
  expect(pool.freeBytes).toBe(112 * KiB)
  expect(pool.take(97 * KiB).buffer).toBe(first.buffer)
  expect(pool.freeBytes).toBe(0)
  expect(pool.take(97 * KiB).buffer).not.toBe(first.buffer)
})

test('a block is given back once, and only where it was lent', () => {
  const pool = new BlockPool(10 * KiB * KiB)
  const block = pool.take(64 * KiB)
  pool.give(block)
  pool.give(block)
  pool.give(Buffer.alloc(64 * KiB))
  new BlockPool(10 * KiB * KiB).give(pool.take(64 * KiB))
  expect(pool.freeBytes).toBe(0)
  const [a, b] = [pool.take(64 * KiB), pool.take(64 * KiB)]
  expect(a.buffer).not.toBe(b.buffer)
})

test('what nobody uses stays within the budget, and is of the sizes in use', () => {
  const pool = new BlockPool(256 * KiB)
  const small = [64, 64, 64].map((n) => pool.take(n * KiB))
  for (const block of small) pool.give(block)
  expect(pool.freeBytes).toBe(192 * KiB)
  pool.give(pool.take(128 * KiB))
  expect(pool.freeBytes).toBe(128 * KiB)
  pool.give(pool.take(1024 * KiB))
  expect(pool.freeBytes).toBeLessThanOrEqual(256 * KiB)
})

test('every size is at least what was asked for and at most a quarter more', () => {
  const pool = new BlockPool(0)
  for (let bytes = 32 * KiB; bytes < 4 * KiB * KiB; bytes += 997) {
    const { buffer } = pool.take(bytes)
    expect(buffer.byteLength).toBeGreaterThanOrEqual(bytes)
    expect(buffer.byteLength).toBeLessThanOrEqual(bytes * 1.25)
  }
})

test('what is spoiled when given back shows who still looks at it', () => {
  const pool = new BlockPool(256 * KiB, { spoil: true })
  const block = pool.take(64 * KiB).fill(1)
  pool.give(block)
  expect(block[100]).toBe(0xdb)
})
