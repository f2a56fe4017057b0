/**
 * What clients push (KIP-714): OpenTelemetry's MetricsData, version 1, as protobuf. Read only so far that each number has its
 * name, its attributes and whether it counts up; buckets, quantiles and exemplars are passed over. Any input gives points or a
 * MalformedError, and nothing is kept of the input itself.
 */
import { MalformedError } from '../../protocol/wire.ts'

export interface Point {
  /** Such as `org.apache.kafka.consumer.fetch.manager.records.lag.max`; of a histogram with `.count` or `.sum` behind it. */
  readonly name: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly value: number
  /** It is what has come since the last push, to be added to what there was. */
  readonly isDelta: boolean
}

/** Points beyond are left out: the second result is how many. */
export function readMetrics(data: Buffer, mostPoints: number): { points: Point[]; leftOut: number } {
  const points: Point[] = []
  let leftOut = 0
  const take = (point: Point) => {
    if (points.length < mostPoints) points.push(point)
    else leftOut++
  }
  // MetricsData.resource_metrics → ResourceMetrics.scope_metrics → ScopeMetrics.metrics → Metric
  for (const resource of messages(data, 1)) {
    for (const scope of messages(resource, 2)) {
      for (const metric of messages(scope, 2)) readMetric(metric, take)
    }
  }
  return { points, leftOut }
}

const FIELD = { name: 1, gauge: 5, sum: 7, histogram: 9, summary: 11 } as const
const DELTA = 1

function readMetric(metric: Buffer, take: (point: Point) => void): void {
  let name = ''
  for (const { field, bytes } of fieldsOf(metric)) if (field === FIELD.name && bytes) name = bytes.toString('utf8')
  for (const { field, bytes } of fieldsOf(metric)) {
    if (!bytes) continue
    switch (field) {
      case FIELD.gauge:
      case FIELD.sum: {
        const isDelta = field === FIELD.sum && isDeltaOf(bytes)
        for (const point of messages(bytes, 1)) {
          const { value, attributes } = readNumber(point)
          if (value !== undefined) take({ name, attributes, value, isDelta })
        }
        break
      }
      case FIELD.histogram:
      case FIELD.summary: {
        const isDelta = field === FIELD.histogram && isDeltaOf(bytes)
        const attributesField = field === FIELD.histogram ? 9 : 7
        for (const point of messages(bytes, 1)) {
          const { count, sum, attributes } = readCounts(point, attributesField)
          take({ name: `${name}.count`, attributes, value: count, isDelta })
          if (sum !== undefined) take({ name: `${name}.sum`, attributes, value: sum, isDelta })
        }
      }
    }
  }
}

function isDeltaOf(sum: Buffer): boolean {
  for (const { field, number } of fieldsOf(sum)) if (field === 2) return number === DELTA
  return false
}

/** NumberDataPoint: as_double is field 4, as_int 6, attributes 7. */
function readNumber(point: Buffer) {
  let value: number | undefined
  for (const { field, fixed64 } of fieldsOf(point)) {
    if (field === 4 && fixed64) value = fixed64.readDoubleLE(0)
    if (field === 6 && fixed64) value = Number(fixed64.readBigInt64LE(0))
  }
  return { value, attributes: attributesOf(point, 7) }
}

/** HistogramDataPoint and SummaryDataPoint: count is field 4, sum 5. */
function readCounts(point: Buffer, attributesField: number) {
  let count = 0
  let sum: number | undefined
  for (const { field, fixed64 } of fieldsOf(point)) {
    if (field === 4 && fixed64) count = Number(fixed64.readBigUInt64LE(0))
    if (field === 5 && fixed64) sum = fixed64.readDoubleLE(0)
  }
  return { count, sum, attributes: attributesOf(point, attributesField) }
}

/** KeyValue: key is field 1, value 2, an AnyValue of which texts, booleans and numbers are read. */
function attributesOf(point: Buffer, of: number): [string, string][] {
  const attributes: [string, string][] = []
  for (const pair of messages(point, of)) {
    let key = ''
    let value = ''
    for (const { field, bytes } of fieldsOf(pair)) {
      if (field === 1 && bytes) key = bytes.toString('utf8')
      if (field === 2 && bytes) value = anyValue(bytes)
    }
    attributes.push([key, value])
  }
  return attributes
}

function anyValue(value: Buffer): string {
  for (const { field, bytes, number, fixed64 } of fieldsOf(value)) {
    if (field === 1 && bytes) return bytes.toString('utf8')
    if (field === 2) return number === 0 ? 'false' : 'true'
    if (field === 3) return String(number)
    if (field === 4 && fixed64) return String(fixed64.readDoubleLE(0))
  }
  return ''
}

function* messages(data: Buffer, of: number): Generator<Buffer> {
  for (const { field, bytes } of fieldsOf(data)) if (field === of && bytes) yield bytes
}

interface Field {
  readonly field: number
  readonly number?: number
  readonly fixed64?: Buffer
  readonly bytes?: Buffer
}

/** The fields of a message one after the other; those of 32 bits have no value, for nothing here has that kind. */
function* fieldsOf(data: Buffer): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let i = 0; i < 10; i++) {
      const byte = data[at++]
      if (byte === undefined) throw new MalformedError('metrics that end within a number')
      // Beyond 2^53 the nearest double: no tag or length is there, and attributes are shown only.
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) return value
    }
    throw new MalformedError('metrics with a number that does not end')
  }
  const slice = (length: number): Buffer => {
    if (length > data.length - at) throw new MalformedError('metrics that end within a field')
    at += length
    return data.subarray(at - length, at)
  }
  while (at < data.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        yield { field, number: varint() }
        break
      case 1:
        yield { field, fixed64: slice(8) }
        break
      case 2:
        yield { field, bytes: slice(varint()) }
        break
      case 5:
        slice(4)
        yield { field }
        break
      default:
        throw new MalformedError('metrics with a field of no kind')
    }
  }
}
