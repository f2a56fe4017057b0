import { expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { JsonError } from './json_scan.ts'
import { JsonSplitter } from './json_splitter.ts'

function split(text: string, cuts: readonly number[] = [], maxBytes = 1_000): (string | number)[] {
  const splitter = new JsonSplitter(maxBytes)
  const found: (string | number)[] = []
  const b = Buffer.from(text)
  let from = 0
  for (const cut of [...cuts, b.length]) {
    splitter.push(b.subarray(from, cut), (s) => found.push(s.text?.toString() ?? s.sizeBytes))
    from = cut
  }
  if (splitter.open) found.push('…')
  return found
}

const STREAM = '{"a":"}"} {"b":[{},"\\"{"]}{}\n\r\n\t{"long":"' + 'x'.repeat(200) + '\\\\","u":"\\u007b"}{"c":"é客"}'
const OBJECTS = [
  '{"a":"}"}',
  '{"b":[{},"\\"{"]}',
  '{}',
  '{"long":"' + 'x'.repeat(200) + '\\\\","u":"\\u007b"}',
  '{"c":"é客"}',
]

test('objects that follow each other are taken apart, braces in strings or not', () => {
  expect(split(STREAM)).toEqual(OBJECTS)
})

test('it does not matter in which pieces the bytes arrive', () => {
  const { length } = Buffer.from(STREAM)
  const random = new SimRandom(5)
  for (let at = 1; at < length; at++) expect(split(STREAM, [at])).toEqual(OBJECTS)
  expect(
    split(
      STREAM,
      Array.from({ length: length - 1 }, (_, i) => i + 1),
    ),
  ).toEqual(OBJECTS)
  for (let i = 0; i < 300; i++) {
    const cuts = Array.from({ length: 6 }, () => random.int(length)).sort((a, b) => a - b)
    expect(split(STREAM, cuts)).toEqual(OBJECTS)
  }
})

test('an object beyond the limit is read over and told by its size, and the next is found', () => {
  const large = `{"a":"${'y'.repeat(2_000)}"}`
  expect(split(`{}${large}{"b":1}`)).toEqual(['{}', large.length, '{"b":1}'])
  expect(split(`{}${large}{"b":1}`, [500, 900, 1_500])).toEqual(['{}', large.length, '{"b":1}'])
})

test('what does not begin an object is an error', () => {
  for (const text of ['1', '{}x', '[{}]', '"a"', '{}}', '{},{}', '\u0000']) expect(() => split(text)).toThrow(JsonError)
})

test('an object that does not end stays open', () => {
  expect(split('{"a":1')).toEqual(['…'])
  expect(split('{"a":"}')).toEqual(['…'])
})

test('memory stays near what was sent, however small the pieces', () => {
  const splitter = new JsonSplitter(100_000)
  splitter.push(Buffer.from('{"a":"'), () => {})
  for (let i = 0; i < 50_000; i++) splitter.push(Buffer.from('x'), () => {})
  expect(splitter.heldBytes).toBeLessThan(110_000)
  for (let i = 0; i < 60_000; i++) splitter.push(Buffer.from('x'), () => {})
  expect(splitter.heldBytes).toBe(0)
})
