/** The topics of the cluster as consumer groups need them, and what they amount to for a group. */
import { crc32c } from '../../../lib/crc32c.ts'
import { murmur2 } from '../../../lib/murmur2.ts'

export interface GroupTopics {
  /** Another number after every change. */
  readonly version: number
  byName(name: string): { readonly topicId: string; readonly numPartitions: number } | undefined
  nameOf(topicId: string): string | undefined
  names(): Iterable<string>
}

/** For coordinators whose groups read nothing. */
export const NO_TOPICS: GroupTopics = { version: 0, byName: () => undefined, nameOf: () => undefined, names: () => [] }

/**
 * Changes whenever one of the topics comes, goes or grows; 0 if there are none. Apache Kafka computes another number from the same:
 * a group that comes from there, or goes there, begins a new epoch once and keeps its assignment.
 */
export function metadataHash(names: ReadonlySet<string>, topics: GroupTopics): number {
  const known = [...names].sort().flatMap((name) => {
    const topic = topics.byName(name)
    return topic === undefined ? [] : [`${topic.topicId} ${name} ${topic.numPartitions}`]
  })
  if (known.length === 0) return 0
  const bytes = Buffer.from(known.join('\n'))
  // Two hashes in the 53 bits that a number holds exactly.
  return (murmur2(bytes) >>> 0) * 2 ** 20 + (crc32c(bytes) & 0xfffff)
}
