import { describe, expect, it } from 'vitest'
import { brokerListeners, type ListenerConfig } from './listeners.ts'

const kafka: ListenerConfig = {
  listeners: ['PLAINTEXT://:9092'],
  'advertised.listeners': null,
  'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
  'controller.listener.names': null,
  'inter.broker.listener.name': null,
  'security.inter.broker.protocol': 'PLAINTEXT',
}
const of = (config: Partial<ListenerConfig>) => brokerListeners({ ...kafka, ...config }, 'machine')

describe('listeners', () => {
  it('on every interface are advertised by the name of the machine', () => {
    expect(of({})).toEqual({
      listeners: [{ name: 'PLAINTEXT', host: '', port: 9092, securityProtocol: 'PLAINTEXT' }],
      advertised: [{ name: 'PLAINTEXT', host: 'machine', port: 9092, securityProtocol: 'PLAINTEXT' }],
      interBroker: 'PLAINTEXT',
    })
  })

  it('are advertised as they are, or as it is said', () => {
    const l = of({
      listeners: ['PLAINTEXT://127.0.0.1:1', 'OUT://[::]:2'],
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,OUT:PLAINTEXT',
      'advertised.listeners': ['OUT://example.org:3'],
    })
    expect(l).toMatchObject({
      advertised: [
        { name: 'PLAINTEXT', host: '127.0.0.1', port: 1 },
        { name: 'OUT', host: 'example.org', port: 3 },
      ],
    })
  })

  it('of controllers are left out, mapped or not', () => {
    const l = of({
      listeners: ['PLAINTEXT://:9092', 'CONTROLLER://:9093'],
      'controller.listener.names': ['CONTROLLER'],
      'advertised.listeners': ['PLAINTEXT://localhost:9092', 'CONTROLLER://localhost:9093'],
    })
    expect(l).toMatchObject({ listeners: [{ name: 'PLAINTEXT' }], advertised: [{ host: 'localhost' }] })
  })

  it.each([
    [{ listeners: ['localhost:9092'] }, 'listeners must be like PLAINTEXT://localhost:9092, not "localhost:9092".'],
    [
      { listeners: ['PLAINTEXT://:99999'] },
      'listeners must be like PLAINTEXT://localhost:9092, not "PLAINTEXT://:99999".',
    ],
    [{ listeners: ['OUT://:1'] }, 'listeners names the listener OUT, which listener.security.protocol.map lacks.'],
    [{ listeners: ['SSL://:1', 'ssl://:2'] }, 'listeners names the listener SSL twice.'],
    [{ listeners: [] }, 'listeners must name at least one listener that is not for controllers.'],
    [{ 'advertised.listeners': ['SSL://a:1'] }, 'advertised.listeners names the listener SSL, which listeners lacks.'],
    [
      { 'advertised.listeners': ['PLAINTEXT://0.0.0.0:1'] },
      'advertised.listeners must name an address that clients can reach, not 0.0.0.0.',
    ],
    [{ 'inter.broker.listener.name': 'IN' }, 'inter.broker.listener.name is IN, which listeners lacks.'],
    [
      { 'listener.security.protocol.map': 'PLAINTEXT' },
      'listener.security.protocol.map must be like CLIENTS:PLAINTEXT, not "PLAINTEXT".',
    ],
  ])('%j are refused in one sentence', (config, sentence) => {
    expect(of(config)).toBe(sentence)
  })
})
