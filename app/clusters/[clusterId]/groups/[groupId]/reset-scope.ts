/** Which topics and partitions a reset is for, as the form holds it. Pure. */
import { formatPartitions, parsePartitions } from '../../topics/[topic]/_actions/partition-list.ts'

/** Null: all topics that the group has committed on; else topic → partitions as typed, empty for all of it. */
export type Scope = Readonly<Record<string, string>> | null

export function scopeOf(chosen: readonly { topic: string; partition: number }[]): Scope {
  const partitions: Record<string, number[]> = {}
  for (const { topic, partition } of chosen) (partitions[topic] ??= []).push(partition)
  return Object.fromEntries(Object.entries(partitions).map(([topic, list]) => [topic, formatPartitions(list)]))
}

/** More than any topic has: the cluster says if one does not exist. */
const most = 1_000_000

/** As the procedure wants it; undefined if a list cannot be read or nothing is chosen. */
export function readScope(scope: Scope): { topic: string; partitions: number[] | null }[] | null | undefined {
  if (scope === null) return null
  const topics: { topic: string; partitions: number[] | null }[] = []
  for (const [topic, text] of Object.entries(scope)) {
    const partitions = text.trim() === '' ? null : parsePartitions(text, most)
    if (text.trim() !== '' && partitions === null) return undefined
    topics.push({ topic, partitions })
  }
  return topics.length === 0 ? undefined : topics
}
