import { expect, it } from 'vitest'
import { formatPartitions, parsePartitions } from './partition-list.ts'

it('reads numbers and ranges of partitions that exist', () => {
  const rows: [string, number[] | null][] = [
    ['0', [0]],
    ['0, 2-4, 3', [0, 2, 3, 4]],
    ['5', null],
    ['3-1', null],
    ['x', null],
    ['', null],
    ['1,', null],
  ]
  for (const [text, partitions] of rows) expect(parsePartitions(text, 5), text).toEqual(partitions)
})

it('writes them as short as they can be read back', () => {
  expect(formatPartitions([4, 0, 2, 3])).toBe('0, 2-4')
  expect(parsePartitions(formatPartitions([4, 0, 2, 3]), 5)).toEqual([0, 2, 3, 4])
})
