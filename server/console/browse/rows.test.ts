import { expect, test } from 'vitest'
import { payloadOf } from './rows.ts'

const check = (title: string, bytes: Buffer | null, expected: object | null, limit = 4096) =>
  test(title, () => expect(payloadOf(bytes, limit)).toEqual(expected))

check('null stays null', null, null)
check('empty is not null', Buffer.alloc(0), {
  sizeBytes: 0,
  kind: 'empty',
  text: '',
  encoding: 'utf8',
  truncated: false,
})
check('JSON keeps its source text, so that an int64 stays exact', Buffer.from('{"id":9007199254740993}'), {
  sizeBytes: 23,
  kind: 'json',
  text: '{"id":9007199254740993}',
  encoding: 'utf8',
  truncated: false,
})
check('text that is no JSON', Buffer.from('{oops'), {
  sizeBytes: 5,
  kind: 'text',
  text: '{oops',
  encoding: 'utf8',
  truncated: false,
})
check('bytes that are no UTF-8 come as base64', Buffer.from([0xff, 0xfe, 1]), {
  sizeBytes: 3,
  kind: 'binary',
  text: '//4B',
  encoding: 'base64',
  truncated: false,
})
check('an int32 is binary, though it is valid UTF-8', Buffer.from([0, 0, 0, 65]), {
  sizeBytes: 4,
  kind: 'binary',
  text: 'AAAAQQ==',
  encoding: 'base64',
  truncated: false,
})
check(
  'a cut never splits a character',
  Buffer.from('aé漢'.repeat(3)),
  { sizeBytes: 18, kind: 'text', text: 'aé', encoding: 'utf8', truncated: true },
  5,
)
check(
  'cut JSON is told by how it begins',
  Buffer.from(`{"a":"${'x'.repeat(100)}"}`),
  { sizeBytes: 108, kind: 'json', text: '{"a":"xxxx', encoding: 'utf8', truncated: true },
  10,
)
