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
  const load = new Map(keep.map((id) => [id, { replicas: 0, leaders: 0 }]))
  const count = (replicas: readonly number[], n: 1 | -1) => {
    for (const id of replicas) {
      const l = load.get(id)
      if (l) l.replicas += n
    }
    const first = load.get(replicas[0]!)
    if (first) first.leaders += n
  }
  for (const p of partitions) count(p.target ?? p.replicas, 1)

  const plan = { moves: [] as Move[], underWay: [] as PartitionState[], stuck: [] as PartitionState[] }
  for (const p of partitions) {
    const now = p.target ?? p.replicas
    const wanted = raise && now.length >= raise.from ? Math.max(now.length, raise.to(p.topic)) : now.length
    const factor = Math.min(wanted, keep.length)
    const staying = now.filter((id) => load.has(id))
    if (staying.length === now.length && factor <= now.length) {
      if (p.target) plan.underWay.push(p)
      continue
    }
    if (p.leader < 0) {
      plan.stuck.push(p)
      continue
    }
    count(now, -1)
    const replicas = placed(now, factor, keep, load)
    count(replicas, 1)
    plan.moves.push({ topic: p.topic, partition: p.partition, replicas })
  }
  return plan
}

type Load = ReadonlyMap<number, { readonly replicas: number; readonly leaders: number }>

/** Who stays keeps its place; who leaves is replaced in its place; who is added is spread, and so is who leads. */
function placed(now: readonly number[], factor: number, keep: readonly number[], load: Load): number[] {
  const free = keep
    .filter((id) => !now.includes(id))
    .sort((a, b) => {
      const [x, y] = [load.get(a)!, load.get(b)!]
      return x.replicas - y.replicas || x.leaders - y.leaders || a - b
    })
  const replicas = now.map((id) => (load.has(id) ? id : free.shift())).filter((id) => id !== undefined)
  const grows = factor > now.length
  while (replicas.length < factor) replicas.push(free.shift()!)
  replicas.length = factor
  if (grows) {
    const least = [...replicas].sort((a, b) => load.get(a)!.leaders - load.get(b)!.leaders)[0]!
    replicas.unshift(...replicas.splice(replicas.indexOf(least), 1))
  }
  return replicas
}
