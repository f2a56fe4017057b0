/**
 * Requests that no client would send: every field of every API at random, from values that mean something somewhere. Whatever comes,
 * the broker answers or closes the connection, fails in no way of its own, and has the same topics and settings after a restart.
 */
import { describe, expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { resourceType } from '../metadata/image.ts'
import { type Field, within } from '../protocol/schema.ts'
import { offeredVersions, served } from './apis/index.ts'
import { stage } from './testing.ts'

const TEXTS = [
  ...['', '.', 't', 'u', 'a b', '1', 'g', '主题', 'x'.repeat(250), '__consumer_offsets', '__cluster_metadata'],
  ...['retention.ms', 'cleanup.policy', 'log.retention.ms', 'interval.ms', 'match', 'client_id=[', 'delete', '100'],
  ...['metadata.version', 'group.version', 'kraft.version'],
]
const IDS = ['AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAABw']
const NUMBERS: Partial<Record<Field['kind'], readonly number[]>> = {
  int8: [0, 1, 2, 3, 4, 8, 16, 32, -1, 127, -128],
  int16: [0, 1, 2, 7, 30, -1, 32_767, -32_768],
  uint16: [0, 1, 65_535],
  int32: [0, 1, 2, 3, 9, 100, -1, -2, 2_147_483_647, -2_147_483_648],
  uint32: [0, 1, 4_294_967_295],
  int64: [0, 1, 5, -1, -2, -3, -4, -5, -6, -7, 2 ** 53, -(2 ** 53)],
  float64: [0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY],
}
/** They wait: for records, for members, for a session to end. */
const WAITING = new Set(['Fetch', 'JoinGroup', 'SyncGroup', 'ConsumerGroupHeartbeat'])
/** What a request may make of each, so that the test ends. */
const LIMITS: Readonly<Record<string, number>> = { numPartitions: 5, count: 9 }

function anyValue(field: Field, o: { name: string; version: number; depth: number; random: SimRandom }): unknown {
  const { random, version, name } = o
  const one = <T>(from: readonly T[]): T => from[random.int(from.length)]!
  const { nullable } = field.options
  if (nullable !== undefined && within(version, nullable) && random.int(6) === 0) return null
  switch (field.kind) {
    case 'bool':
      return random.int(2) === 0
    case 'uuid':
      return one(IDS)
    case 'string':
      return one(TEXTS)
    case 'bytes':
    case 'records':
      return random.bytes(random.int(80))
    case 'array':
      return Array.from({ length: random.int(4) }, () => anyValue(field.of!, { ...o, depth: o.depth + 1 }))
    case 'struct':
      return anyStruct(field.fields!, o)
    default:
      return Math.min(one(NUMBERS[field.kind]!), LIMITS[name] ?? Number.POSITIVE_INFINITY)
  }
}

const anyStruct = (fields: Readonly<Record<string, Field>>, o: { version: number; depth: number; random: SimRandom }) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, anyValue(field, { ...o, name })]))

describe.each([1, 2, 4])('requests at random, seed %i', (seed) => {
  test('are answered, and what they have done is there after a restart', async () => {
    const s = stage({ seed })
    await s.start()
    const random = new SimRandom(seed)
    const apis = [...served.values()].map((h) => h.api).filter((api) => !WAITING.has(api.name))
    for (let i = 0; i < 1_500; i++) {
      const api = apis[random.int(apis.length)]!
      const { lowest, highest } = offeredVersions(api)
      const version = lowest + random.int(highest - lowest + 1)
      const body = anyStruct(api.request.fields, { version, depth: 0, random })
      // A Produce with acks=0 has no answer to wait for.
      if (api.name === 'Produce') (body as { acks: number }).acks = -1
      await s.ask(api, version, body as never).catch((error) => {
        if (!/closed the connection/.test(error.message)) throw new Error(`${api.name} v${version}: ${error.message}`)
      })
    }
    expect(s.lines.filter((line) => /unexpected|did not expect/.test(line))).toEqual([])
    const before = shown(s.broker)
    // It has done something.
    expect(before.topics.length).toBeGreaterThan(1)
    expect(before.configs.length).toBeGreaterThan(1)
    await s.stop()
    await s.start()
    expect(shown(s.broker)).toEqual(before)
  }, 60_000)
})

function shown({ controller: { image } }: ReturnType<typeof stage>['broker']) {
  return {
    topics: [...image.topics.values()].map((t) => [t.name, t.topicId, t.partitions.length]).sort(),
    configs: Object.values(resourceType).flatMap((type) =>
      [...(image.configs.get(type) ?? [])].map(([name, values]) => [type, name, [...values].sort()]),
    ),
    features: [...image.features].sort(),
    quotas: [...image.clientQuotas.keys()].sort(),
  }
}
