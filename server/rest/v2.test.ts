import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorCode } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { buildBatch } from '../records/build_batch.ts'
import { type RestWorld, restWorld } from './fake_rest.ts'

let w: RestWorld
beforeAll(async () => {
  w = await restWorld({ maxRecordBytes: 10_000, maxBodyBytes: 50_000 })
  for (const name of ['t', 'exact', 'untouched', 'read', 'with space']) w.fake.addTopic(name, { leaders: [1, 1, 1] })
})
afterAll(async () => {
  expect(w.bugs).toEqual([])
  await w.close()
})

const JSON_V2 = 'application/vnd.kafka.json.v2+json'
const BINARY_V2 = 'application/vnd.kafka.binary.v2+json'
const produce = (path: string, body: string, type = JSON_V2, more: Record<string, string> = {}) =>
  w.send('POST', path, { body, headers: { 'content-type': type, ...more } })

test('records as JSON are answered with their places', async () => {
  const body = '{"records":[{"key":"k1","value":{"id":1},"partition":2},{"value":{"id":2},"partition":0}]}'
  const answer = await produce('/topics/t', body)
  expect(answer).toMatchObject({ status: 200, type: 'application/vnd.kafka.v2+json' })
  expect(answer.json).toEqual({
    offsets: [
      { partition: 2, offset: 0, error_code: null, error: null },
      { partition: 0, offset: 0, error_code: null, error: null },
    ],
    key_schema_id: null,
    value_schema_id: null,
  })
  expect(w.records('t', 2)).toMatchObject([{ key: '"k1"', value: '{"id":1}' }])
})

test('JSON is written as the very text that was sent, numbers beyond doubles and spaces included', async () => {
  const value = '{ "id":12345678901234567890, "id": 0.10, "s":"\\u00e9" }'
  await produce('/topics/exact/partitions/0', `{"records":[{"value":${value}},{"value":null},{"key":null},{}]}`)
  expect(w.records('exact', 0).map((r) => r.value)).toEqual([value, null, null, null])
})

test('records as base64 are written as their bytes', async () => {
  const body = JSON.stringify({ records: [{ key: 'a2V5', value: Buffer.from('v\u0000é').toString('base64') }] })
  expect((await produce('/topics/t/partitions/1', body, BINARY_V2)).status).toBe(200)
  expect(w.records('t', 1).at(-1)).toMatchObject({ key: 'key', value: 'v\u0000é' })
})

test('the answer comes in the type that the client accepts', async () => {
  const answer = await produce('/topics/t', '{"records":[{"value":1}]}', JSON_V2, { accept: 'application/json' })
  expect(answer).toMatchObject({ status: 200, type: 'application/json' })
})

test('names are percent-encoded', async () => {
  expect((await produce('/topics/with%20space', '{"records":[{"value":1}]}')).status).toBe(200)
  expect((await w.send('GET', '/topics/%E5%AE%A2')).json.error_code).toBe(40401)
  expect((await w.send('GET', '/topics/%zz')).json.error_code).toBe(400)
})

