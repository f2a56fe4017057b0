/** Sets of partitions, by topic id, as target and current assignments are made of them. No empty entries. */

/** What a member is to own. */
export type Partitions = ReadonlyMap<string, ReadonlySet<number>>

/** What it owns, each with the epoch in which it was given to the member (KIP-1251). */
export type OwnedPartitions = ReadonlyMap<string, ReadonlyMap<number, number>>

export interface TopicPartitions {
  readonly topicId: string
  readonly partitions: readonly number[]
}

export const NO_PARTITIONS: Partitions = new Map()
export const NOTHING_OWNED: OwnedPartitions = new Map()

export const isIn = (at: { has(partition: number): boolean } | undefined, partition: number): boolean =>
  at?.has(partition) ?? false

/** As messages and records name them, partitions ascending. */
export const listed = (
  assignment: ReadonlyMap<string, { keys(): Iterable<number> }>,
): { topicId: string; partitions: number[] }[] =>
  [...assignment].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions.keys()].sort(ascending) }))

export const partitionsOf = (list: readonly TopicPartitions[]): Partitions =>
  new Map(list.filter((t) => t.partitions.length > 0).map((t) => [t.topicId, new Set(t.partitions)]))

export function samePartitions(a: Partitions, b: Partitions): boolean {
  if (a.size !== b.size) return false
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId)
    if (others?.size !== partitions.size) return false
    for (const p of partitions) if (!others.has(p)) return false
  }
  return true
}

export function sameOwned(a: OwnedPartitions, b: OwnedPartitions): boolean {
  if (a.size !== b.size) return false
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId)
    if (others?.size !== partitions.size) return false
    for (const [p, epoch] of partitions) if (others.get(p) !== epoch) return false
  }
  return true
}

const ascending = (a: number, b: number): number => a - b
