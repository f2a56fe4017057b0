/**
 * Which brokers get the replicas of a topic's partitions. Replicas that may stay do, in their place, so that as little as
 * possible is copied; new ones go where a rack has none yet, and then where there are fewest. Pure.
 */
export interface Placed {
  readonly partition: number
  /** Node ids in the order of preference. */
  readonly replicas: readonly number[]
}

export interface Target {
  readonly id: number
  readonly rack: string | null
  /** Replicas of all topics it has now. */
  readonly replicas: number
}

/** `factor` is at most the number of targets. */
export function place(now: readonly Placed[], factor: number, targets: readonly Target[]): Placed[] {
  const load = new Map(targets.map((t) => [t.id, { all: t.replicas, here: 0, first: 0 }]))
  const racks = new Map(targets.map((t) => [t.id, t.rack]))
  const kept = now.map(({ replicas }) => replicas.filter((id) => load.has(id)).slice(0, factor))
  for (const ids of kept) for (const id of ids) load.get(id)!.here++
  for (const { replicas } of now) if (load.has(replicas[0]!)) load.get(replicas[0]!)!.first++
  return now.map(({ partition, replicas: before }, i) => {
    const staying = kept[i]!
    const chosen = [...staying]
    while (chosen.length < factor) {
      const used = new Set(chosen.map((id) => racks.get(id)))
      const crowded = (id: number) => Number(racks.get(id) !== null && used.has(racks.get(id)))
      const [next] = targets
        .map((t) => t.id)
        .filter((id) => !chosen.includes(id))
        .sort((a, b) => {
          const [x, y] = [load.get(a)!, load.get(b)!]
          return crowded(a) - crowded(b) || x.here - y.here || x.all - y.all || a - b
        })
      const l = load.get(next!)!
      l.here++
      if (!before.includes(next!)) l.all++
      chosen.push(next!)
    }
    if (chosen[0] === before[0]) return { partition, replicas: chosen }
    // The preferred leader leaves: whoever leads least takes its place.
    const first = [...chosen].sort((a, b) => load.get(a)!.first - load.get(b)!.first)[0]!
    load.get(first)!.first++
    return { partition, replicas: [first, ...chosen.filter((id) => id !== first)] }
  })
}
