import { expect, it } from 'vitest'
import { decodeName, encodeName, paths } from './paths.ts'

const names = [
  'orders',
  '',
  '.',
  '..',
  '...',
  'a/b',
  'a b',
  'a%2Fb',
  '100%',
  '~',
  '~1',
  '~e',
  'a\\b',
  '中文组',
  'x?y#z',
  'é',
  '/',
]

it('gives every name a segment of its own that survives browsers and proxies', () => {
  for (const name of names) {
    const segment = encodeName(name)
    expect(segment, name).not.toMatch(/[/\\?#]|%2F|%25|%5C/i)
    expect(['', '.', '..'], name).not.toContain(segment)
    expect(new URL(`http://x/groups/${segment}/lag`).pathname, name).toBe(`/groups/${segment}/lag`)
    expect(decodeName(segment), name).toBe(name)
  }
  expect(new Set(names.map(encodeName)).size).toBe(names.length)
})

it('reads a segment that has been percent-decoded already the same', () => {
  for (const name of names) expect(decodeName(decodeURIComponent(encodeName(name)))).toBe(name)
})

it('puts the cluster first in every address', () => {
  expect(paths.topic('default', 'orders.v1')).toBe('/clusters/default/topics/orders.v1/messages')
  expect(paths.group('default', '')).toBe('/clusters/default/groups/~e')
})
