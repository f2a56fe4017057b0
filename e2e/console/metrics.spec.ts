/** `/metrics` beside what real clients have done, read by a strict reader; and the Grafana dashboard, of which every metric must be there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../lib/paths.ts'
import { metricsIn, parse, type Scrape } from '../lib/prometheus.ts'
import { expect, test } from './fixtures.ts'
import { systemName } from './system.ts'

const url = (query = '') => `${process.env.CONSOLE_URL}/metrics${query}`
const isWeir = systemName() === 'weir'

async function scrape(query = '', accept = 'text/plain'): Promise<Scrape> {
  const response = await fetch(url(query), { headers: { accept } })
  expect(response.status).toBe(200)
  const open = response.headers.get('content-type')!.startsWith('application/openmetrics-text')
  return parse(await response.text(), open ? 'openmetrics' : 'text')
}

/** The console looks about once a second, at a group with a commit of its own a little later. */
const eventually = (value: () => Promise<unknown>) => expect.poll(value, { timeout: 20_000 })

test('offsets and lag are those of what was produced and committed', async ({ client }) => {
  const topic = 'metrics-orders'
  const consumergroup = 'metrics-readers'
  await client.admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
  const send = (partition: number, n: number) =>
    client.producer.send({
      topic,
      messages: Array.from({ length: n }, (_, i) => ({ partition, value: `value ${i}` })),
    })
  await send(0, 40)
  await send(1, 60)

  const consumer = client.kafka.consumer({ groupId: consumergroup })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  let read = 0
  await consumer.run({
    eachMessage: async () => {
      read++
    },
  })
  await expect.poll(() => read, { timeout: 30_000 }).toBe(100)
  const offsets = async () => {
    const m = await scrape()
    const of = (name: string, partition: string) => m.value(`kafka_topic_partition_${name}`, { topic, partition })
    return [of('current_offset', '0'), of('current_offset', '1'), of('oldest_offset', '1'), of('replicas', '0')]
  }
  await eventually(offsets).toEqual([40, 60, 0, 1])
  const group = async () => {
    const m = await scrape()
    return [
      m.value('kafka_consumergroup_members', { consumergroup }),
      m.value('kafka_consumergroup_current_offset_sum', { consumergroup, topic }),
      m.value('kafka_consumergroup_lag_sum', { consumergroup, topic }),
      m.value('weir_consumergroup_lag_seconds', { consumergroup, topic }),
    ]
  }
  await eventually(group).toEqual([1, 100, 0, 0])

  await consumer.disconnect()
  await send(1, 7)
  await eventually(async () => (await group()).slice(0, 3)).toEqual([0, 100, 7])
  const behind = (await scrape()).value('weir_consumergroup_lag_seconds', { consumergroup, topic })!
  expect(behind).toBeGreaterThan(0)
  expect(behind).toBeLessThan(60)
  expect((await scrape()).value('kafka_consumergroup_lag', { consumergroup, topic, partition: '1' })).toBe(7)

  if (!isWeir) return
  const m = await scrape()
  const counted = (name: string) => m.value(name, { topic })
  expect(counted('kafka_server_brokertopicmetrics_messagesin_total')).toBe(107)
  expect(counted('weir_topic_messages_out_total')).toBe(100)
  expect(counted('kafka_server_brokertopicmetrics_bytesin_total')).toBe(m.sum('kafka_log_log_size', { topic }))
  expect(counted('kafka_server_brokertopicmetrics_failedproducerequests_total')).toBe(0)
  const produced = m.sum('kafka_network_requestmetrics_requests_total', { request: 'Produce' })
  expect(m.value('weir_request_duration_seconds_count', { request: 'Produce' })).toBe(produced)
  expect(m.value('weir_broker_up', { broker: '1' })).toBe(1)
})

test("a console of an Apache Kafka tells the client's view alone", async () => {
  test.skip(isWeir, 'that is about the other')
  const m = await scrape()
  expect(m.find('kafka_brokers')).toHaveLength(1)
  expect([...m.families.keys()].filter((name) => name.startsWith('kafka_server') || name === 'weir_broker_up')).toEqual(
    [],
  )
})

test('OpenMetrics for who asks for it, other details, and nothing else than reading', async () => {
  const text = await scrape()
  const open = await scrape('', 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5')
  const names = (m: Scrape) => new Set(m.samples.map((s) => s.name))
  expect(names(open)).toEqual(names(text))
  expect((await scrape('?detail=topic')).samples.filter((s) => s.labels.partition !== undefined)).toEqual([])
  expect((await scrape('?detail=cluster')).samples.filter((s) => s.labels.topic !== undefined)).toEqual([])
  const status = async (query: string, method = 'GET') => (await fetch(url(query), { method })).status
  expect([await status('?detail=all'), await status('', 'POST'), await status('', 'HEAD')]).toEqual([400, 405, 200])
})

test('every expression of the dashboard asks for metrics that there are, with labels that they have', async ({
  client,
}) => {
  test.skip(!isWeir, 'brokers tell of themselves only where they are of Weir')
  const topic = 'metrics-dashboard'
  await client.producer.send({ topic, messages: [{ value: 'one' }] })
  // A member that has no id yet is told so by an error: there is always one to be counted.
  const consumer = client.kafka.consumer({ groupId: topic })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  let read = 0
  await consumer.run({ eachMessage: async () => void read++ })
  await expect.poll(() => read, { timeout: 30_000 }).toBe(1)
  await consumer.disconnect()
  await eventually(async () =>
    (await scrape()).value('kafka_consumergroup_lag_sum', { consumergroup: topic, topic }),
  ).toBe(0)
  const dashboard = JSON.parse(readFileSync(join(root, 'grafana/weir.json'), 'utf8'))
  const expressions: string[] = dashboard.panels.flatMap((p: any) => (p.targets ?? []).map((t: any) => t.expr))
  const queries: string[] = dashboard.templating.list.flatMap((v: any) => (v.query?.query ? [v.query.query] : []))
  expect(expressions.length).toBeGreaterThan(40)
  // Event-loop delay is measured from the first scrape on, over ten seconds.
  await eventually(async () => (await scrape()).find('nodejs_eventloop_lag_p99_seconds').length).toBe(2)
  const m = await scrape()
  const labelsOf = (name: string) => new Set(m.find(name).flatMap((s) => Object.keys(s.labels)))
  const missing: string[] = []
  for (const query of queries) {
    const [, metric, label] = /^label_values\(([a-z_]+)(?:\{.*\})?, (\w+)\)$/.exec(query)!
    if (!labelsOf(metric!).has(label!)) missing.push(query)
  }
  for (const expression of expressions) {
    const names = metricsIn(expression)
    if (names.length === 0) missing.push(`${expression} names none`)
    for (const name of names) {
      const has = labelsOf(name)
      if (has.size === 0) missing.push(`${name} in ${expression}`)
      const [, selector] = new RegExp(`${name}\\{([^}]*)\\}`).exec(expression) ?? []
      for (const [, label] of (selector ?? '').matchAll(/(\w+)=/g))
        if (!has.has(label!)) missing.push(`${label} of ${name}`)
      for (const [, by] of expression.matchAll(/by \(([^)]*)\)/g))
        for (const label of by!.split(', ')) if (!has.has(label)) missing.push(`${label} of ${name} in by`)
    }
  }
  expect(missing).toEqual([])
})
