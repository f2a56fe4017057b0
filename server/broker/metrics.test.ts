/** What a broker counts of itself, as it is scraped, beside what clients have done. */
import { expect, test } from 'vitest'
import { parse, type Scrape } from '../../e2e/lib/prometheus.ts'
import type { MetricsDetail } from '../config/metrics_detail.ts'
import { expose, Families, labels } from '../lib/exposition.ts'
import { errorCode } from '../protocol/errors.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { ListOffsets } from '../protocol/messages/02_list_offsets.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { OffsetCommit } from '../protocol/messages/08_offset_commit.ts'
import { FindCoordinator } from '../protocol/messages/10_find_coordinator.ts'
import { ApiVersions } from '../protocol/messages/18_api_versions.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { apis } from '../protocol/messages/index.ts'
import { buildBatch } from '../records/build_batch.ts'
import { errorWalk } from '../rpc/error_counts.ts'
import { look } from './look.ts'
import { brokerMetricsTable } from './metrics_table.ts'
import { stage } from './testing.ts'

type Stage = ReturnType<typeof stage>

const scrape = async (s: Stage, detail: MetricsDetail = 'partition'): Promise<Scrape> => {
  const families = new Families()
  const seen = await s.wait(look(s.broker, detail))
  for (const part of expose(brokerMetricsTable, seen, labels({ cluster: 'c', broker: 1 }))) families.add(part)
  for (const format of ['openmetrics', 'text'] as const) parse([...families.text(format)].join(''), format)
  return parse([...families.text('text')].join(''), 'text')
}

const batch = (n: number) =>
  buildBatch(
    Array.from({ length: n }, (_, i) => ({ key: null, value: Buffer.from(`v${i}`) })),
    { timestamp: 1_735_689_600_000 },
  )
const make = (s: Stage, ...names: string[]) => s.ask(Metadata, 4, { topics: names.map((name) => ({ name })) })
const produce = (s: Stage, name: string, records: Buffer, acks = -1) =>
  s.ask(Produce, 7, { acks, timeoutMs: 1000, topicData: [{ name, partitionData: [{ index: 0, records }] }] })
const fetchAll = (s: Stage, topic: string, maxWaitMs = 0, fetchOffset = 0) =>
  s.ask(Fetch, 11, {
    maxWaitMs,
    minBytes: 1,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }] }],
  })
const TOPIC = 'kafka_server_brokertopicmetrics'

test('records and bytes of a topic are those that were produced and fetched, and the sum has no label', async () => {
  const s = stage()
  await s.start()
  await make(s, 'a', 'b')
  const records = batch(7)
  await produce(s, 'a', records)
  await produce(s, 'a', records, 1)
  await produce(s, 'b', batch(1))
  await fetchAll(s, 'a')
  await fetchAll(s, 'a')
  const m = await scrape(s)
  const all = (topic: string) =>
    ['messagesin', 'bytesin', 'bytesout', 'totalproducerequests', 'totalfetchrequests', 'failedproducerequests'].map(
      (name) => m.value(`${TOPIC}_${name}_total`, { topic }),
    )
  expect(all('a')).toEqual([14, 2 * records.length, 4 * records.length, 2, 2, 0])
  expect(m.value('weir_topic_messages_out_total', { topic: 'a' })).toBe(28)
  const sums = m.find(`${TOPIC}_messagesin_total`).filter((one) => one.labels.topic === undefined)
  expect(sums.map((one) => [one.value, one.labels])).toEqual([[15, { cluster: 'c', broker: '1' }]])
})

test('a batch that is sent again is not counted again', async () => {
  const s = stage()
  await s.start()
  await make(s, 'a')
  const records = buildBatch([{ key: null, value: Buffer.from('v') }], {
    timestamp: 1,
    producerId: 5,
    producerEpoch: 0,
    baseSequence: 0,
  })
  await produce(s, 'a', Buffer.from(records))
  await produce(s, 'a', Buffer.from(records))
  const m = await scrape(s)
  expect(m.value(`${TOPIC}_messagesin_total`, { topic: 'a' })).toBe(1)
  expect(m.value('kafka_log_log_logendoffset', { topic: 'a', partition: '0' })).toBe(1)
})

