import { expect, it } from 'vitest'
import { type Encoding, faultOf, sent } from './payload.ts'

it('says which rule of its encoding a payload breaks', () => {
  const rows: [Encoding, string, string | null][] = [
    ['text', 'anything {', null],
    ['json', '{"a":1}', null],
    ['json', '{a:1}', 'badJson'],
    ['base64', 'aGVs\nbG8=', null],
    ['base64', 'a', 'badBase64'],
    ['hex', '00 ff', null],
    ['hex', '0', 'badHex'],
    ['hex', 'zz', 'badHex'],
  ]
  for (const [encoding, data, fault] of rows) expect(faultOf({ encoding, data }), `${encoding} ${data}`).toBe(fault)
})

it('sends text untouched and bytes without the spaces that were for the eye', () => {
  expect(sent({ encoding: 'text', data: ' a b ' }).data).toBe(' a b ')
  expect(sent({ encoding: 'hex', data: '00 ff\n' }).data).toBe('00ff')
})
