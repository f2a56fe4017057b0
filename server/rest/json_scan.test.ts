import { expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { JsonError, readObject, readStringBytes, skipSpace, skipString, skipValue } from './json_scan.ts'

/** Is the whole text one JSON value? */
function accepts(text: string | Buffer): boolean {
  const b = Buffer.from(text)
  try {
    return skipSpace(b, skipValue(b, 0)) === b.length
  } catch (error) {
    if (error instanceof JsonError) return false
    throw error
  }
}

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const SAMPLES = [
  '{"a":[1,-0,2.5e-7,1E+9,true,false,null,"x\\u00e9\\n\\"\\\\"],"b":{"c":{}},"d":[]}',
  '  [ 1 , {"k" : "v"} ]\r\n\t',
  '12345678901234567890.000001',
  '"客户 \\ud83d\\ude00"',
  '{"":""}',
]

test.each(SAMPLES)('%s is JSON', (text) => {
  expect(accepts(text)).toBe(true)
})

test.each([
  '',
  ' ',
  '{',
  '}',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '[1,]',
  '[,1]',
  '[1 2]',
  '{a:1}',
  "{'a':1}",
  '01',
  '-',
  '1.',
  '.5',
  '1e',
  '+1',
  'tru',
  'nulll',
  'NaN',
  '"',
  '"\\x"',
  '"\\u12"',
  '"\n"',
  '{"a":1}}',
  '[1]]',
  '{"a":1 "b":2}',
  '\u00a01',
])('%j is no JSON', (text) => {
  expect(accepts(text)).toBe(false)
})

test('says of damaged JSON what JSON.parse says', () => {
  const random = new SimRandom(11)
  const alphabet = '{}[]",:\\ 0123456789.eE+-truefalsn\nu'
  for (let i = 0; i < 20_000; i++) {
    const sample = SAMPLES[random.int(SAMPLES.length)]!
    const at = random.int(sample.length)
    const cut = random.int(3)
    const inserted = alphabet[random.int(alphabet.length)]!
    const text = sample.slice(0, at) + (random.int(3) === 0 ? '' : inserted) + sample.slice(at + cut)
    if (accepts(text) !== parses(text)) throw new Error(`differs from JSON.parse: ${JSON.stringify(text)}`)
  }
})

test('nesting beyond the limit is an error, not an overflow', () => {
  expect(accepts('['.repeat(500) + ']'.repeat(500))).toBe(true)
  expect(accepts('['.repeat(100_000))).toBe(false)
  expect(accepts('{"a":'.repeat(100_000))).toBe(false)
})

test('the members of an object come with where their values stand', () => {
  const b = Buffer.from(' { "a" : 12345678901234567890 , "b\\n" : { "c" : 1 } } ')
  const found: [string, string][] = []
  readObject(b, skipSpace(b, 0), (key, at) => {
    const end = skipValue(b, at)
    found.push([key, b.toString('utf8', at, end)])
    return end
  })
  expect(found).toEqual([
    ['a', '12345678901234567890'],
    ['b\n', '{ "c" : 1 }'],
  ])
})

test('the bytes of a string are its text in UTF-8', () => {
  for (const text of ['plain', 'é客', 'esc"\\\n\u0000', '😀', '']) {
    const b = Buffer.from(JSON.stringify(text))
    expect(readStringBytes(b, 0, skipString(b, 0)).toString()).toBe(text)
  }
})
