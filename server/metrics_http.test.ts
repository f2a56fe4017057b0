/** `/metrics` over HTTP, as scrapers ask for it. */
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { parse } from '../e2e/lib/prometheus.ts'
import type { MetricsDetail } from './config/metrics_detail.ts'
import type { FamilyPart } from './lib/exposition.ts'
import { isMetricsPath, metricsHandler } from './metrics_http.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serve(parts: (detail: MetricsDetail) => AsyncIterable<FamilyPart>, detail: MetricsDetail = 'partition') {
  const bugs: Error[] = []
  const handler = metricsHandler({ parts, detail, onBug: (error) => bugs.push(error) })
  const server = createServer((req, res) => void handler(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
  return { url, bugs, get: (query = '', init: RequestInit = {}) => fetch(`${url}${query}`, init) }
}

const gauge = (value: string | number): FamilyPart => ({ name: 'x', type: 'gauge', help: 'X.', lines: `x ${value}\n` })

test('the detail is that of the address, else that of the settings', async () => {
  const asked: MetricsDetail[] = []
  const s = await serve(async function* (detail) {
    asked.push(detail)
    yield gauge(1)
  }, 'topic')
  await s.get()
  await s.get('?detail=cluster')
  expect(asked).toEqual(['topic', 'cluster'])
  const refused = await s.get('?detail=everything')
  expect([refused.status, await refused.text()]).toEqual([400, 'detail is one of cluster, topic, partition.\n'])
})

test('both formats say what they are, and a strict reader takes them', async () => {
  const s = await serve(async function* () {
    yield gauge(1)
  })
  for (const [accept, format] of [
    ['text/plain', 'text'],
    ['application/openmetrics-text', 'openmetrics'],
  ] as const) {
    const answer = await s.get('', { headers: { accept } })
    expect(answer.headers.get('content-type')).toContain(accept)
    expect(parse(await answer.text(), format).value('x')).toBe(1)
  }
})

test('scrapes that come together share one look', async () => {
  let looks = 0
  const s = await serve(async function* () {
    yield gauge(++looks)
  })
  const values = await Promise.all(Array.from({ length: 5 }, async () => (await s.get()).text()))
  expect(new Set(values).size).toBe(1)
  expect(looks).toBe(1)
})

test('a look that fails is one answer and one line for the terminal, and the next scrape looks again', async () => {
  let looks = 0
  const s = await serve(async function* () {
    if (++looks === 1) throw new Error('our bug')
    yield gauge(2)
  })
  const failed = await s.get()
  expect([failed.status, s.bugs.map((e) => e.message)]).toEqual([500, ['our bug']])
  expect((await s.get()).status).toBe(200)
})

test('it can only be read', async () => {
  const s = await serve(async function* () {
    yield gauge(1)
  })
  const refused = await s.get('', { method: 'DELETE' })
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  const head = await s.get('', { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test('readers that do not read are turned away beyond some, and make room when they go', async () => {
  const large = `${'x'.repeat(1 << 20)}\n`
  const s = await serve(async function* () {
    for (let i = 0; i < 32; i++) yield { ...gauge(1), lines: large }
  })
  const stuck: IncomingMessage[] = []
  for (let i = 0; i < 8; i++) {
    stuck.push(
      await new Promise<IncomingMessage>((resolve) => {
        request(s.url, { agent: false }, resolve).end()
      }),
    )
  }
  const refused = await s.get()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  for (const one of stuck) {
    one.on('error', () => {})
    one.destroy()
  }
  await expect.poll(async () => (await s.get('', { method: 'HEAD' })).status).toBe(200)
  expect(s.bugs).toEqual([])
})

test('its path is exactly that', () => {
  const check = (url: string | undefined, want: boolean) => expect([url, isMetricsPath(url)]).toEqual([url, want])
  check('/metrics', true)
  check('/metrics?detail=topic', true)
  check('/metrics/', false)
  check('/metricsx', false)
  check(undefined, false)
})