const GOOD = '{"value":1}'
test.each([
  ['no body', '', JSON_V2, 422, 42206],
  ['half of a body', '{"records":[{"value":1}', JSON_V2, 400, 400],
  ['no JSON inside', `{"records":[${GOOD},{"value":abc}]}`, JSON_V2, 400, 400],
  ['something after it', `{"records":[${GOOD}]} x`, JSON_V2, 400, 400],
  ['not UTF-8', Buffer.from('{"records":[{"value":"\xff"}]}', 'latin1'), JSON_V2, 400, 400],
  ['no records', '{}', JSON_V2, 422, 42206],
  ['empty records', '{"records":[]}', JSON_V2, 422, 42206],
  ['null records', '{"records":null}', JSON_V2, 422, 42206],
  ['an array', `[${GOOD}]`, JSON_V2, 422, 42206],
  ['an unknown field', `{"records":[${GOOD}],"topic":"x"}`, JSON_V2, 422, 42206],
  ['an unknown field in a record', `{"records":[${GOOD},{"value":1,"headers":[]}]}`, JSON_V2, 422, 42206],
  ['a record that is no object', `{"records":[${GOOD},7]}`, JSON_V2, 422, 42206],
  ['a partition that is no number', `{"records":[${GOOD},{"value":1,"partition":"0"}]}`, JSON_V2, 422, 42206],
  ['a partition that is not there', `{"records":[${GOOD},{"value":1,"partition":3}]}`, JSON_V2, 404, 40402],
  ['broken base64', '{"records":[{"value":"YQ=="},{"value":"YQ="}]}', BINARY_V2, 422, 42203],
  ['base64 that is no string', '{"records":[{"value":"YQ=="},{"value":{}}]}', BINARY_V2, 422, 42203],
  ['a record that is too large', `{"records":[${GOOD},{"value":"${'x'.repeat(10_001)}"}]}`, JSON_V2, 413, 413],
  ['a request that is too large', `{"records":[{"value":"${'x'.repeat(60_000)}"}]}`, JSON_V2, 413, 413],
  ['another type', `{"records":[${GOOD}]}`, 'application/json', 415, 415],
  ['a type that needs schemas', `{"records":[${GOOD}]}`, 'application/vnd.kafka.avro.v2+json', 415, 415],
])('%s is refused whole', async (_, body, type, status, code) => {
  const answer = await produce('/topics/untouched', body as string, type)
  expect([answer.status, answer.json.error_code, typeof answer.json.message]).toEqual([status, code, 'string'])
  for (const partition of [0, 1, 2]) expect(w.records('untouched', partition)).toEqual([])
})

test('a record for one partition cannot name another', async () => {
  const answer = await produce('/topics/untouched/partitions/0', '{"records":[{"value":1,"partition":1}]}')
  expect(answer.json.error_code).toBe(42206)
})

test('topics and partitions that are not there are 404', async () => {
  const body = '{"records":[{"value":1}]}'
  expect((await produce('/topics/nope', body)).json).toEqual({ error_code: 40401, message: 'Topic not found.' })
  expect((await produce('/topics/t/partitions/3', body)).json).toEqual({
    error_code: 40402,
    message: 'Partition not found.',
  })
  expect((await produce('/topics/t/partitions/x', body)).json.error_code).toBe(40402)
})

test('what the broker refuses is told for its record, and the others are written', async () => {
  w.fake.next(Produce, 1, (body) => ({
    responses: body.topicData.map((t) => ({
      name: t.name,
      topicId: t.topicId,
      partitionResponses: t.partitionData.map((p) => ({
        index: p.index,
        errorCode: errorCode.INVALID_RECORD,
        baseOffset: -1,
        recordErrors: [{ batchIndex: 1, batchIndexErrorMessage: 'no key' }],
      })),
    })),
  }))
  const answer = await produce('/topics/t/partitions/1', '{"records":[{"value":"a"},{"value":"b"},{"value":"c"}]}')
  expect(answer.status).toBe(200)
  const [a, b, c] = answer.json.offsets
  expect(b).toEqual({ partition: null, offset: null, error_code: 40002, error: 'no key' })
  expect(c.offset).toBe(a.offset + 1)
})

test('the topics API has the shapes of v2', async () => {
  expect((await w.send('GET', '/topics')).json).toEqual(['exact', 'read', 't', 'untouched', 'with space'])
  const partition = { partition: 1, leader: 1, replicas: [{ broker: 1, leader: true, in_sync: true }] }
  expect((await w.send('GET', '/topics/t')).json).toMatchObject({
    name: 't',
    configs: { 'retention.ms': '604800000' },
    partitions: [{ partition: 0 }, partition, { partition: 2 }],
  })
  expect((await w.send('GET', '/topics/t/partitions')).json).toHaveLength(3)
  expect((await w.send('GET', '/topics/t/partitions/1')).json).toEqual(partition)
  expect((await w.send('GET', '/topics/exact/partitions/0/offsets')).json).toEqual({
    beginning_offset: 0,
    end_offset: 4,
  })
  expect((await w.send('GET', '/topics/t/partitions/9/offsets')).json.error_code).toBe(40402)
  expect((await w.send('HEAD', '/topics')).status).toBe(200)
})

