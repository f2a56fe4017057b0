import { describe, expect, it } from 'vitest'
import { parseListeners } from './listeners.ts'

const KAFKA = 'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT'

describe('listeners', () => {
  it.each([
    ['PLAINTEXT://:9092', KAFKA, { name: 'PLAINTEXT', host: '', port: 9092, securityProtocol: 'PLAINTEXT' }],
    [
      'PLAINTEXT://localhost:0',
      KAFKA,
      { name: 'PLAINTEXT', host: 'localhost', port: 0, securityProtocol: 'PLAINTEXT' },
    ],
    ['SSL://[::1]:1', KAFKA, { name: 'SSL', host: '::1', port: 1, securityProtocol: 'SSL' }],
    ['out://a:1', 'OUT:SASL_SSL', { name: 'OUT', host: 'a', port: 1, securityProtocol: 'SASL_SSL' }],
  ])('%s are read with the map %s', (item, map, expected) => {
    expect(parseListeners('listeners', [item], map)).toEqual([expected])
  })

  it.each([
    [['localhost:9092'], KAFKA, 'listeners must be like PLAINTEXT://localhost:9092, not "localhost:9092".'],
    [['PLAINTEXT://:99999'], KAFKA, 'listeners must be like PLAINTEXT://localhost:9092, not "PLAINTEXT://:99999".'],
    [['OUT://:1'], KAFKA, 'listeners names the listener OUT, which listener.security.protocol.map lacks.'],
    [['SSL://:1', 'ssl://:2'], KAFKA, 'listeners names the listener SSL twice.'],
    [[], 'PLAINTEXT', 'listener.security.protocol.map must be like CLIENTS:PLAINTEXT, not "PLAINTEXT".'],
  ])('%j with the map %s are refused in one sentence', (items, map, sentence) => {
    expect(parseListeners('listeners', items, map)).toBe(sentence)
  })
})
