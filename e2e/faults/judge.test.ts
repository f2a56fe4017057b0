import { expect, it } from 'vitest'
import { judge, outdated, parseHistory, tampering } from './judge.ts'

const good = `
ack 0 0 0 0
ack 1 0 0 1
read 0 0 0 0 0
read 0 0 1 1 0
commit 0 0 2
ask 0
ack 0 1 0 2
answer 0 0
committed 0 0 0 2
read 0 0 2 0 1
commit 0 0 3
ask 1
answer 1 0
committed 1 0 0 3
put 7 0 0
put 7 1 1
kept 1 7 1
final 0 0 0 0
final 0 1 1 0
final 0 2 0 1
`

it('a broker that kept its word is acquitted', () => {
  expect(judge(parseHistory(good))).toEqual([])
})

it('records that were never acknowledged may be there or not', () => {
  const history = parseHistory(`${good}final 0 3 1 1\nread 0 0 3 1 1`)
  expect(judge(history)).toEqual([])
})

it.each(Object.keys(tampering))('a broker is convicted: %s', (crime) => {
  expect(judge(tampering[crime]!(parseHistory(good))).join('\n')).toContain(crime)
})

it('an answer that was on its way before the commit is no rewind', () => {
  expect(
    judge(
      parseHistory(
        good
          .replace('ask 1\n', '')
          .replace('commit 0 0 3', 'ask 1\ncommit 0 0 3')
          .replace('committed 1 0 0 3', 'committed 1 0 0 2'),
      ),
    ),
  ).toEqual([])
})

it('a group that is not known any more has lost what it committed', () => {
  expect(judge(parseHistory(good.replace('committed 1 0 0 3\n', '')))).toEqual([
    'gone back: offset 3 of partition 0 was committed by group 0, and then -1 was answered',
  ])
})

it('what one group got says nothing of another', () => {
  expect(judge(parseHistory(`${good}read 1 0 0 0 0`))).toEqual([
    'skipped: group 1 never got record 0 of producer 1 at partition 0 offset 1',
    'skipped: group 1 never got record 1 of producer 0 at partition 0 offset 2',
  ])
})

it('a producer without idempotence may repeat a record, but not lose it', () => {
  const repeated = `${good}final 0 3 1 0\nread 0 0 3 1 0`
  expect(judge(parseHistory(repeated))).toEqual([expect.stringContaining('doubled')])
  expect(judge(parseHistory(`loose 1\n${repeated}`))).toEqual([])
  expect(judge(parseHistory(`loose 1\n${good.replace('final 0 1 1 0\n', '')}`)).join('\n')).toContain('lost')
})

it('a value that a later one replaced may be there or not, but the later one must', () => {
  expect(judge(parseHistory(`${good}kept 0 7 0`))).toEqual([])
  expect(judge(parseHistory(good.replace('kept 1 7 1', 'kept 0 7 0'))).join('\n')).toContain('key lost')
  expect(judge(parseHistory(good.replace('kept 1 7 1', 'kept 3 7 1'))).join('\n')).toContain('key moved')
})

it('what a broker remembers that has just been paused is not held against it, what any other says is', () => {
  const stale = good
    .replace('ask 1\n', 'ask 1 5000\n')
    .replace('answer 1 0\ncommitted 1 0 0 3', 'answer 1 0 2\ncommitted 1 0 0 2')
  const of = (node: number, fromMs: number, toMs: number) =>
    parseHistory(`silent ${node} ${fromMs}\nback ${node} ${toMs}\n${stale}`)
  expect(judge(of(2, 2_000, 4_500))).toEqual([])
  expect(outdated(of(2, 2_000, 4_500))).toHaveLength(1)
  for (const history of [of(1, 2_000, 4_500), of(2, 1_000, 3_000), of(2, 8_000, 9_000)])
    expect(judge(history)).toEqual([expect.stringContaining('gone back')])
})
