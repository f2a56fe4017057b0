/**
 * The assignor `uniform`, the default: everyone keeps what it has as far as all get about equally much. Nobody has two partitions
 * more than another who could take one of them. Racks are not looked at.
 */
import type { Partitions } from '../partitions.ts'
import type { AssignedMember, AssignedTopics } from './assignor.ts'

interface Load {
  readonly memberId: string
  /** Partitions that it has by now. */
  size: number
  readonly partitions: Map<string, number[]>
}

export function uniform(members: readonly AssignedMember[], topics: AssignedTopics): Map<string, Partitions> {
  const loads = members.map((m): Load => ({ memberId: m.memberId, size: 0, partitions: new Map() }))
  const subscribers = new Map<string, Load[]>()
  for (const [i, { subscription }] of members.entries()) {
    for (const topicId of subscription) {
      const list = subscribers.get(topicId)
      if (list === undefined) subscribers.set(topicId, [loads[i]!])
      else list.push(loads[i]!)
    }
  }
  const taken = keep(members, topics, loads)
  for (const [topicId, numPartitions] of topics) {
    const candidates = subscribers.get(topicId) ?? []
    if (candidates.length > 0) giveOut(topicId, numPartitions, taken.get(topicId), candidates)
  }
  balance(topics, subscribers)
  return new Map(
    loads.map(({ memberId, partitions }) => [
      memberId,
      new Map(
        [...partitions].filter(([, p]) => p.length > 0).map(([topicId, p]) => [topicId, new Set(p.sort(ascending))]),
      ),
    ]),
  )
}

/** What a member had and may still have; of two who had the same, one. Returns what is taken, by topic. */
function keep(members: readonly AssignedMember[], topics: AssignedTopics, loads: readonly Load[]) {
  const taken = new Map<string, Set<number>>()
  for (const [i, { previous, subscription }] of members.entries()) {
    for (const [topicId, partitions] of previous) {
      const numPartitions = subscription.has(topicId) ? (topics.get(topicId) ?? 0) : 0
      let known = taken.get(topicId)
      if (known === undefined) taken.set(topicId, (known = new Set()))
      for (const p of partitions) {
        if (p >= numPartitions || known.has(p)) continue
        known.add(p)
        give(loads[i]!, topicId, p)
      }
    }
  }
  return taken
}

/** To those who have least; each gets its share in one run. */
function giveOut(topicId: string, numPartitions: number, taken: ReadonlySet<number> | undefined, to: Load[]): void {
  const free = Array.from({ length: numPartitions }, (_, p) => p).filter((p) => !taken?.has(p))
  const shares = new Map(to.map((load) => [load, 0]))
  for (let n = free.length; n > 0; n--) {
    const load = least(to)
    load.size++
    shares.set(load, shares.get(load)! + 1)
  }
  let next = 0
  for (const [load, share] of shares) {
    load.size -= share
    for (const p of free.slice(next, next + share)) give(load, topicId, p)
    next += share
  }
}

/** Each move makes the sum of the squares of the loads smaller, so this ends. */
function balance(topics: AssignedTopics, subscribers: ReadonlyMap<string, Load[]>): void {
  for (let moved = true; moved; ) {
    moved = false
    for (const topicId of topics.keys()) {
      const candidates = subscribers.get(topicId) ?? []
      for (;;) {
        const donor = mostOf(topicId, candidates)
        const taker = least(candidates)
        if (donor === undefined || donor.size - taker.size < 2) break
        give(taker, topicId, donor.partitions.get(topicId)!.pop()!)
        donor.size--
        moved = true
      }
    }
  }
}

function give(load: Load, topicId: string, partition: number): void {
  const partitions = load.partitions.get(topicId)
  if (partitions === undefined) load.partitions.set(topicId, [partition])
  else partitions.push(partition)
  load.size++
}

const least = (loads: readonly Load[]): Load => loads.reduce((a, b) => (b.size < a.size ? b : a))

/** Of those who have a partition of the topic. */
function mostOf(topicId: string, loads: readonly Load[]): Load | undefined {
  let most: Load | undefined
  for (const load of loads) {
    if ((load.partitions.get(topicId)?.length ?? 0) > 0 && (most === undefined || load.size > most.size)) most = load
  }
  return most
}

const ascending = (a: number, b: number): number => a - b
