import { expect, test } from 'vitest'
import { groupPartition } from './group_partition.ts'

test('a group lies where Java says: abs(hashCode) modulo partitions', () => {
  const cases: [group: string, partition: number][] = [
    ['', 0],
    ['a', 97 % 50],
    ['group', 98629247 % 50],
    // A hash of Integer.MIN_VALUE counts as 0.
    ['polygenelubricants', 0],
    // Negative hashes count without their sign.
    ['console-consumer-12345', Math.abs(hashOf('console-consumer-12345')) % 50],
    ['消费者组', Math.abs(hashOf('消费者组')) % 50],
  ]
  for (const [group, partition] of cases) expect(groupPartition(group, 50), group).toBe(partition)
})

/** Java's definition, in integers that do not overflow. */
function hashOf(s: string): number {
  let h = 0n
  for (let i = 0; i < s.length; i++) h = BigInt.asIntN(32, h * 31n + BigInt(s.charCodeAt(i)))
  return Number(h)
}
