/**
 * Requests made up from their descriptions: any API and version, well formed, with names and numbers that mean something to the
 * broker often enough to get past the first check. And the same damaged.
 *
 * Left out is what a client may rightly do to everyone: settings and quotas of the whole broker that would shut others out, and
 * taking the broker itself off the cluster.
 */
import type { Api } from '../../../server/protocol/api.ts'
import { encodeRequest } from '../../../server/protocol/frame.ts'
import { type Field, type Fields, within } from '../../../server/protocol/schema.ts'
import { buildBatch } from '../../../server/records/build_batch.ts'
import { CODECS } from '../../../server/records/compression.ts'
import { encodeMessage } from '../../../server/records/message_set.ts'
import type { Chance } from '../../lib/chance.ts'

/** What attacks are about; nothing here is the well-behaved client's. */
export const VICTIMS = ['victim', 'victim-2', 'victim-3'] as const
export const GROUPS = ['fuzz-group-1', 'fuzz-group-2', 'fuzz-group-3'] as const

const topicNames = [
  ...VICTIMS,
  ...VICTIMS,
  'fuzz-made-1',
  'fuzz-made-2',
  '__consumer_offsets',
  '__transaction_state',
  '..',
]
const odd = ['', 'x'.repeat(249), 'y'.repeat(32_767), '\0', 'ä'.repeat(20), '../../etc', '%s%n', 'null', '{"a":1}']
const configNames = [
  'retention.ms',
  'retention.bytes',
  'cleanup.policy',
  'segment.bytes',
  'segment.ms',
  'max.message.bytes',
  'message.timestamp.type',
  'compression.type',
  'flush.messages',
  'index.interval.bytes',
  'min.insync.replicas',
  'metrics',
  'interval.ms',
  'match',
  'consumer.session.timeout.ms',
  'no.such.config',
]
const configValues = [
  '1',
  '0',
  '-1',
  '100000',
  'compact',
  'compact,delete',
  'delete',
  'lz4',
  'LogAppendTime',
  'true',
  'abc',
  '',
]
const quotaNames = ['producer_byte_rate', 'consumer_byte_rate', 'request_percentage', 'no_such_quota']
const int32s = [-2_147_483_648, -2, -1, 0, 1, 2, 3, 7, 100, 65_536, 2_147_483_647]
const int64s = [-(2 ** 63), -5, -2, -1, 0, 1, 2, 5, 100, 2 ** 31, 2 ** 53, 2 ** 63]

/** Values for fields by what they are called; the first that matches counts. */
const byName: readonly [RegExp, (c: Chance) => unknown][] = [
  [/^(brokerId|replicas|broadcast)$/i, (c) => c.pick([-1, 0, 2, 3, 99])],
  [/resourceType/i, (c) => c.pick([2, 2, 2, 16, 32, 0, 7, -1, 127])],
  [/configOperation/i, (c) => c.pick([0, 1, 2, 3, -1])],
  [/maxWait|timeoutMs$|throttle/i, (c) => c.pick([-1, 0, 1, 50, 200])],
  [/sessionTimeout|rebalanceTimeout/i, (c) => c.pick([6_000, 6_000, 10_000, -1, 0, 2_147_483_647])],
  [/^acks$/i, (c) => c.pick([-1, -1, 1, 1, 0, 2, -2])],
  [/partition(Index|s|Id)?$|^index$/i, (c) => c.pick([0, 0, 0, 1, 2, -1, 77, 2_147_483_647])],
  [/numPartitions|^count$/i, (c) => c.pick([1, 2, 3, -1, 0, 2_147_483_647])],
  [/replicationFactor/i, (c) => c.pick([1, 1, -1, 2, 0])],
  [/isolation/i, (c) => c.pick([0, 1, 2, -1])],
  [/fetchMaxBytes|maxBytes|minBytes/i, (c) => c.pick([0, 1, 1_000, 1_048_576, 2_147_483_647, -1])],
  [/memberEpoch/i, (c) => c.pick([0, 0, 1, -1, -2, 5])],
  [/offset/i, (c) => c.pick([0, 0, 1, 2, 10, -1, -2, -3, 2 ** 53, -(2 ** 63)])],
]

const text = (c: Chance, name: string): string => {
  if (c.oneIn(12)) return c.pick(odd)
  if (/group/i.test(name)) return c.pick(GROUPS)
  if (/regex/i.test(name)) return c.pick(['.*', 'vic.*', '(', '(a+)+$', '[', 'x'.repeat(5_000)])
  if (/protocolType/i.test(name)) return 'consumer'
  if (/assignor|protocol/i.test(name)) return c.pick(['range', 'uniform', 'sticky'])
  if (/member/i.test(name)) return c.pick(['', 'AAAAAAAAAAAAAAAAAAAAAQ', 'BBBBBBBBBBBBBBBBBBBBBQ'])
  if (/resourceName/i.test(name)) return c.pick([...topicNames, ...GROUPS, 'metrics-of-fuzz'])
  if (/config/i.test(name)) return c.pick(configNames)
  if (/value/i.test(name)) return c.pick(configValues)
  if (/entityType/i.test(name)) return c.pick(['user', 'client-id', 'ip', 'nothing'])
  if (/entityName/i.test(name)) return c.pick(['fuzz-user', '10.9.8.7'])
  if (/^key$/i.test(name)) return c.pick([...quotaNames, 'group-1'])
  if (/instance|rack/i.test(name)) return c.pick(['i1', 'i2'])
  return c.pick([...topicNames, ...configNames])
}

/** Ids of topics that are there. */
export type TopicIds = readonly string[]

