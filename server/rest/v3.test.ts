import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Produce } from '../protocol/messages/00_produce.ts'
import { type Answer, type RestWorld, restWorld } from './fake_rest.ts'

let w: RestWorld
let topics = 0
beforeAll(async () => {
  w = await restWorld({ maxRecordBytes: 10_000 })
})
afterAll(async () => {
  expect(w.bugs).toEqual([])
  await w.close()
})

const newTopic = (partitions = 1) => {
  const name = `topic-${topics++}`
  w.fake.addTopic(name, { leaders: Array.from({ length: partitions }, () => 1) })
  return name
}
const pathOf = (topic: string) => `/v3/clusters/${w.fake.clusterId}/topics/${topic}/records`
const produce = (topic: string, body: string | Buffer) =>
  w.send('POST', pathOf(topic), { body, headers: { 'content-type': 'application/json' } })

/** A request that stays open: what is written goes out at once, and lines come back as they are answered. */
function stream(topic: string) {
  const received: any[] = []
  let wake = () => {}
  const req = http.request({
    port: w.port,
    method: 'POST',
    path: `/rest${pathOf(topic)}`,
    headers: { 'content-type': 'application/json' },
    agent: false,
  })
  const ended = new Promise<Answer['status']>((resolve, reject) => {
    req.on('error', reject)
    req.on('response', (res) => {
      let text = ''
      res.on('data', (chunk: Buffer) => {
        text += chunk
        const lines = text.split('\n')
        text = lines.pop()!
        received.push(...lines.map((l) => JSON.parse(l)))
        wake()
      })
      res.on('close', () => resolve(res.statusCode!))
    })
  })
  return {
    req,
    received,
    ended,
    async until(n: number) {
      while (received.length < n) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

test('one record is answered with where it went', async () => {
  const topic = newTopic(2)
  const answer = await produce(
    topic,
    '{"partition_id":1,"headers":[{"name":"h1","value":"dmFsdWU="},{"name":"h1","value":null},{"name":"e","value":""}],' +
      '"key":{"type":"BINARY","data":"azE="},"value":{"type":"JSON","data":{ "id":12345678901234567890 }},' +
      '"timestamp":"2026-01-02T03:04:05.678Z"}',
  )
  expect(answer).toMatchObject({ status: 200, type: 'application/json' })
  expect(answer.json).toEqual({
    error_code: 200,
    cluster_id: w.fake.clusterId,
    topic_name: topic,
    partition_id: 1,
    offset: 0,
    timestamp: '2026-01-02T03:04:05.678Z',
    key: { type: 'BINARY', size: 2 },
    value: { type: 'JSON', size: 29 },
  })
  expect(w.records(topic, 1)).toEqual([
    {
      key: 'k1',
      value: '{ "id":12345678901234567890 }',
      timestamp: Date.parse('2026-01-02T03:04:05.678Z'),
      headers: [
        ['h1', 'value'],
        ['h1', null],
        ['e', ''],
      ],
    },
  ])
})

test('keys and values may be text, null, or not there at all', async () => {
  const topic = newTopic()
  const answer = await produce(
    topic,
    '{"key":{"type":"STRING","data":"k\\u00e9\\n"},"value":{"data":"","type":"STRING"}}' +
      '{"key":{"type":"STRING","data":"k"},"value":{"type":"BINARY","data":null}}{"value":{"type":"JSON"}}{}' +
      '{"key":null,"value":null,"headers":null,"partition_id":null,"timestamp":null}',
  )
  expect(answer.lines.map((l) => [l.error_code, l.key?.size, l.value?.size])).toEqual([
    [200, 4, 0],
    [200, 1, 0],
    [200, undefined, 0],
    [200, undefined, undefined],
    [200, undefined, undefined],
  ])
  expect(w.records(topic, 0).map((r) => [r.key, r.value])).toEqual([
    ['ké\n', ''],
    ['k', null],
    [null, null],
    [null, null],
    [null, null],
  ])
})

test.each([
  '{"value":{"type":"BINARY","data":"%%"}}',
  '{"value":{"type":"BINARY","data":7}}',
  '{"value":{"type":"STRING","data":{}}}',
  '{"value":{"type":"AVRO","data":"x"}}',
  '{"value":{"type":"NOPE","data":"x"}}',
  '{"value":{"data":"x"}}',
  '{"value":{"type":"JSON","data":1,"schema_id":1}}',
  '{"value":{"type":"JSON","data":1,"foo":1}}',
  '{"value":"x"}',
  '{"records":[{"value":1}]}',
  '{"partition_id":"0"}',
  '{"partition_id":1.5}',
  '{"headers":{}}',
  '{"headers":[{"value":"YQ=="}]}',
  '{"headers":[{"name":"a","value":"%"}]}',
  '{"timestamp":"yesterday"}',
  '{"timestamp":12}',
  '{"timestamp":"1969-01-01T00:00:00Z"}',
])('%s is refused in its place, and the records around it are written', async (wrong) => {
  const topic = newTopic()
  const answer = await produce(topic, `{"value":{"type":"JSON","data":1}}${wrong}{"value":{"type":"JSON","data":2}}`)
  expect(answer.status).toBe(200)
  expect(answer.lines.map((l) => l.error_code)).toEqual([200, 400, 200])
  expect(w.records(topic, 0).map((r) => r.value)).toEqual(['1', '2'])
  const alone = await produce(topic, wrong)
  expect([alone.status, alone.json.error_code, typeof alone.json.message]).toEqual([200, 400, 'string'])
})

test('a partition that is not there, and a record that is too large, are refused in their places', async () => {
  const topic = newTopic()
  const large = (n: number) => `{"value":{"type":"STRING","data":"${'x'.repeat(n)}"}}`
  const answer = await produce(
    topic,
    `{"partition_id":1}{"partition_id":-1}${large(12_000)}${large(200_000)}${large(9_000)}`,
  )
  expect(answer.lines.map((l) => l.error_code)).toEqual([40402, 40402, 413, 413, 200])
})

test('a request that begins with a record that is too large is 413', async () => {
  const answer = await produce(newTopic(), `{"value":{"type":"STRING","data":"${'x'.repeat(500_000)}"}}`)
  expect([answer.status, answer.json.error_code]).toEqual([413, 413])
})

test.each([
  ['no JSON', 'hello', 400, 400],
  ['no JSON inside', '{"value":{"type":"JSON","data":{abc}}}', 400, 400],
  ['not UTF-8', Buffer.from('{"value":{"type":"STRING","data":"\xff"}}', 'latin1'), 400, 400],
  ['an array', '[{"value":{"type":"JSON","data":1}}]', 400, 400],
  ['half a record', '{"value":{"type":"JSON","da', 400, 400],
  ['nothing', '', 422, 42206],
  ['nothing but space', ' \n ', 422, 42206],
])('a request of %s is refused with its status', async (_, body, status, code) => {
  const topic = newTopic()
  const answer = await produce(topic, body as string)
  expect([answer.status, answer.json.error_code]).toEqual([status, code])
  expect(w.records(topic, 0)).toEqual([])
})

test('what is no JSON after good records ends the answer in its place', async () => {
  const topic = newTopic()
  const answer = await produce(topic, '{"value":{"type":"JSON","data":1}} oops {"value":{"type":"JSON","data":2}}')
  expect(answer.status).toBe(200)
  expect(answer.lines.map((l) => l.error_code)).toEqual([200, 400])
  expect(w.records(topic, 0).map((r) => r.value)).toEqual(['1'])
})

test('clusters, topics and types that are not there are told by status', async () => {
  const headers = { 'content-type': 'application/json' }
  const post = (path: string, more = {}) => w.send('POST', path, { body: '{}', headers: { ...headers, ...more } })
  expect((await post('/v3/clusters/other/topics/t/records')).json.error_code).toBe(404)
  expect((await post(pathOf('nope'))).json).toEqual({ error_code: 40401, message: 'Topic not found.' })
  expect((await post(pathOf(newTopic()), { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await post(pathOf(newTopic()), { accept: 'text/html' })).status).toBe(406)
})

test('a client finds the cluster by asking', async () => {
  const { json } = await w.send('GET', '/v3/clusters')
  expect(json).toMatchObject({
    kind: 'KafkaClusterList',
    data: [{ kind: 'KafkaCluster', cluster_id: w.fake.clusterId }],
  })
  const self = new URL(json.data[0].metadata.self)
  expect((await w.send('GET', self.pathname.replace('/rest', ''))).json).toEqual(json.data[0])
  expect((await w.send('GET', '/v3/clusters/other')).json.error_code).toBe(404)
})

test('records of an open request are answered as they come', async () => {
  const s = stream(newTopic())
  for (let i = 0; i < 3; i++) {
    s.req.write(`{"value":{"type":"JSON","data":${i}}}`)
    await s.until(i + 1)
  }
  expect(s.received.map((r) => r.offset)).toEqual([0, 1, 2])
  s.req.write('{"value":{"type":"JSON",')
  s.req.end('"data":3}}')
  expect(await s.ended).toBe(200)
  expect(s.received.map((r) => r.offset)).toEqual([0, 1, 2, 3])
})

test('answers keep the order of their records, whatever is refused or slow', async () => {
  const topic = newTopic(3)
  const s = stream(topic)
  const n = 3_000
  for (let i = 0; i < n; i++) {
    const broken = i % 7 === 0
    s.req.write(`{"partition_id":${i % 3},"value":{"type":"${broken ? 'NOPE' : 'JSON'}","data":${i}}}\n`)
  }
  s.req.end()
  await s.ended
  expect(s.received.map((r) => r.error_code)).toEqual(Array.from({ length: n }, (_, i) => (i % 7 === 0 ? 400 : 200)))
  for (const [i, r] of s.received.entries()) if (r.error_code === 200) expect(r.partition_id).toBe(i % 3)
})

test('a client that goes away in the middle leaves what it sent written once', async () => {
  const topic = newTopic()
  const s = stream(topic)
  s.req.write('{"value":{"type":"JSON","data":1}}{"value":{"type":"JSON","data":2}}{"value":')
  await s.until(2)
  s.req.destroy()
  await s.ended.catch(() => {})
  expect((await produce(topic, '{"value":{"type":"JSON","data":3}}')).json.offset).toBe(2)
})

test('a retry by the producer behind is not seen in the answers', async () => {
  const topic = newTopic()
  w.fake.next(Produce, 1, () => 'served and cut')
  const answer = await produce(topic, '{"value":{"type":"JSON","data":1}}{"value":{"type":"JSON","data":2}}')
  expect(answer.lines.map((l) => l.offset)).toEqual([0, 1])
  expect(w.records(topic, 0)).toHaveLength(2)
})
