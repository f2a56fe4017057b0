import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { brokerConfigs } from './broker.ts'
import type { Table } from './define.ts'
import { groupConfigs } from './group.ts'
import { topicConfigs } from './topic.ts'
import { withoutEffect } from './without_effect.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Not among them: what describes settings, and what asks brokers for them. */
const READERS = ['broker', 'coordinator', 'log', 'metadata', 'replication']

const sources = (path: string): string[] =>
  path.endsWith('.ts')
    ? /\.test\.ts$/.test(path)
      ? []
      : [readFileSync(`${root}${path}`, 'utf8')]
    : readdirSync(`${root}${path}`, { withFileTypes: true }).flatMap((e) =>
        e.isDirectory() || e.name.endsWith('.ts') ? sources(`${path}/${e.name}`) : [],
      )

const text = READERS.flatMap(sources).join('\n')
const isRead = (name: string) => text.includes(`'${name}'`)
/** A setting of topics or groups takes its default from that of the broker. */
const inherits = (name: string) =>
  [...Object.values(topicConfigs as Table), ...Object.values(groupConfigs as Table)].filter(
    (row) => row.broker === name,
  )

const changeable = Object.values(brokerConfigs as Table)
  .filter((row) => row.dynamic !== undefined)
  .map(({ name }) => ({ name, read: isRead(name) || inherits(name).some((row) => isRead(row.name)) }))

test('every setting that can be changed while a broker runs is read somewhere, or is named with why it is not', () => {
  expect(changeable.filter((s) => !s.read && !withoutEffect.has(s.name)).map((s) => s.name)).toEqual([])
})

test('what is named as without effect can be changed while a broker runs, and nothing reads it', () => {
  const names = new Map(changeable.map((s) => [s.name, s.read]))
  expect([...withoutEffect.keys()].filter((name) => names.get(name) !== false)).toEqual([])
})
