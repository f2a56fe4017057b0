import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Clock, type Env, NetworkError } from '../env/env.ts'
import { nodeEnv } from '../env/node.ts'
import { KafkaError } from '../protocol/errors.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { DeleteRecords } from '../protocol/messages/21_delete_records.ts'
import { capability, common } from './cluster/capabilities.ts'
import { createConsole } from './console.ts'
import { getConsole } from './global.ts'
import { bytesOf } from './messages.ts'
import { ConsoleError, problemOf, statusOf } from './problems.ts'
import type { ConsoleService } from './service.ts'

/** A hundred times faster than the wall's: what waits for seconds fails within the test. */
const fast = (clock: Clock): Clock => ({
  ...clock,
  monotonic: () => clock.monotonic() * 100,
  after: (ms, fn) => clock.after(ms / 100, fn),
})
const nobodyThere = (): Env => {
  const env = nodeEnv()
  const connect = () => Promise.reject(new NetworkError('ECONNREFUSED', 'nobody listens there'))
  return { ...env, clock: fast(env.clock), network: { ...env.network, connect } }
}

let folder: string
let service: ConsoleService
const log: string[] = []
const start = (dataDir: string) =>
  createConsole({ bootstrap: ['127.0.0.1:1'], dataDir, embedded: false, env: nobodyThere(), warn: (m) => log.push(m) })

beforeEach(async () => {
  log.length = 0
  folder = mkdtempSync(join(tmpdir(), 'weir-console-'))
  service = await start(folder)
})
afterEach(async () => {
  await service.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = async (path: string, input: unknown, init: RequestInit = {}) => {
  const query = init.method === 'POST' ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
  const headers = { host: 'localhost:3000', 'content-type': 'application/json', ...init.headers }
  const body = init.method === 'POST' ? JSON.stringify(input) : null
  const response = await service.handle(
    new Request(`http://localhost:3000/api/trpc/${path}${query}`, { ...init, headers, body }),
  )
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text.startsWith('{') ? JSON.parse(text) : undefined,
  }
}
const cluster = 'default'

test('without a broker the console is there, and says what it cannot reach', async () => {
  expect(getConsole()).toBe(service)
  const { json, status } = await ask('topics.get', { cluster, topic: 'orders' })
  expect(status).toBe(503)
  expect(json.error.data.problem).toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('does not answer'),
  })
  const detail = (await ask('clusters.get', { cluster })).json.result.data
  expect(detail).toMatchObject({ state: 'unreachable', apis: [], brokers: null, store: { state: 'ready' } })
  expect(detail.capabilities['topics.planPurge']).toEqual({ supported: false, missing: ['DeleteRecords'] })
  expect(detail.capabilities['audit.list']).toEqual({ supported: true, missing: [] })
})

test('without a database what needs it says so, and a start with one works on', async () => {
  writeFileSync(join(folder, 'file'), '')
  await service.close()
  service = await start(join(folder, 'file'))
  const { json, status } = await ask('views.list', { cluster })
  expect(status).toBe(503)
  expect(json.error.data.problem).toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringContaining('console.db cannot be used'),
  })
  expect(log).toHaveLength(1)
  expect((await ask('clusters.list', {})).status).toBe(200)
})

test('what is wrong with an input is told by field, in a sentence', async () => {
  const { json, status } = await ask(
    'topics.planCreate',
    { cluster, topic: 'a b', partitions: 1, replicationFactor: 1, configs: {} },
    { method: 'POST' },
  )
  expect(status).toBe(503)
  expect(json.error.data.problem.code).toBe('UNREACHABLE')
  const view = await ask(
    'views.save',
    { cluster, name: ' ', page: 'topics', url: 'https://elsewhere.example/' },
    { method: 'POST' },
  )
  expect(view.status).toBe(400)
  expect(view.json.error.data.problem).toMatchObject({
    code: 'INVALID',
    fields: [
      { field: 'name', message: 'A view needs a name.' },
      { field: 'url', message: 'A view is a path within the console.' },
    ],
  })
})