test('unknown paths, methods and types are told apart', async () => {
  expect((await w.send('GET', '/nope')).json).toEqual({ error_code: 404, message: 'HTTP 404 Not Found' })
  const wrong = await w.send('DELETE', '/topics/t')
  expect([wrong.status, wrong.json.error_code, wrong.headers.allow]).toEqual([405, 405, 'GET, POST, HEAD'])
  expect((await w.send('GET', '/topics', { headers: { accept: 'text/html' } })).json.error_code).toBe(406)
})

test('a cluster that cannot be reached is 503', async () => {
  w.fake.on(Metadata, () => (unreachable ? 'cut' : undefined))
  let unreachable = true
  const answer = await w.send('GET', '/topics')
  unreachable = false
  expect([answer.status, answer.json.error_code]).toEqual([503, 50301])
  expect((await w.send('GET', '/topics')).status).toBe(200)
})

const read = (query: string, accept?: string) =>
  w.send('GET', `/topics/read/partitions/0/records${query}`, { headers: accept ? { accept } : {} })

test('records are read as they were written, as JSON or as base64', async () => {
  const records = ['{"id":12345678901234567890}', '"é"', null].map((v, i) => ({
    key: i === 0 ? null : Buffer.from(`${i}`),
    value: v === null ? null : Buffer.from(v),
  }))
  w.fake.append('read', 0, buildBatch(records, { timestamp: 1 }))
  w.fake.append('read', 0, buildBatch([{ key: null, value: Buffer.from('not json') }], { timestamp: 1 }))
  const asJson = await read('?offset=0&max_bytes=1', JSON_V2)
  expect(asJson.text).toBe('[{"topic":"read","key":null,"value":{"id":12345678901234567890},"partition":0,"offset":0}]')
  expect(asJson.type).toBe(JSON_V2)
  expect((await read('?offset=2&max_bytes=1', JSON_V2)).json).toEqual([
    { topic: 'read', key: 2, value: null, partition: 0, offset: 2 },
  ])
  const binary = await read('?offset=1')
  expect(binary.type).toBe(BINARY_V2)
  expect(binary.json.map((r: any) => [r.offset, r.key, r.value])).toEqual([
    [1, 'MQ==', Buffer.from('"é"').toString('base64')],
    [2, 'Mg==', null],
    [3, null, Buffer.from('not json').toString('base64')],
  ])
  expect((await read('', 'application/json')).json).toHaveLength(4)
})

test('a record that is no JSON cannot be had as JSON', async () => {
  const answer = await read('?offset=3', JSON_V2)
  expect(answer.json).toEqual({
    error_code: 40801,
    message: `The value at offset 3 is not JSON; ask for ${BINARY_V2}.`,
  })
})

test('reading at the end waits for the time given, or for a record', async () => {
  expect((await read('?offset=4&timeout=0')).json).toEqual([])
  const waiting = read('?offset=4&timeout=20000')
  setTimeout(() => w.fake.append('read', 0, buildBatch([{ key: null, value: Buffer.from('7') }], { timestamp: 1 })), 20)
  expect((await waiting).json).toHaveLength(1)
})

test.each([
  ['?offset=99', 40002],
  ['?offset=-1', 40001],
  ['?offset=abc', 40001],
  ['?timeout=999999', 40001],
  ['?max_bytes=1e3', 40001],
])('%s is refused', async (query, code) => {
  const answer = await read(query)
  expect([answer.status, answer.json.error_code]).toEqual([400, code])
})

test('the OpenAPI document is served', async () => {
  const answer = await w.send('GET', '/openapi.json')
  expect([answer.status, answer.type, answer.json.openapi]).toEqual([200, 'application/json', '3.1.0'])
})
