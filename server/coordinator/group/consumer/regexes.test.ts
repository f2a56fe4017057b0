import { expect, test } from 'vitest'
import { simEnv } from '../../../env/sim.ts'
import { SomeTopics } from './dialogue.ts'
import { compile, Regexes } from './regexes.ts'

function world(names: string[]) {
  const { env, time } = simEnv(1)
  const topics = new SomeTopics()
  for (const name of names) topics.set(name, 1)
  let turns = 0
  const after: typeof env.clock.after = (ms, fn) => {
    turns++
    return env.clock.after(ms, fn)
  }
  const regexes = new Regexes(topics, { ...env.clock, after })
  const matched = async (pattern: string) => {
    await time.runUntilSettled(Promise.resolve(regexes.prepare(pattern)))
    return regexes.matches(pattern)?.topics
  }
  return { topics, regexes, matched, turns: () => turns }
}

test('the whole name of a topic has to match', async () => {
  const { matched } = world(['orders', 'orders-eu', 'my-orders'])
  expect(await matched('orders')).toEqual(['orders'])
  expect(await matched('orders.*')).toEqual(['orders', 'orders-eu'])
  expect(await matched('(?i)ORDERS|my-.*')).toEqual(['my-orders', 'orders'])
  expect(await matched('none')).toEqual([])
})

test('what was matched is remembered until a topic comes or goes', async () => {
  const { topics, regexes, matched } = world(['a1'])
  expect(await matched('a.')).toEqual(['a1'])
  expect(regexes.prepare('a.')).toBeUndefined()
  topics.set('a2', 1)
  expect(regexes.prepare('a.')).toBeDefined()
  expect(await matched('a.')).toEqual(['a1', 'a2'])
})

test('a pattern that is not valid matches nothing, and is refused with what is wrong', async () => {
  const { matched } = world(['a'])
  for (const pattern of ['[', 'a**', '(?=a)', '(a)\\1', 'a{1001}', 'x'.repeat(10_001)]) {
    expect(await matched(pattern)).toBeUndefined()
    expect(() => compile(pattern)).toThrow(/SubscribedTopicRegex/)
  }
})

test('a pattern made to take for ever takes a moment, and lets others have their turn meanwhile', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `${'a'.repeat(200)}${i}`)
  const { regexes, matched, turns } = world(names)
  const evil = `(${'a?'.repeat(400)})${'a'.repeat(150)}(a+)+$`
  const startedAt = performance.now()
  expect(await matched(evil)).toEqual([])
  expect(turns()).toBeGreaterThan(10)
  expect(performance.now() - startedAt).toBeLessThan(30_000)
  expect(regexes.prepare(evil)).toBeUndefined()
})
