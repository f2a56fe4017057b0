import http from 'node:http'
import net from 'node:net'
import { expect, test } from 'vitest'
import { Produce } from '../protocol/messages/00_produce.ts'
import type { RestLimits } from './context.ts'
import { type RestWorld, restWorld, whole } from './fake_rest.ts'

async function within(limits: Partial<RestLimits>, run: (w: RestWorld) => Promise<void>): Promise<void> {
  const w = await restWorld(limits)
  try {
    w.fake.addTopic('t', { leaders: [1] })
    await run(w)
    expect(w.bugs).toEqual([])
  } finally {
    await w.close()
  }
}

const pathOf = (w: RestWorld) => `/rest/v3/clusters/${w.fake.clusterId}/topics/t/records`
const V2 = { 'content-type': 'application/vnd.kafka.json.v2+json' }
const V3 = { 'content-type': 'application/json' }

function request(w: RestWorld, path: string, headers: Record<string, string>) {
  const req = http.request({ port: w.port, method: 'POST', path, headers, agent: false })
  const answer = new Promise<Awaited<ReturnType<typeof whole>>>((resolve, reject) => {
    req.on('response', (res) => whole(res).then(resolve, reject))
    req.on('error', reject)
  })
  return { req, answer }
}

test('a body that stands still is ended with 408', () =>
  within({ bodyIdleMs: 30, streamIdleMs: 30 }, async (w) => {
    const v2 = request(w, '/rest/topics/t', { ...V2, 'content-length': '100' })
    v2.req.write('{"records"')
    expect((await v2.answer).json).toMatchObject({ error_code: 408 })
    const v3 = request(w, pathOf(w), V3)
    v3.req.write('{"value":{"type":"JSON","data":1}}{"value"')
    const { status, lines } = await v3.answer
    expect([status, lines.map((l) => l.error_code)]).toEqual([200, [200, 408]])
    v2.req.destroy()
    v3.req.destroy()
  }))

test('bodies that together hold more than the budget are refused with 503, and it is given back', () =>
  within({ budgetBytes: 100_000, maxRecordBytes: 100_000 }, async (w) => {
    const half = `{"value":{"type":"STRING","data":"${'x'.repeat(40_000)}`
    const first = request(w, pathOf(w), V3)
    first.req.write(half)
    const second = request(w, pathOf(w), V3)
    await new Promise((resolve) => second.req.write(half, resolve))
    const refused = await Promise.race([first.answer, second.answer])
    expect([refused.status, refused.json.error_code]).toEqual([503, 50301])
    first.req.destroy()
    second.req.destroy()
    await Promise.allSettled([first.answer, second.answer])
    const third = request(w, pathOf(w), V3)
    third.req.end(`${half}"}}`)
    expect((await third.answer).json.error_code).toBe(200)
  }))

test('one stream of more than the budget goes through, for what is whole is held no more', () =>
  within({ budgetBytes: 100_000, maxRecordBytes: 50_000 }, async (w) => {
    const { req, answer } = request(w, pathOf(w), V3)
    for (let i = 0; i < 20; i++) {
      req.write(`{"value":{"type":"STRING","data":"${'x'.repeat(30_000)}`)
      await new Promise((resolve) => setImmediate(resolve))
      req.write('"}}')
      await new Promise((resolve) => setImmediate(resolve))
    }
    req.end()
    expect((await answer).lines.map((l) => l.error_code)).toEqual(Array.from({ length: 20 }, () => 200))
  }))

test('no more is read of a stream than may be unacknowledged', () =>
  within({ maxUnacknowledged: 100 }, async (w) => {
    let open = () => {}
    const gate = new Promise<undefined>((resolve) => {
      open = () => resolve(undefined)
    })
    w.fake.on(Produce, () => gate)
    const { req, answer } = request(w, pathOf(w), V3)
    answer.catch(() => {})
    const record = `{"value":{"type":"STRING","data":"${'x'.repeat(5_000)}"}}`
    let written = 0
    const stopped = await new Promise<boolean>((resolve) => {
      const more = () => {
        for (; written < 20_000; written++) {
          if (!req.write(record)) {
            const timer = setTimeout(() => resolve(true), 500)
            req.once('drain', () => {
              clearTimeout(timer)
              more()
            })
            return
          }
        }
        resolve(false)
      }
      more()
    })
    expect(stopped).toBe(true)
    // 100 records, and what the sockets' own buffers hold.
    expect(written).toBeLessThan(5_000)
    open()
    req.destroy()
  }))

test('requests that are nonsense end as such, and the endpoint goes on', () =>
  within({}, async (w) => {
    for (const text of ['GARBAGE\r\n\r\n', 'GET /rest/topics HTTP/1.1\r\nbad header\r\n\r\n', '\u0000\u0001']) {
      const socket = net.connect(w.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(text)
      await new Promise((resolve) => socket.on('close', resolve).resume())
    }
    expect((await w.send('GET', '/topics')).json).toEqual(['t'])
  }))

test('several requests use one connection, also after a refusal', () =>
  within({ maxBodyBytes: 1_000 }, async (w) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number>()
    const post = (body: string) =>
      new Promise<number>((resolve, reject) => {
        const req = http.request(
          { port: w.port, method: 'POST', path: '/rest/topics/t', headers: V2, agent },
          (res) => {
            ports.add(res.socket.localPort!)
            whole(res).then((a) => resolve(a.status), reject)
          },
        )
        req.on('error', reject)
        req.end(body)
      })
    const good = '{"records":[{"value":1}]}'
    expect(await post(good)).toBe(200)
    expect(await post('{')).toBe(400)
    expect(await post(`{"records":[{"value":"${'x'.repeat(2_000)}"}]}`)).toBe(413)
    expect(await post(good)).toBe(200)
    expect(ports.size).toBe(1)
    agent.destroy()
  }))
