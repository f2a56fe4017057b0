import { expect, it } from 'vitest'
import { type Column, keepOrder, sortRows } from './column.ts'

interface Row {
  name: string
  size: number | null
}
const name: Column<Row> = { id: 'name', header: 'Name', width: 100, value: (r) => r.name }
const size: Column<Row> = { id: 'size', header: 'Size', width: 100, value: (r) => r.size }
const rows: Row[] = [
  { name: 't10', size: 5 },
  { name: 't2', size: null },
  { name: 't1', size: 9 },
]
const names = (sorted: readonly Row[]) => sorted.map((r) => r.name)

it('compares numbers within texts as numbers', () => {
  expect(names(sortRows(rows, name, false))).toEqual(['t1', 't2', 't10'])
})

it('puts what is not known last in both directions', () => {
  expect(names(sortRows(rows, size, false))).toEqual(['t10', 't1', 't2'])
  expect(names(sortRows(rows, size, true))).toEqual(['t1', 't10', 't2'])
})

it('keeps rows in their places under the pointer while they are the same rows', () => {
  const key = (r: Row) => r.name
  expect(names(keepOrder(rows, ['t1', 't2', 't10'], key))).toEqual(['t1', 't2', 't10'])
  expect(names(keepOrder(rows, ['t1', 't2', 'gone'], key))).toEqual(['t10', 't2', 't1'])
})
