/**
 * The judges of a cluster: those of one broker that hold with replicas as well, and those about replicas. (Among the others: a new
 * leader may not know yet how far the one before it had committed, and a broker may not have heard yet of a topic.)
 */
import { COMPACTED, type TimedEvent } from '../history.ts'
import { type Conviction, type Judge, judges as single } from '../judges.ts'

const shared = [
  'an acknowledged record is where it was acknowledged',
  'an offset has one value for ever',
  'of every key of a compacted topic the last record stays',
  'an idempotent producer writes nothing twice',
  "an idempotent producer's records keep their order",
  'no producer is told that its sequence is wrong',
  'nothing is read that nobody sent',
  'a committed offset never goes back',
  'a producer id is given once',
  'in peace it starts and serves',
] as const

export const clusterJudges = {
  ...(Object.fromEntries(shared.map((name) => [name, single[name]!])) as Record<(typeof shared)[number], Judge>),

  /** What retention takes away meanwhile, or has taken away at another replica, does not count. */
  'a second recovery changes nothing': (history) => {
    const starts = new Map<string, number>()
    for (const { event: e } of history)
      if (e.kind === 'contents') starts.set(e.at, Math.max(starts.get(e.at) ?? 0, e.logStart))
    const left = history.map((timed): TimedEvent => {
      const { event: e } = timed
      if (e.kind !== 'contents') return timed
      const logStart = starts.get(e.at)!
      return { ...timed, event: { ...e, logStart, records: e.records.filter(([offset]) => offset >= logStart) } }
    })
    return single['a second recovery changes nothing']!(left)
  },

  /** Each replica compacts in its own time: what one has taken away may be there at the next leader. */
  'a reader skips nothing and sees nothing twice': (history) =>
    single['a reader skips nothing and sees nothing twice']!(
      history.filter(({ event: e }) => !('at' in e && e.at.startsWith(`${COMPACTED}/`))),
    ),

  'an epoch has one leader': (history) => {
    const leaders = new Map<string, number>()
    const wrong: string[] = []
    for (const { event: e } of history) {
      if (e.kind !== 'leads') continue
      const key = `${e.at} in epoch ${e.epoch}`
      const other = leaders.get(key)
      if (other !== undefined && other !== e.node) wrong.push(`${key}: ${other} and ${e.node} lead`)
      leaders.set(key, e.node)
    }
    return wrong
  },

  /** A new leader may not know yet how far the one before it had committed; but who knew does not forget. */
  'the epoch and the high watermark of a replica never go back': (history) => {
    const last = new Map<string, { epoch: number; highWatermark: number }>()
    const wrong: string[] = []
    for (const { ms, event: e } of history) {
      if (e.kind !== 'stands') continue
      const key = `${e.at} on ${e.node}, replica ${e.replica}`
      const before = last.get(key)
      for (const what of ['epoch', 'highWatermark'] as const) {
        if (before && e[what] < before[what])
          wrong.push(`${key}: at ${ms} the ${what} went back from ${before[what]} to ${e[what]}`)
      }
      last.set(key, e)
    }
    return wrong
  },

  'replicas in sync are equal, byte for byte': (history) => {
    const first = new Map<string, { node: number; text: string }>()
    const wrong: string[] = []
    let round = 0
    for (const { event: e } of history) {
      // A new round of comparing begins behind every reading of all.
      if (e.kind === 'contents') round++
      if (e.kind !== 'replica') continue
      const key = `${round} ${e.at}`
      const text = JSON.stringify([e.logStart, e.highWatermark, e.checksum])
      const other = first.get(key)
      if (other === undefined) first.set(key, { node: e.node, text })
      else if (other.text !== text)
        wrong.push(`${e.at}: ${other.text} on ${other.node}, ${text} on ${e.node} (start, high watermark, checksum)`)
    }
    return wrong
  },
} satisfies Record<string, Judge>

/** The cluster, broken on purpose, so that every judge is seen to convict. */
export interface ClusterMutant {
  /** The judge that must convict it, others may. */
  readonly judge: keyof typeof clusterJudges
  /** One that has convicted it, so that nobody waits long for a conviction. */
  readonly seed: number
  /** Replaces code; returns what puts it back. */
  install(): () => void
}

export const judgeCluster = (history: readonly TimedEvent[]): Conviction[] =>
  Object.entries(clusterJudges).flatMap(([name, judge]) => judge(history).map((what) => ({ judge: name, what })))
