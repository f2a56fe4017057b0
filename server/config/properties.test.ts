import { describe, expect, it } from 'vitest'
import { formatProperties, parseProperties } from './properties.ts'

describe('parseProperties', () => {
  it.each([
    ['a=b', { a: 'b' }],
    ['a = b c ', { a: 'b c ' }],
    ['  a:b', { a: 'b' }],
    ['a b', { a: 'b' }],
    ['a', { a: '' }],
    ['a=', { a: '' }],
    ['a==b', { a: '=b' }],
    ['# comment\n! comment\n\n \na=b', { a: 'b' }],
    ['a=1\r\nb=2\rc=3', { a: '1', b: '2', c: '3' }],
    ['a=1\na=2', { a: '2' }],
    ['a=b\\\n   c', { a: 'bc' }],
    ['a=b\\\\\nc=d', { a: 'b\\', c: 'd' }],
    ['a=b\\', { a: 'b' }],
    ['a\\ b\\=c\\:d=e', { 'a b=c:d': 'e' }],
    ['a=\\t\\n\\u00e9\\q', { a: '\t\né' + 'q' }],
    ['a=b # no comment', { a: 'b # no comment' }],
    ['listeners=PLAINTEXT://:9092,CONTROLLER://:9093', { listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093' }],
    ['__proto__=1', JSON.parse('{"__proto__":"1"}')],
  ])('reads %j', (text, expected) => {
    expect([...parseProperties(text)]).toEqual(Object.entries(expected))
  })
})

describe('formatProperties', () => {
  it.each([
    [{ 'node.id': '1' }, 'node.id=1\n'],
    [{ 'a b=c': ' d' }, 'a\\ b\\=c=\\ d\n'],
    [{ a: 'é\n\\' }, 'a=\\u00E9\\n\\\\\n'],
  ])('writes %j so that it can be read again', (properties, text) => {
    const map = new Map(Object.entries(properties))
    expect(formatProperties(map)).toBe(text)
    expect(parseProperties(text)).toEqual(map)
  })
})