/** Topics that are to stay are not deleted, so that there is something to attack: only those that attacks have made. */
const DELETE_TOPICS = 20

function primitive(f: Field, name: string, c: Chance, ids: TopicIds): unknown {
  if (/^int|^uint|^float/.test(f.kind) && !c.oneIn(6)) {
    const known = byName.find(([pattern]) => pattern.test(name))
    if (known) return fitting(f.kind, known[1](c) as number)
  }
  switch (f.kind) {
    case 'bool':
      return c.oneIn(2)
    case 'string':
      return text(c, name)
    case 'uuid':
      return c.oneIn(3) ? c.bytes(16).toString('base64url') : c.pick(ids)
    case 'bytes':
      return c.bytes(c.below(60))
    case 'records':
      return records(c)
    case 'float64':
      return c.pick([-1, 0, 1e15, Number.NaN, Number.POSITIVE_INFINITY])
    case 'int64':
      return c.oneIn(4) ? Date.now() - c.below(1_000) : c.pick(int64s)
    default:
      return fitting(f.kind, c.pick(int32s))
  }
}

function fitting(kind: string, n: number): number {
  const bits = Number(/\d+/.exec(kind)?.[0] ?? 64)
  if (kind.startsWith('uint')) return Math.min(Math.abs(n), 2 ** bits - 1)
  if (bits === 64) return n
  return Math.max(-(2 ** (bits - 1)), Math.min(2 ** (bits - 1) - 1, n))
}

function field(f: Field, name: string, version: number, c: Chance, ids: TopicIds): unknown {
  const { nullable } = f.options
  if (nullable !== undefined && within(version, nullable) && c.oneIn(6)) return null
  if (f.kind === 'struct') return fields(f.fields!, version, c, ids)
  if (f.kind !== 'array') return primitive(f, name, c, ids)
  const length = c.oneIn(60) ? 300 : c.below(4)
  return Array.from({ length }, () => field(f.of!, name, version, c, ids))
}

const fields = (all: Fields, version: number, c: Chance, ids: TopicIds): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(all)
      .filter(([, f]) => within(version, f.options.versions) && !(f.options.tag !== undefined && c.oneIn(2)))
      .map(([name, f]) => [name, field(f, name, version, c, ids)]),
  )

/** A batch as producers send it; now and then several, of the old formats, damaged, or no batch at all. */
export function records(c: Chance): Buffer {
  const value = () => c.bytes(c.pick([0, 1, 20, 300]))
  if (c.oneIn(10)) {
    const magic = c.pick([0, 1] as const)
    const old = encodeMessage({ key: null, value: value(), timestamp: Date.now() }, 0, { magic, codec: 'none' })
    return c.oneIn(2) ? damaged(c, old) : old
  }
  const batch = buildBatch(
    Array.from({ length: 1 + c.below(5) }, () => ({
      key: c.oneIn(2) ? value() : null,
      value: c.oneIn(5) ? null : value(),
    })),
    {
      timestamp: Date.now() - c.below(10_000),
      codec: c.pick(CODECS),
      ...(c.oneIn(3) && { producerId: c.below(3), producerEpoch: c.below(2), baseSequence: c.below(4) }),
      ...(c.oneIn(10) && { transactional: true }),
      ...(c.oneIn(20) && { control: true }),
    },
  )
  if (c.oneIn(8)) return Buffer.concat([batch, batch])
  return c.oneIn(3) ? damaged(c, batch) : batch
}

/** A request that any codec would take, or undefined where the made-up values cannot be written down. */
export function request(
  c: Chance,
  api: Api,
  version: number,
  correlationId: number,
  ids: TopicIds,
): Buffer | undefined {
  try {
    const own = api.key === DELETE_TOPICS ? [c.bytes(16).toString('base64url')] : ids
    let body = fields(api.request.fields, version, c, own)
    if (api.key === DELETE_TOPICS) body = JSON.parse(JSON.stringify(body).replace(/"victim[^"]*"/g, '"fuzz-made-1"'))
    return Buffer.concat(encodeRequest(api, version, correlationId, c.pick(['fuzz', 'fuzz', null, '']), body as never))
  } catch {
    return undefined
  }
}

/** Bits turned, numbers made huge, parts cut out, doubled or put in. */
export function damaged(c: Chance, good: Buffer): Buffer {
  let bytes = Buffer.from(good)
  for (let times = 1 + c.below(4); times > 0; times--) {
    const at = c.below(bytes.length + 1)
    const length = c.oneIn(4) ? c.below(200) : c.below(8)
    switch (c.below(7)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << c.below(8)
        break
      case 1:
        if (at < bytes.length) bytes[at] = c.pick([0, 1, 0x7f, 0x80, 0xff])
        break
      case 2:
        if (at + 4 <= bytes.length) bytes.writeInt32BE(c.pick(int32s), at)
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + length))])
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), c.bytes(length), bytes.subarray(at)])
        break
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)])
        break
      default:
        bytes = bytes.subarray(0, at)
    }
  }
  return bytes
}

/** A frame whose contents are damaged; its size is right but for once in ten. Key and version mostly stay what they were. */
export function damagedFrame(c: Chance, frame: Buffer): Buffer {
  const keep = c.oneIn(10) ? 4 : 12
  const body = Buffer.concat([frame.subarray(4, keep), damaged(c, frame.subarray(keep))])
  return sized(body, c.oneIn(10) ? c.pick([-1, body.length + 1, body.length - 1, body.length * 3]) : body.length)
}

export function sized(body: Buffer, size = body.length): Buffer {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeInt32BE(size, 0)
  body.copy(frame, 4)
  return frame
}
