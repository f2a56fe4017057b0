/**
 * Sends many items to the brokers that are responsible for them, one request a broker, and gathers one answer an item.
 * Items whose error says that another broker is responsible, or that a retry may help, are sent again until time is up;
 * an item's failure is in its own answer and never fails the others.
 */
import { KafkaError } from '../protocol/errors.ts'
import type { Cluster } from './cluster.ts'
import { asKafkaError, asMoved, isCoordinatorLost, isStale } from './errors.ts'

export interface TopicPartition {
  topic: string
  partition: number
}

export interface RoutingOptions {
  timeoutMs?: number
  /** A broker that has not answered after so long has failed this time; for what changes nothing. Default: the connection's limit. */
  answerWithinMs?: number
  signal?: AbortSignal
}

interface Route<I> {
  item: I
  node: number
}

/** What is not there, or damaged, will mostly be so in a moment too: worth one more look, no more. */
const ONCE: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'CORRUPT_MESSAGE'])

const DEFAULT_TIMEOUT_MS = 15_000

/** To each partition's leader. `failed` makes the answer of an item that got none. Order is that of `items`. */
export function perLeader<I extends TopicPartition, R extends { error: KafkaError | null }>(
  cluster: Cluster,
  items: readonly I[],
  send: (node: number, items: I[]) => Promise<R[]>,
  failed: (item: I, error: KafkaError) => R,
  options: RoutingOptions = {},
): Promise<R[]> {
  return route(cluster, items, {
    ...options,
    failed,
    send,
    find: (wanted) => leaders(cluster, wanted),
    gone: 'LEADER_NOT_AVAILABLE',
    forget: (item, error) => {
      if (isStale(error)) cluster.metadata.forget(item.topic)
    },
  })
}

/** To each group's coordinator. */
export function perCoordinator<I extends { groupId: string }, R extends { error: KafkaError | null }>(
  cluster: Cluster,
  items: readonly I[],
  send: (node: number, items: I[]) => Promise<R[]>,
  failed: (item: I, error: KafkaError) => R,
  options: RoutingOptions = {},
): Promise<R[]> {
  return route(cluster, items, {
    ...options,
    failed,
    send,
    find: (wanted) => coordinators(cluster, wanted),
    gone: 'COORDINATOR_NOT_AVAILABLE',
    forget: (item, error) => {
      if (isCoordinatorLost(error)) cluster.learnFrom(error, { group: item.groupId })
    },
  })
}

interface Plan<I, R> extends RoutingOptions {
  find(items: I[]): Promise<(Route<I> | { item: I; error: KafkaError })[]>
  send(node: number, items: I[]): Promise<R[]>
  failed(item: I, error: KafkaError): R
  forget(item: I, error: KafkaError): void
  /** What it means that the node is not there. */
  readonly gone: Parameters<typeof asMoved>[1]
}

async function route<I, R extends { error: KafkaError | null }>(
  cluster: Cluster,
  items: readonly I[],
  plan: Plan<I, R>,
): Promise<R[]> {
  const { clock } = cluster.env
  const deadline = clock.monotonic() + (plan.timeoutMs ?? DEFAULT_TIMEOUT_MS)
  const answers = new Map<I, R>()
  let pending = [...items]
  for (let failures = 0; pending.length > 0; failures++) {
    plan.signal?.throwIfAborted()
    const pauseMs = cluster.backoffMs(failures)
    const again: I[] = []
    const answered = await attempt(cluster, plan, pending)
    const last = clock.monotonic() + pauseMs >= deadline
    for (const [item, answer] of answered) {
      if (answer.error) plan.forget(item, answer.error)
      const hopeful = answer.error?.retriable && !(ONCE.has(answer.error.error) && failures > 0)
      if (hopeful && !last) again.push(item)
      else answers.set(item, answer)
    }
    pending = again
    if (pending.length > 0) await cluster.pause(pauseMs, plan.signal)
  }
  return items.map((item) => answers.get(item)!)
}

