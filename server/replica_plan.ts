/**
 * Which replicas have to move so that all partitions live on given brokers. A pure function of what a client can see of the cluster,
 * asked again and again until it has nothing more to say: so it does not matter where an earlier run was interrupted.
 */

export interface PartitionState {
  readonly topic: string
  readonly partition: number
  /** In the order of preference. While a reassignment runs: with those that are added and those that are removed. */
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** -1: none. */
  readonly leader: number
  /** What a reassignment that runs leads to. */
  readonly target?: readonly number[]
}

export interface Move {
  readonly topic: string
  readonly partition: number
  readonly replicas: readonly number[]
}

export interface ReplicaPlan {
  readonly moves: readonly Move[]
  /** Reassignments towards the goal that run. */
  readonly underWay: readonly PartitionState[]
  /** They have to move, and nobody has them who could be copied from. */
  readonly stuck: readonly PartitionState[]
}

export interface Goal {
  /** Node ids; at least one. */
  readonly keep: readonly number[]
  /** Partitions that are on at least `from` brokers, which were all, get up to `to` replicas. Absent: no more than they have. */
  readonly raise?: { readonly from: number; to(topic: string): number }
}

/** What is to be done now. */
export function replicaPlan(partitions: readonly PartitionState[], { keep, raise }: Goal): ReplicaPlan {
  const load = new Load(keep)
  for (const p of partitions) load.count(p.topic, p.target ?? p.replicas, 1)

  const plan = { moves: [] as Move[], underWay: [] as PartitionState[], stuck: [] as PartitionState[] }
  for (const p of partitions) {
    const now = p.target ?? p.replicas
    const wanted = raise && now.length >= raise.from ? Math.max(now.length, raise.to(p.topic)) : now.length
    const factor = Math.min(wanted, keep.length)
    const staying = now.filter((id) => keep.includes(id))
    if (staying.length === now.length && factor <= now.length) {
      if (p.target) plan.underWay.push(p)
      continue
    }
    if (p.leader < 0) {
      plan.stuck.push(p)
      continue
    }
    load.count(p.topic, now, -1)
    const replicas = placed(now, factor, keep, load.of(p.topic))
    load.count(p.topic, replicas, 1)
    plan.moves.push({ topic: p.topic, partition: p.partition, replicas })
  }
  return plan
}

/** What each broker has, of a topic and of all. */
class Load {
  private readonly counts = new Map<string, number>()

  constructor(private readonly keep: readonly number[]) {}

  count(topic: string, replicas: readonly number[], n: 1 | -1): void {
    const add = (key: string) => this.counts.set(key, (this.counts.get(key) ?? 0) + n)
    for (const [i, id] of replicas.entries()) {
      if (!this.keep.includes(id)) continue
      for (const of of [topic, '']) {
        add(`replicas ${id} ${of}`)
        if (i === 0) add(`leaders ${id} ${of}`)
      }
    }
  }

  /** Compares brokers: who has less of the topic, and if that is the same, of all. */
  of(topic: string) {
    const by = (what: string) => (a: number, b: number) =>
      this.difference(what, a, b, topic) || this.difference(what, a, b, '')
    return { replicas: by('replicas'), leaders: by('leaders') }
  }

  private difference(what: string, a: number, b: number, of: string): number {
    return (this.counts.get(`${what} ${a} ${of}`) ?? 0) - (this.counts.get(`${what} ${b} ${of}`) ?? 0)
  }
}

/** Who stays keeps its place; who leaves is replaced in its place; who is added is spread, and so is who leads. */
function placed(
  now: readonly number[],
  factor: number,
  keep: readonly number[],
  less: ReturnType<Load['of']>,
): number[] {
  const free = keep.filter((id) => !now.includes(id)).sort((a, b) => less.replicas(a, b) || less.leaders(a, b) || a - b)
  const replicas = now.map((id) => (keep.includes(id) ? id : free.shift())).filter((id) => id !== undefined)
  const grows = factor > now.length
  while (replicas.length < factor) replicas.push(free.shift()!)
  replicas.length = factor
  if (grows) {
    const first = [...replicas].sort(less.leaders)[0]!
    replicas.unshift(...replicas.splice(replicas.indexOf(first), 1))
  }
  return replicas
}
