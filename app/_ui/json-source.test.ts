import { expect, it } from 'vitest'
import { parseJsonSource, prettyJson } from './json-source.ts'

it('keeps int64, written numbers and doubled keys as they are', () => {
  const source = '{"id":9007199254740993,"price":1.10,"a":1,"a":2,"big":1e400}'
  const root = parseJsonSource(source)!
  expect(root.children!.map((m) => [m.key, source.slice(m.node.start, m.node.end)])).toEqual([
    ['"id"', '9007199254740993'],
    ['"price"', '1.10'],
    ['"a"', '1'],
    ['"a"', '2'],
    ['"big"', '1e400'],
  ])
  expect(prettyJson(source, root)).toBe(
    '{\n  "id": 9007199254740993,\n  "price": 1.10,\n  "a": 1,\n  "a": 2,\n  "big": 1e400\n}',
  )
})

it('accepts what JSON.parse accepts and nothing else', () => {
  const good = ['null', ' [] ', '{}', '[1,[2,{"x":[]}]]', '"a\\u00e9\\n"', '-0.5e-3', 'true', '{"":{"":""}}']
  const bad = [
    '',
    '{',
    '[1,]',
    '{"a"}',
    '{"a":1,}',
    '01',
    '1.',
    "'a'",
    '[1 2]',
    '{"a":1}x',
    'nul',
    '"\\x"',
    '{a:1}',
    ',',
  ]
  for (const source of good) {
    const root = parseJsonSource(source)
    expect(root, source).toBeDefined()
    expect(JSON.parse(prettyJson(source, root!)), source).toEqual(JSON.parse(source))
  }
  for (const source of bad) {
    expect(() => JSON.parse(source), source).toThrow()
    expect(parseJsonSource(source), source).toBeUndefined()
  }
})

it('reads nesting deeper than any call stack', () => {
  const depth = 200_000
  const root = parseJsonSource('['.repeat(depth) + ']'.repeat(depth))
  expect(root?.kind).toBe('array')
})
