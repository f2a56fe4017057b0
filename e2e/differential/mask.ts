/**
 * Makes two answers comparable: what differs between any two brokers (ids, addresses, times) and what is worded differently on
 * purpose (sentences, documentation) becomes a mark; order counts only within what Kafka keeps in order.
 */

const MARKED: Readonly<Record<string, (value: unknown) => unknown>> = {
  throttleTimeMs: () => 0,
  errorMessage: text,
  documentation: text,
  clusterId: text,
  host: text,
  port: () => '<port>',
  sessionId: (value) => (Number(value) > 0 ? '<session>' : value),
  producerId: (value) => (Number(value) < 0 ? value : '<producer>'),
  topicId: uuid,
  clientInstanceId: uuid,
  replicaDirectoryId: uuid,
  value: place,
  finalizedFeaturesEpoch: (value) => (Number(value) < 0 ? value : '<epoch>'),
}

/** Whether there is a sentence counts, not its words. */
function text(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? '<text>' : value
}

/** A setting that says where something is. */
function place(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (/^[A-Z]+:\/\//.test(value)) return '<addresses>'
  if (/^\d+@/.test(value)) return '<voters>'
  return value.startsWith('/') ? '<path>' : value
}

const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
function uuid(value: unknown): unknown {
  return value === ZERO_UUID ? value : '<uuid>'
}

export interface MaskOptions {
  /** Fields that are left out wherever they stand. */
  readonly without?: readonly string[]
  /** Arrays stay as they came. */
  readonly ordered?: boolean
}

export function masked(value: unknown, o: MaskOptions = {}): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex')
  if (Array.isArray(value)) {
    const items = value.map((item) => masked(item, o))
    const structs = items.every((item) => typeof item === 'object' && item !== null)
    return structs && !o.ordered ? items.sort((a, b) => compare(key(a), key(b))) : items
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !o.without?.includes(name))
      .map(([name, field]) => [name, MARKED[name] ? MARKED[name](field) : masked(field, o)]),
  )
}

/** By name or number first, so that answers that differ in one field still stand side by side. */
function key(item: unknown): string {
  const { name, topicName, resourceName, groupId, partitionIndex, partitionId, ...rest } = item as Record<
    string,
    unknown
  >
  return JSON.stringify([name, topicName, resourceName, groupId, partitionIndex, partitionId, rest])
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** A line a leaf, `path: value`, in the order of the answer. */
export function lines(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path || '.'}: ${JSON.stringify(value)}`]
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item, i) => [`[${label(item) ?? i}]`, item])
    : Object.entries(value).map(([name, field]) => [path ? `.${name}` : name, field])
  if (entries.length === 0) return [`${path || '.'}: ${Array.isArray(value) ? '[]' : '{}'}`]
  return entries.flatMap(([step, field]) => lines(field, path + step))
}

/** What an item is called, for the path to it. */
function label(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const { name, topicName, resourceName, apiKey, ...rest } = item as Record<string, any>
  const found = name ?? topicName ?? resourceName ?? apiKey ?? rest['partitionIndex']
  return found === undefined || found === null || typeof found === 'object' ? undefined : String(found)
}