test('errors are counted by API and name, and against the topic where there is one', async () => {
  const s = stage()
  await s.start()
  await make(s, 'a')
  await produce(s, 'nowhere', batch(1))
  await fetchAll(s, 'a', 0, 99)
  const damaged = batch(1)
  damaged[damaged.length - 1]! ^= 1
  await produce(s, 'a', damaged)
  const m = await scrape(s)
  const error = (request: string, name: string) =>
    m.value('kafka_network_requestmetrics_errors_total', { request, error: name })
  expect([error('Produce', 'UNKNOWN_TOPIC_OR_PARTITION'), error('Produce', 'CORRUPT_MESSAGE')]).toEqual([1, 1])
  expect(error('Fetch', 'OFFSET_OUT_OF_RANGE')).toBe(1)
  expect(error('Fetch', 'NONE')).toBeUndefined()
  expect(m.value(`${TOPIC}_failedfetchrequests_total`, { topic: 'a' })).toBe(1)
  const failed = m.find(`${TOPIC}_failedproducerequests_total`)
  expect(failed.map((one) => [one.labels.topic, one.value])).toContainEqual(['a', 1])
  expect(failed.find((one) => one.labels.topic === undefined)!.value).toBe(2)
})

test('requests have their versions, and a fetch that waited its time as latency and as waiting', async () => {
  const s = stage()
  await s.start()
  await make(s, 'a')
  await fetchAll(s, 'a', 400)
  await s.ask(ListOffsets, 2, {
    replicaId: -1,
    topics: [{ name: 'a', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  })
  const m = await scrape(s)
  expect(m.value('kafka_network_requestmetrics_requests_total', { request: 'Fetch', version: '11' })).toBe(1)
  expect(m.value('kafka_network_requestmetrics_requests_total', { request: 'ListOffsets', version: '2' })).toBe(1)
  const seconds = (name: string, request: string) => m.value(`weir_request_${name}duration_seconds_sum`, { request })
  for (const name of ['', 'wait_']) {
    expect(seconds(name, 'Fetch')).toBeGreaterThanOrEqual(0.4)
    expect(seconds(name, 'Fetch')).toBeLessThan(0.5)
  }
  expect(m.value('weir_request_wait_duration_seconds_count', { request: 'ListOffsets' })).toBeLessThanOrEqual(1)
  expect(m.value('kafka_network_requestmetrics_totaltimems', { request: 'Fetch', quantile: '0.5' })).toBeGreaterThan(
    250,
  )
  expect(m.value('weir_request_bytes_total', { request: 'Fetch' })).toBeGreaterThan(50)
})

test('a fetch that waits is in the purgatory and among the requests in flight, and gone afterwards', async () => {
  const s = stage()
  await s.start()
  await make(s, 'a')
  const connection = await s.connect()
  const answer = connection.send(
    Fetch,
    {
      maxWaitMs: 5000,
      minBytes: 1,
      topics: [{ topic: 'a', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }] }],
    },
    { minVersion: 11, maxVersion: 11 },
  )
  await s.ask(ApiVersions, 0, {})
  const waiting = async () => {
    const m = await scrape(s)
    return [
      m.value('kafka_server_delayedoperationpurgatory_purgatorysize', { delayedOperation: 'Fetch' }),
      m.value('weir_requests_in_flight'),
      m.value('weir_connections'),
    ]
  }
  expect(await waiting()).toEqual([1, 1, 2])
  await s.wait(answer)
  expect(await waiting()).toEqual([0, 0, 2])
  expect((await scrape(s)).value('weir_connections_accepted_total')).toBe(2)
})

test('acks=all is synced, acks=1 is not, and syncs have a duration', async () => {
  const s = stage()
  await s.start()
  await make(s, 'a')
  const count = async () => (await scrape(s)).value('weir_log_sync_duration_seconds_count')!
  const before = await count()
  await produce(s, 'a', batch(1), 1)
  expect(await count()).toBe(before)
  await produce(s, 'a', batch(1), -1)
  expect(await count()).toBe(before + 1)
})

test('partitions, logs, disk and groups are those that there are', async () => {
  const s = stage()
  await s.start({ 'offsets.topic.num.partitions': '3', 'num.partitions': '2' })
  await make(s, 'a')
  await s.ask(FindCoordinator, 2, { key: 'g', keyType: 0 })
  const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }]
  await s.ask(OffsetCommit, 7, { groupId: 'g', topics: [{ name: 'a', partitions }] })
  const m = await scrape(s)
  const gauge = (name: string) => m.value(`kafka_server_replicamanager_${name}`)
  expect(['partitioncount', 'leadercount', 'offlinereplicacount', 'underminisrpartitioncount'].map(gauge)).toEqual([
    5, 5, 0, 0,
  ])
  expect(m.value('weir_groups', { type: 'classic', state: 'Empty' })).toBe(1)
  expect(m.value('weir_group_coordinator_load_duration_seconds_count')).toBe(3)
  const used = m.value('weir_log_dir_used_bytes', { dir: '/data' })!
  expect(used).toBe(m.sum('kafka_log_log_size'))
  expect(used).toBeGreaterThan(0)
  expect(m.value('weir_log_dir_free_bytes')).toBeGreaterThan(0)
  expect(m.sum(`${TOPIC}_messagesin_total`, { topic: '__consumer_offsets' })).toBeGreaterThan(0)
})

