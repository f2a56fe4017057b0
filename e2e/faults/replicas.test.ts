import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { buildBatch } from '../../server/records/build_batch.ts'
import { compareReplicas } from './replicas.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-replicas-'))
let logs = 0
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const batch = (baseOffset: number, ...records: [key: string, value: string | null][]) =>
  buildBatch(
    records.map(([key, value]) => ({ key: Buffer.from(key), value: value === null ? null : Buffer.from(value) })),
    { baseOffset, timestamp: 1 },
  )

/** Each argument is a broker's log: its segments, each of some batches. */
function check(topic: string, ...replicas: Buffer[][][]): string[] {
  const dirs = new Map(replicas.map((_, i) => [i + 1, join(folder, String(logs++))]))
  for (const [broker, dir] of dirs) {
    mkdirSync(join(dir, `${topic}-0`), { recursive: true })
    for (const [i, segment] of replicas[broker - 1]!.entries())
      writeFileSync(join(dir, `${topic}-0`, `${String(i).padStart(20, '0')}.log`), Buffer.concat(segment))
  }
  return compareReplicas(dirs, { compacted: (name) => name === 'keys', factor: replicas.length }).findings
}

const a = batch(0, ['k', '1'], ['l', '1'])
const b = batch(2, ['k', '2'])
const other = batch(2, ['k', '3'])

it('replicas that hold the same are acquitted, wherever their segments begin', () => {
  expect(check('log', [[a, b]], [[a], [b]])).toEqual([])
})

it('what only one has yet at its end says nothing', () => {
  expect(check('log', [[a, b]], [[a]])).toEqual([])
  expect(check('keys', [[a, b]], [[a]])).toEqual([])
})

it('what retention took from one alone says nothing', () => {
  expect(check('log', [[a, b]], [[b]])).toEqual([])
})

it('another batch at the same offset is found', () => {
  expect(check('log', [[a, b]], [[a, other]])).toEqual([
    'log-0: the batch at offset 2 is not the same on broker 1 and on broker 2',
  ])
})

it('a batch that is missing in the middle is found', () => {
  expect(check('log', [[a, b, batch(3, ['m', '1'])]], [[a, batch(3, ['m', '1'])]])).toEqual([
    'log-0: the batch at offset 2 is not the same on broker 1 and on broker 2',
  ])
})

it('of keys the last record counts, whatever was compacted before it', () => {
  expect(check('keys', [[a, b]], [[batch(1, ['l', '1']), b]])).toEqual([])
  expect(check('keys', [[a, b]], [[a, other]])).toEqual([
    'keys-0: the last record of key "k" is not the same on brokers 1 and 2',
  ])
})

it('a replica that is not there is found', () => {
  const dirs = new Map([1, 2].map((broker) => [broker, join(folder, `gone-${broker}`)]))
  mkdirSync(join(dirs.get(1)!, 'log-0'), { recursive: true })
  mkdirSync(dirs.get(2)!)
  expect(compareReplicas(dirs, { compacted: () => false, factor: 2 }).findings).toEqual([
    'log-0: there are 1 replicas of 2',
  ])
})
