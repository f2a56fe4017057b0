import { describe, expect, test } from 'vitest'
import { errorCode, errorOf } from '../../protocol/errors.ts'
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import { GetTelemetrySubscriptions } from '../../protocol/messages/71_get_telemetry_subscriptions.ts'
import { PushTelemetry } from '../../protocol/messages/72_push_telemetry.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import { type CodecName, codecId, compress } from '../../records/compression.ts'
import { stage } from '../testing.ts'
import { attribute, gauge, metricsData, sum } from './otlp_writer.ts'

type Stage = ReturnType<typeof stage>

const CLIENT_METRICS = 16

async function started(settings: Record<string, string> = {}): Promise<Stage> {
  const s = stage()
  await s.start(settings)
  return s
}

async function subscribe(s: Stage, name: string, values: Record<string, string | null>): Promise<void> {
  const configs = Object.entries(values).map(([config, value]) => ({
    name: config,
    value,
    configOperation: value === null ? 1 : 0,
  }))
  const { responses } = await s.ask(IncrementalAlterConfigs, 1, {
    resources: [{ resourceType: CLIENT_METRICS, resourceName: name, configs }],
    validateOnly: false,
  })
  expect(responses[0]!.errorCode).toBe(errorCode.NONE)
}

const get = (s: Stage, clientInstanceId = ZERO_UUID) => s.ask(GetTelemetrySubscriptions, 0, { clientInstanceId })

const data = metricsData([
  gauge('records.lag', [{ value: 5, attributes: [attribute('topic', 't'), attribute('client_id', 'false')] }]),
  sum('records', [{ value: 3n }], { delta: true }),
])

async function push(
  s: Stage,
  o: {
    id: string
    subscriptionId: number
    metrics?: Buffer
    codec?: CodecName
    compressionType?: number
    terminating?: boolean
  },
): Promise<string> {
  const codec = o.codec ?? 'none'
  const { errorCode: code } = await s.ask(PushTelemetry, 0, {
    clientInstanceId: o.id,
    subscriptionId: o.subscriptionId,
    terminating: o.terminating ?? false,
    compressionType: o.compressionType ?? codecId(codec),
    metrics: compress(codec, o.metrics ?? data),
  })
  return errorOf(code)
}

const samples = (s: Stage) => Object.fromEntries(s.broker.telemetry.series.samples())

describe('a client that asks', () => {
  test('gets an id, and where nobody has subscribed nothing is wanted of it', async () => {
    const s = await started()
    const answer = await get(s)
    expect(answer).toMatchObject({
      errorCode: errorCode.NONE,
      pushIntervalMs: 300_000,
      telemetryMaxBytes: 1_048_576,
      acceptedCompressionTypes: [4, 3, 1, 2],
      requestedMetrics: [],
      deltaTemporality: false,
    })
    expect(answer.clientInstanceId).not.toBe(ZERO_UUID)
  })

  test('hears what all subscriptions that speak of it want, at the shortest interval', async () => {
    const s = await started()
    await subscribe(s, 'a', { metrics: 'x.,y.', 'interval.ms': '60000' })
    await subscribe(s, 'b', { metrics: 'y.,z.', match: 'client_id=te.*,client_software_name=weir' })
    await subscribe(s, 'c', { metrics: 'q.', 'interval.ms': '1000', match: 'client_id=other' })
    const answer = await get(s)
    expect(answer).toMatchObject({ requestedMetrics: ['x.', 'y.', 'z.'], pushIntervalMs: 60_000 })
    await subscribe(s, 'd', { metrics: '*' })
    const other = await get(s, answer.clientInstanceId)
    expect(other).toMatchObject({ errorCode: errorCode.NONE, requestedMetrics: ['*'] })
    expect(other.subscriptionId).not.toBe(answer.subscriptionId)
  })

  test('too early again is slowed down, until the interval is over', async () => {
    const s = await started()
    const { clientInstanceId } = await get(s)
    expect((await get(s, clientInstanceId)).errorCode).toBe(errorCode.THROTTLING_QUOTA_EXCEEDED)
    await s.sim.time.runFor(300_000)
    expect((await get(s, clientInstanceId)).errorCode).toBe(errorCode.NONE)
  })
})