test('no answer holds a stack or a path of this machine, whatever is sent', async () => {
  for (const [path, input] of [
    ['nothing.here', {}],
    ['topics.list', 'x'],
    ['topics.list', { cluster: 'other' }],
    ['messages.browse', { cluster }],
  ] as const) {
    const { text } = await ask(path, input)
    expect(text).toContain('"problem":')
    expect(text).not.toMatch(/node_modules|server\/console|at \w+ \(/)
  }
})

test('a page of another site cannot make the browser change anything', async () => {
  const input = { cluster, name: 'x', page: 'topics', url: '/clusters/default/topics' }
  const from = (origin: string) => ask('views.save', input, { method: 'POST', headers: { origin } })
  expect((await from('https://evil.example')).status).toBe(403)
  expect((await from('null')).status).toBe(403)
  expect((await from('http://localhost:3000')).status).toBe(200)
})

test('an event stream is not cached or buffered on its way, and ends with the answer', async () => {
  const { status, headers, text } = await ask(
    'messages.browse',
    { cluster, topic: 't', from: { kind: 'newest' } },
    { headers: { accept: 'text/event-stream' } },
  )
  expect(status).toBe(200)
  expect(headers.get('x-accel-buffering')).toBe('no')
  expect(headers.get('cache-control')).toContain('no-transform')
  expect(text).toContain('UNREACHABLE')
})

test('a capability names the API, and the version where an old one is there', () => {
  const old = [{ key: 1, name: 'Fetch', lowest: 0, highest: 3 }]
  const offered = common([old, [...old, { key: 21, name: 'DeleteRecords', lowest: 0, highest: 2 }]])
  expect(capability([[Fetch, 4], DeleteRecords], offered)).toEqual({
    supported: false,
    missing: ['Fetch version 4', 'DeleteRecords'],
  })
  expect(capability([Fetch], offered)).toEqual({ supported: true, missing: [] })
})

test('of brokers with different versions, what all have counts', () => {
  const broker = (lowest: number, highest: number) => [{ key: 1, name: 'Fetch', lowest, highest }]
  expect(common([broker(0, 11), broker(4, 17)])).toEqual([{ key: 1, name: 'Fetch', min: 4, max: 11 }])
  expect(common([broker(0, 3), broker(4, 17)])).toEqual([])
  expect(common([])).toEqual([])
})

test('only what may pass by itself is a server’s failure', () => {
  const statuses = [
    new KafkaError('LEADER_NOT_AVAILABLE'),
    new KafkaError('UNKNOWN_TOPIC_OR_PARTITION'),
    new KafkaError('INVALID_CONFIG'),
    new ConsoleError('PLAN_OUTDATED', ''),
    new Error('a bug'),
  ].map(statusOf)
  expect(statuses).toEqual(['SERVICE_UNAVAILABLE', 'NOT_FOUND', 'BAD_REQUEST', 'CONFLICT', 'INTERNAL_SERVER_ERROR'])
  expect(problemOf(new Error('secret')).message).not.toContain('secret')
})

test('what is typed becomes bytes as typed, or a sentence', () => {
  const bytes = (encoding: 'text' | 'json' | 'base64' | 'hex', data: string) => bytesOf({ encoding, data }, 'value')
  expect(bytesOf(null, 'value')).toBeNull()
  expect(bytes('text', '')).toEqual(Buffer.alloc(0))
  expect(bytes('json', '{ "id": 9007199254740993 }')!.toString()).toBe('{ "id": 9007199254740993 }')
  expect(bytes('base64', 'AP8=\n')).toEqual(Buffer.from([0, 255]))
  expect(bytes('hex', '00 Ff')).toEqual(Buffer.from([0, 255]))
  expect(() => bytes('json', '{')).toThrow(/^The value is not JSON/)
  expect(() => bytes('base64', 'A')).toThrow('The value is not base64.')
  expect(() => bytes('hex', '0')).toThrow(/^The value is not hexadecimal/)
})
