import { expect, test } from 'vitest'
import { demandType, negotiate } from './media_types.ts'

const OFFERED = ['application/vnd.kafka.v2+json', 'application/json'] as const

test.each([
  [undefined, OFFERED[0]],
  ['*/*', OFFERED[0]],
  ['application/json', OFFERED[1]],
  ['Application/JSON; charset=utf-8', OFFERED[1]],
  ['text/html, application/json;q=0.5, */*;q=0.1', OFFERED[1]],
  ['application/*;q=0.2', OFFERED[0]],
  ['application/vnd.kafka.v2+json;q=0.1, application/json;q=0.9', OFFERED[1]],
  ['application/vnd.kafka.v2+json;q=0, */*', OFFERED[1]],
])('Accept: %s is answered with %s', (accept, type) => {
  expect(negotiate(accept, OFFERED)).toBe(type)
})

test.each(['text/html', 'application/json;q=0', 'text/*', 'nonsense'])('Accept: %s is 406', (accept) => {
  expect(() => negotiate(accept, OFFERED)).toThrow(expect.objectContaining({ code: 406 }))
})

test.each([
  [{}, 415],
  [{ 'content-type': 'text/plain' }, 415],
  [{ 'content-type': 'application/json; charset=latin1' }, 415],
  [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
])('%j is 415', (headers, code) => {
  expect(() => demandType(headers, OFFERED)).toThrow(expect.objectContaining({ code }))
})

test('parameters and case of a content type do not matter', () => {
  expect(demandType({ 'content-type': 'Application/Json; charset="UTF-8"' }, OFFERED)).toBe('application/json')
})
