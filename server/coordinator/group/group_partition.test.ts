import { expect, test } from 'vitest'
import { groupPartition } from './group_partition.ts'

test('a group lies where Java says: abs(hashCode) modulo partitions', () => {
  const cases: [group: string, partition: number][] = [
    ['', 0],
    ['a', 97 % 50],
    ['group', 98629247 % 50],
    // A hash of Integer.MIN_VALUE counts as 0.
    ['polygenelubricants', 0],
    ['console-consumer-12345', 158455506 % 50],
    ['消费者组', 871131088 % 50],
    // Negative hashes count without their sign, here -1068799201: Apache Kafka 4.3.1 has put it there.
    ['modern', 1],
  ]
  for (const [group, partition] of cases) expect(groupPartition(group, 50), group).toBe(partition)
})
