import { expect, it } from 'vitest'
import { lineOf, stepsOf } from './steps.ts'

it('joins both sides of a plan by what they speak of', () => {
  const before = [
    { kind: 'config', subject: 'retention.ms', value: '1000' },
    { kind: 'config', subject: 'segment.ms', value: null },
  ]
  const after = [
    { kind: 'config', subject: 'retention.ms', value: '2000' },
    { kind: 'config', subject: 'segment.ms', value: '' },
  ]
  expect(stepsOf({ before, after })).toEqual([
    { kind: 'config', subject: 'retention.ms', before: '1000', after: '2000' },
    { kind: 'config', subject: 'segment.ms', before: null, after: '' },
  ])
})

it('takes an object for a list of facts, and leaves out what neither side knows', () => {
  const after = { partition: 0, offset: 17, keyBytes: null, headers: 2 }
  expect(stepsOf({ before: null, after })).toEqual([
    { kind: null, subject: 'partition', before: null, after: '0' },
    { kind: null, subject: 'offset', before: null, after: '17' },
    { kind: null, subject: 'headers', before: null, after: '2' },
  ])
  expect(stepsOf({ before: { running: false }, after: { running: true } }, { running: '运行中' })).toEqual([
    { kind: null, subject: '运行中', before: 'false', after: 'true' },
  ])
})

it('has no steps where nothing was kept', () => {
  expect(stepsOf({ before: null, after: null })).toEqual([])
})

it('says a step in a line', () => {
  const step = { kind: 'config', subject: 'retention.ms', before: '1', after: '2' }
  expect(lineOf(step)).toBe('retention.ms: 1 → 2')
  expect(lineOf({ ...step, before: null })).toBe('retention.ms: 2')
  expect(lineOf({ ...step, after: null })).toBe('retention.ms: 1 → −')
  expect(lineOf({ kind: 'topic', subject: 'orders', before: null, after: 'orders' })).toBe('+ orders')
  expect(lineOf({ kind: 'topic', subject: 'orders', before: 'orders', after: null })).toBe('− orders')
})