async function attempt<I, R extends { error: KafkaError | null }>(
  cluster: Cluster,
  plan: Plan<I, R>,
  items: I[],
): Promise<Map<I, R>> {
  const answers = new Map<I, R>()
  const byNode = new Map<number, I[]>()
  for (const found of await plan.find(items)) {
    if ('error' in found) {
      answers.set(found.item, plan.failed(found.item, found.error))
      continue
    }
    const group = byNode.get(found.node)
    if (group) group.push(found.item)
    else byNode.set(found.node, [found.item])
  }
  await Promise.all(
    [...byNode].map(async ([node, group]) => {
      try {
        const results = await cluster.within(plan.answerWithinMs, node, plan.send(node, group))
        for (const [i, item] of group.entries()) answers.set(item, results[i]!)
      } catch (e) {
        const error = asMoved(asKafkaError(e), plan.gone, cluster)
        for (const item of group) answers.set(item, plan.failed(item, error))
      }
    }),
  )
  return answers
}

async function leaders<I extends TopicPartition>(cluster: Cluster, items: I[]) {
  const unknown = new Set(items.map((i) => i.topic).filter((t) => !cluster.metadata.topics.has(t)))
  const errors = new Map<string, KafkaError>()
  if (unknown.size > 0) {
    try {
      for (const topic of await cluster.refresh([...unknown])) if (topic.error) errors.set(topic.name, topic.error)
    } catch (e) {
      const error = asKafkaError(e)
      for (const topic of unknown) errors.set(topic, error)
    }
  }
  return items.map((item) => {
    const topic = cluster.metadata.topics.get(item.topic)
    const p = topic?.partitions[item.partition]
    if (p && p.leader >= 0) return { item, node: p.leader }
    const none =
      topic && !p
        ? new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `topic ${item.topic} has no partition ${item.partition}`)
        : undefined
    const error =
      errors.get(item.topic) ??
      none ??
      p?.error ??
      new KafkaError(topic ? 'LEADER_NOT_AVAILABLE' : 'UNKNOWN_TOPIC_OR_PARTITION')
    return { item, error }
  })
}

async function coordinators<I extends { groupId: string }>(cluster: Cluster, items: I[]) {
  const found = new Map<string, { node: number; error: KafkaError | null }>()
  const unknown: string[] = []
  for (const { groupId } of items) {
    const node = cluster.knownCoordinator({ group: groupId })
    if (node === undefined) unknown.push(groupId)
    else found.set(groupId, { node, error: null })
  }
  if (unknown.length > 0) {
    try {
      for (const c of await cluster.findCoordinators('group', [...new Set(unknown)])) found.set(c.key, c)
      await cluster.brokers()
    } catch (e) {
      for (const groupId of unknown) found.set(groupId, { node: -1, error: asKafkaError(e) })
    }
  }
  return items.map((item) => {
    const c = found.get(item.groupId)
    const error = c ? c.error : new KafkaError('COORDINATOR_NOT_AVAILABLE')
    return error ? { item, error } : { item, node: c!.node }
  })
}

/** `[{topic, partition, …}]` as requests want it: one entry a topic. */
export function byTopic<I extends TopicPartition>(items: readonly I[]): { topic: string; items: I[] }[] {
  const topics = new Map<string, I[]>()
  for (const item of items) {
    const known = topics.get(item.topic)
    if (known) known.push(item)
    else topics.set(item.topic, [item])
  }
  return [...topics].map(([topic, items]) => ({ topic, items }))
}

/** Puts the partitions of a response, which come in any order, into the order of the items that asked for them. */
export function inOrder<I extends TopicPartition, P, R>(
  items: readonly I[],
  topics: readonly { name: string; partitions: readonly (P & { partitionIndex: number })[] }[],
  each: (item: I, p: P & { partitionIndex: number }) => R,
  missing: (item: I, error: KafkaError) => R,
): R[] {
  const found = new Map<string, P & { partitionIndex: number }>()
  for (const t of topics) for (const p of t.partitions) found.set(`${t.name} ${p.partitionIndex}`, p)
  return items.map((item) => {
    const p = found.get(`${item.topic} ${item.partition}`)
    return p ? each(item, p) : missing(item, new KafkaError('UNKNOWN_SERVER_ERROR', 'the broker left a partition out'))
  })
}

/** Cuts a list into lists in which no key is twice: brokers refuse a request that names the same thing again. */
export function withoutRepeats<I>(items: readonly I[], keyOf: (item: I) => string): I[][] {
  const seen = new Map<string, number>()
  const rounds: I[][] = []
  for (const item of items) {
    const key = keyOf(item)
    const round = seen.get(key) ?? 0
    seen.set(key, round + 1)
    if (rounds[round]) rounds[round].push(item)
    else rounds[round] = [item]
  }
  return rounds
}
