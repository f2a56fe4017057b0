/** What a server-side assignor is given, and the assignors by their names (group.consumer.assignors). */
import type { Partitions } from '../partitions.ts'
import { range } from './range.ts'
import { uniform } from './uniform.ts'

export interface AssignedMember {
  readonly memberId: string
  readonly instanceId: string | null
  /** Topic ids. */
  readonly subscription: ReadonlySet<string>
  /** What it was to own until now. */
  readonly previous: Partitions
}

/** Topic id to its number of partitions. Topics that nobody reads are not in it. */
export type AssignedTopics = ReadonlyMap<string, number>

/** Every partition of every topic goes to exactly one of the members that are subscribed to it. */
export type Assignor = (members: readonly AssignedMember[], topics: AssignedTopics) => Map<string, Partitions>

export const assignors: Record<string, Assignor> = { uniform, range }

export const isAssignor = (name: string): boolean => Object.hasOwn(assignors, name)

const JAVA_PACKAGE = 'org.apache.kafka.coordinator.group.assignor.'

/** The names of those that a setting lists: short names, or the classes of Kafka's own. */
export function assignorNames(setting: readonly string[]): string[] {
  return setting.flatMap((entry) => {
    const name = entry.startsWith(JAVA_PACKAGE)
      ? entry
          .slice(JAVA_PACKAGE.length)
          .replace(/Assignor$/, '')
          .toLowerCase()
      : entry
    return isAssignor(name) ? [name] : []
  })
}
