/**
 * Client quotas (KIP-546, KIP-612): for whom there may be some, which, and those of an image that a filter matches.
 * An entity is a user, a client id, both, or an address; a name of null is the default of its kind.
 */
import { KafkaError } from '../protocol/errors.ts'
import type { DescribeClientQuotas } from '../protocol/messages/48_describe_client_quotas.ts'
import type { Infer } from '../protocol/schema.ts'
import type { ClientQuota, MetadataImage } from './image.ts'

export type QuotaEntity = readonly { readonly entityType: string; readonly entityName: string | null }[]

const LONG_MAX = 2 ** 63
const INT_MAX = 2 ** 31 - 1

interface QuotaRow {
  /** The most, and whether only whole numbers may be set. */
  readonly max: number
  readonly whole: boolean
}

const userAndClient: Readonly<Record<string, QuotaRow>> = {
  /** Bytes a second. */
  producer_byte_rate: { max: LONG_MAX, whole: true },
  consumer_byte_rate: { max: LONG_MAX, whole: true },
  /** Of one processor, percent. */
  request_percentage: { max: Number.POSITIVE_INFINITY, whole: false },
  /** Partitions created and deleted, a second (KIP-599). */
  controller_mutation_rate: { max: Number.POSITIVE_INFINITY, whole: false },
}
const ip: Readonly<Record<string, QuotaRow>> = {
  /** Connections accepted, a second. */
  connection_creation_rate: { max: INT_MAX, whole: true },
}

const ENTITY_TYPES = ['user', 'client-id', 'ip']
const MATCH = { exact: 0, default: 1, any: 2 } as const

/** The quotas that this entity may have. Throws INVALID_REQUEST where there is no such entity. */
export function quotasOf(entity: QuotaEntity): Readonly<Record<string, QuotaRow>> {
  if (entity.length === 0) throw invalid('A quota needs an entity: a user, a client-id, or an ip.')
  for (const { entityType, entityName } of entity) {
    if (!ENTITY_TYPES.includes(entityType)) throw invalid(`Unhandled client quota entity type: ${entityType}`)
    if (entityName === '') throw invalid(`Empty ${entityType} not supported`)
  }
  const address = entity.find((e) => e.entityType === 'ip')
  if (!address) return userAndClient
  if (entity.length > 1) throw invalid('A quota of an ip cannot be one of a user or client-id as well.')
  if (address.entityName !== null && ipOf(address.entityName) === undefined) {
    throw invalid(`${address.entityName} is not a valid IP or resolvable host.`)
  }
  return ip
}

/** Throws INVALID_REQUEST where `value` is none for the quota `key` of an entity that may have `rows`. */
export function checkQuota(rows: Readonly<Record<string, QuotaRow>>, key: string, value: number): void {
  const row = Object.hasOwn(rows, key) ? rows[key] : undefined
  if (!row) throw invalid(`Invalid configuration key ${key}`)
  if (Number.isNaN(value) || value <= 0) throw invalid(`Quota ${key} must be greater than 0`)
  if (value > row.max) throw invalid(`The quota ${key} may be at most ${row.max}.`)
  if (row.whole && value % 1 > 1e-6) throw invalid(`${key} cannot be a fractional value.`)
}

/** The address that is meant, in the form that sockets give; undefined where it is none. Names are not looked up. */
export function ipOf(name: string): string | undefined {
  if (name === 'localhost') return '127.0.0.1'
  const parts = name.split('.')
  if (parts.length === 4 && parts.every((p) => /^\d{1,3}$/.test(p) && Number(p) < 256))
    return parts.map(Number).join('.')
  if (!/^[0-9a-fA-F:.]+$/.test(name)) return undefined
  try {
    return new URL(`http://[${name}]`).hostname.slice(1, -1)
  } catch {
    return undefined
  }
}

/** The quotas of the image that a request asks for. */
export function describeClientQuotas(image: MetadataImage, request: Infer<typeof DescribeClientQuotas.request>) {
  const exact = new Map<string, string | null>()
  const any = new Set<string>()
  for (const { entityType, matchType, match } of request.components) {
    if (entityType === '') throw invalid('Invalid empty entity type.')
    if (exact.has(entityType) || any.has(entityType)) {
      throw invalid(`Entity type ${entityType} cannot appear more than once in the filter.`)
    }
    if (!ENTITY_TYPES.includes(entityType)) {
      throw new KafkaError('UNSUPPORTED_VERSION', `Unsupported entity type ${entityType}`)
    }
    if (matchType !== MATCH.exact && match !== null) throw invalid('Only an exact match takes a name to match.')
    if (matchType === MATCH.exact) {
      if (match === null) throw invalid('An exact match needs a name to match.')
      exact.set(entityType, match)
    } else if (matchType === MATCH.default) exact.set(entityType, null)
    else if (matchType === MATCH.any) any.add(entityType)
    else throw invalid(`Unknown match type ${matchType}`)
  }
  const asked = [...exact.keys(), ...any]
  if (asked.includes('ip') && asked.length > 1) {
    throw invalid('An ip cannot be asked for together with a user or client-id.')
  }
  const matches = ({ entity }: ClientQuota): boolean => {
    if (request.strict && entity.length !== asked.length) return false
    const nameOf = (type: string) => entity.find((e) => e.entityType === type)?.entityName
    return [...exact].every(([type, name]) => nameOf(type) === name) && [...any].every((t) => nameOf(t) !== undefined)
  }
  return [...image.clientQuotas.values()].filter(matches).map(({ entity, values }) => ({
    entity: entity.map((e) => ({ ...e })),
    values: [...values].map(([key, value]) => ({ key, value })),
  }))
}

const invalid = (detail: string) => new KafkaError('INVALID_REQUEST', detail)