test('a topic that is deleted takes its series with it, and the sums go on', async () => {
  const s = stage()
  await s.start()
  await make(s, 'a')
  await produce(s, 'a', batch(5))
  await s.ask(DeleteTopics, 3, { topicNames: ['a'], timeoutMs: 1000 })
  const m = await scrape(s)
  expect(m.samples.filter((one) => one.labels.topic === 'a')).toEqual([])
  expect(m.find(`${TOPIC}_messagesin_total`).map((one) => one.value)).toEqual([5])
})

test('the detail decides how many series there are: sums, topics, or partitions', async () => {
  const s = stage()
  await s.start()
  await make(s, 'a')
  const has = async (detail: MetricsDetail) => {
    const m = await scrape(s, detail)
    const found = m.samples.filter((one) => one.labels.topic === 'a')
    return [found.length > 0, found.some((one) => one.labels.partition !== undefined)]
  }
  expect(await has('cluster')).toEqual([false, false])
  expect(await has('topic')).toEqual([true, false])
  expect(await has('partition')).toEqual([true, true])
})

test('what is no request is refused and counted', async () => {
  const s = stage()
  await s.start()
  const socket = await s.wait(s.client.network.connect({ host: 'broker', port: 9092 }))
  const closed = new Promise<void>((resolve) => {
    socket.onClose = () => resolve()
    socket.onData = () => {}
  })
  socket.write([Buffer.from([0, 0, 0, 4, 0x7f, 0xff, 0, 0])])
  await s.wait(closed)
  expect((await scrape(s)).value('weir_requests_refused_total')).toBe(1)
})

test('whatever a client calls the attributes of its metrics, the scrape stays readable', async () => {
  const s = stage()
  await s.start()
  const attributes = (...names: string[]) => names.map((name) => [name, 'a"\n\\'] as const)
  const odd = attributes('cluster', 'broker', 'client_id', 'metric', '__name__', '9', 'ä-ö', '', 'x'.repeat(300))
  const long = (end: string) => [['topic', `${'y'.repeat(199)}${end}`]] as const
  s.broker.telemetry.series.take('id', { client_instance_id: 'id', client_id: 'c' }, [
    { name: 'm', attributes: odd, value: 1, isDelta: false },
    { name: 'n', attributes: long('\u{1f600}'), value: 1, isDelta: false },
    { name: 'n', attributes: long('\u{2f800}'), value: 2, isDelta: false },
  ] as never)
  const m = await scrape(s)
  expect(m.find('weir_client_metric', { metric: 'm', cluster: 'c', broker: '1', client_id: 'c' })).toHaveLength(1)
  expect(m.find('weir_client_metric', { metric: 'n' })).toHaveLength(1)
  expect((await scrape(s, 'cluster')).find('weir_client_metric')).toEqual([])
})

test('a scrape does not make the partitions that are to be made later', async () => {
  const s = stage()
  await s.start()
  await make(s, 'a')
  const { partitions, controller } = s.broker
  partitions.reconcile({ ...controller.image.topic('a')!, name: 'b', topicId: 'BBBBBBBBBBBBBBBBBBBBBB' })
  const open = () => [...partitions.all()].filter((p) => p.partition).map((p) => p.topic)
  expect(open()).toEqual(['a'])
  const m = await look(s.broker, 'partition')
  for (const _ of expose(brokerMetricsTable, m)) expect(open()).toEqual(['a'])
  expect([m.counts.held, m.counts.led, m.counts.offline]).toEqual([2, 2, 0])
})

test('every error in an answer is found, of every API that can tell one, however deep', () => {
  const codes = (walk: ReturnType<typeof errorWalk>, answer: object) => {
    const found: number[] = []
    walk?.(answer as Record<string, unknown>, (code) => found.push(code))
    return found
  }
  const walk = errorWalk(Fetch.response.fields)
  expect(
    codes(walk, {
      errorCode: 0,
      responses: [{ partitions: [{ errorCode: 1 }, { errorCode: 0 }, {}] }, { partitions: [{ errorCode: 6 }] }],
    }),
  ).toEqual([1, 6])
  expect(codes(walk, { errorCode: errorCode.FETCH_SESSION_ID_NOT_FOUND, responses: null })).toEqual([70])
  const without = apis.filter((a) => errorWalk(a.response.fields) === undefined).map((a) => a.name)
  expect(without).toEqual([])
})