describe('what is pushed', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'is kept as the last value, compressed by %s',
    async (codec) => {
      const s = await started()
      await subscribe(s, 'all', { metrics: '*', 'interval.ms': '1000' })
      const { clientInstanceId: id, subscriptionId } = await get(s)
      expect(await push(s, { id, subscriptionId, codec })).toBe('NONE')
      await s.sim.time.runFor(1_000)
      expect(await push(s, { id, subscriptionId, codec })).toBe('NONE')
      const own = `client_instance_id="${id}",client_id="test"`
      expect(samples(s)).toEqual({
        [`${own},metric="records.lag",topic="t",attribute_client_id="false"`]: 5,
        // What has come since the last push is added up.
        [`${own},metric="records"`]: 6,
      })
    },
  )

  test('before the interval is over is refused, but for a last one', async () => {
    const s = await started()
    await subscribe(s, 'all', { metrics: '*', 'interval.ms': '10000' })
    const { clientInstanceId: id, subscriptionId } = await get(s)
    await s.sim.time.runFor(10)
    expect(await push(s, { id, subscriptionId })).toBe('NONE')
    expect(await push(s, { id, subscriptionId })).toBe('THROTTLING_QUOTA_EXCEEDED')
    expect(await push(s, { id, subscriptionId, terminating: true })).toBe('NONE')
    await s.sim.time.runFor(10_000)
    expect(await push(s, { id, subscriptionId })).toBe('INVALID_REQUEST')
  })

  test('for a subscription that has changed is refused, and the client may ask at once', async () => {
    const s = await started()
    await subscribe(s, 'all', { metrics: '*', 'interval.ms': '10000' })
    const { clientInstanceId: id, subscriptionId } = await get(s)
    await subscribe(s, 'all', { metrics: 'a.' })
    expect(await push(s, { id, subscriptionId })).toBe('UNKNOWN_SUBSCRIPTION_ID')
    const again = await get(s, id)
    expect(again).toMatchObject({ errorCode: errorCode.NONE, requestedMetrics: ['a.'] })
    await s.sim.time.runFor(10)
    expect(await push(s, { id, subscriptionId: again.subscriptionId })).toBe('NONE')
  })

  test('by nobody, too large, damaged, or compressed as nothing known is refused', async () => {
    const s = await started({ 'telemetry.max.bytes': '5000' })
    await subscribe(s, 'all', { metrics: '*', 'interval.ms': '100' })
    const { clientInstanceId: id, subscriptionId } = await get(s)
    const next = () => s.sim.time.runFor(100)
    expect(await push(s, { id: ZERO_UUID, subscriptionId })).toBe('INVALID_REQUEST')
    await next()
    expect(await push(s, { id, subscriptionId, metrics: Buffer.alloc(5_001) })).toBe('TELEMETRY_TOO_LARGE')
    await next()
    expect(await push(s, { id, subscriptionId, compressionType: 9 })).toBe('UNSUPPORTED_COMPRESSION_TYPE')
    await next()
    expect(await push(s, { id, subscriptionId, compressionType: 1 })).toBe('INVALID_RECORD')
    await next()
    expect(await push(s, { id, subscriptionId, metrics: data.subarray(0, 20) })).toBe('INVALID_RECORD')
    await next()
    // A few thousand bytes that unpack to more than anyone pushes.
    const bomb = Buffer.alloc(32 * 1024 * 1024)
    expect(await push(s, { id, subscriptionId, metrics: bomb, codec: 'zstd' })).toBe('INVALID_RECORD')
    expect(samples(s)).toEqual({})
    expect(Object.fromEntries(s.broker.telemetry.pushes)).toMatchObject({ INVALID_REQUEST: 1, TELEMETRY_TOO_LARGE: 1 })
  })

  test('by a client that is not heard of any more is forgotten', async () => {
    const s = await started()
    await subscribe(s, 'all', { metrics: '*', 'interval.ms': '30000' })
    const { clientInstanceId: id, subscriptionId } = await get(s)
    await s.sim.time.runFor(10)
    await push(s, { id, subscriptionId })
    await s.sim.time.runFor(80_000)
    expect([s.broker.telemetry.size, Object.keys(samples(s)).length]).toEqual([1, 2])
    await s.sim.time.runFor(11_000)
    expect([s.broker.telemetry.size, Object.keys(samples(s)).length]).toEqual([0, 0])
  })

  test('is kept for so many metrics only, and the others are counted', async () => {
    const s = await started()
    await subscribe(s, 'all', { metrics: '*' })
    const { clientInstanceId: id, subscriptionId } = await get(s)
    await s.sim.time.runFor(10)
    const many = metricsData(Array.from({ length: 2_100 }, (_, i) => gauge(`m${i}`, [{ value: i }])))
    expect(await push(s, { id, subscriptionId, metrics: many })).toBe('NONE')
    expect([Object.keys(samples(s)).length, s.broker.telemetry.series.dropped]).toEqual([2_000, 100])
  })
})

test('a subscription survives a restart', async () => {
  const s = await started()
  await subscribe(s, 'all', { metrics: 'a.' })
  await s.stop()
  await s.start()
  expect(await get(s)).toMatchObject({ requestedMetrics: ['a.'] })
})
