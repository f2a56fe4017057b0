/** Requests that no client would send: every field of an API at random, from values that mean something somewhere. For tests. */
import type { SimRandom } from '../env/sim_random.ts'
import type { Api } from '../protocol/api.ts'
import { type Field, within } from '../protocol/schema.ts'

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
/** What a request may make of each, so that a test ends. */
const LIMITS: Readonly<Record<string, number>> = { numPartitions: 5, count: 9, maxWaitMs: 5 }

export interface Chance {
  readonly version: number
  readonly random: SimRandom
  /** By a field's name: what it is most of the time. */
  readonly mostly?: Readonly<Record<string, unknown>>
}

export const anyRequest = (api: Api, chance: Chance): Record<string, unknown> => anyStruct(api.request.fields, chance)

function anyValue(field: Field, name: string, o: Chance): unknown {
  const { random, version, mostly } = o
  const one = <T>(from: readonly T[]): T => from[random.int(from.length)]!
  if (mostly !== undefined && name in mostly && random.int(4) > 0) return mostly[name]
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
      return Array.from({ length: random.int(4) }, () => anyValue(field.of!, '', o))
    case 'struct':
      return anyStruct(field.fields!, o)
    default:
      return Math.min(one(NUMBERS[field.kind]!), LIMITS[name] ?? Number.POSITIVE_INFINITY)
  }
}

const anyStruct = (fields: Readonly<Record<string, Field>>, o: Chance): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, anyValue(field, name, o)]))
