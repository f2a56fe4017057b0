import { expect, test } from 'vitest'
import { ReplicationQuota } from './replication_quota.ts'

function quota(bytesPerSecond: number) {
  let nowMs = 0
  const q = new ReplicationQuota({
    clock: { monotonic: () => nowMs },
    nodeId: 2,
    bytesPerSecond: () => bytesPerSecond,
    windows: { samples: 11, windowMs: 1_000 },
  })
  return { q, pass: (ms: number) => (nowMs += ms) }
}

test('it counts the partitions of this broker that are named, or all of a topic', () => {
  const { q } = quota(100)
  expect(q.isThrottled('a', 0)).toBe(false)
  q.setReplicas('a', ['0:1', '1:2', '3:2'])
  q.setReplicas('b', ['*'])
  expect([0, 1, 2, 3].map((i) => q.isThrottled('a', i))).toEqual([false, true, false, true])
  expect(q.isThrottled('b', 17)).toBe(true)
  q.setReplicas('a', [])
  expect(q.isThrottled('a', 1)).toBe(false)
})

test('a burst counts as if it had taken a window, and is forgotten with the last of the windows', () => {
  const { q, pass } = quota(100)
  q.record(500)
  expect([q.rate, q.isExceeded]).toEqual([500, true])
  pass(4_999)
  expect(q.isExceeded).toBe(true)
  pass(1)
  expect([q.rate, q.isExceeded]).toEqual([100, false])
  pass(6_000)
  expect(q.rate).toBe(0)
})
