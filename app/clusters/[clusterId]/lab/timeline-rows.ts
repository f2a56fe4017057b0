/**
 * A run's record as the rows of its timeline: who was in which state from when to when. Pure; words and colours are the page's.
 */
import type { ProcessFaults, ProcessState, Run, RunEvent, StepState } from '../../../../server/console/shapes/lab.ts'
import { isFaultless, isGood } from '../../../../server/console/shapes/lab.ts'

/** From when to when something was as it was; the end is exclusive. */
export interface Band<V> {
  readonly fromMs: number
  readonly toMs: number
  readonly value: V
}

export type Bands<V> = readonly Band<V>[]

export interface Leadership {
  readonly leader: number
  readonly leaderEpoch: number
  readonly isr: readonly number[]
  readonly replicas: readonly number[]
}
export interface GroupState {
  readonly state: string
  readonly members: number
  readonly epoch: number | null
  readonly coordinator: number
}
export interface ClusterState {
  readonly brokers: readonly number[]
  readonly partitions: number
  readonly offline: number
  readonly underReplicated: number
}
export interface Second {
  readonly good: boolean
  /** Partitions that took no write. */
  readonly without: readonly number[]
}

export interface Timeline {
  readonly fromMs: number
  readonly toMs: number
  readonly steps: Bands<{ readonly step: number; readonly state: StepState }>
  readonly processes: ReadonlyMap<string, Bands<ProcessState>>
  /** Of those that had any. */
  readonly faults: ReadonlyMap<string, Bands<ProcessFaults>>
  readonly actions: readonly { readonly atMs: number; readonly process: string; readonly action: string }[]
  /** By topic, the lab's first, and partition. */
  readonly topics: ReadonlyMap<string, ReadonlyMap<number, Bands<Leadership>>>
  readonly cluster: Bands<ClusterState>
  readonly groups: ReadonlyMap<string, Bands<GroupState>>
  /** By the second: how many records were given up, and with which error most. */
  readonly errors: Bands<{ readonly count: number; readonly code: string }>
  readonly seconds: Bands<Second>
}

const SECOND_MS = 1_000

export function timelineOf({ head, events, seconds, summary }: Run, nowMs: number): Timeline {
  const toMs = Math.max(summary?.endedAtMs ?? nowMs, head.startedAtMs + SECOND_MS)
  const of = <K extends RunEvent['kind']>(kind: K) =>
    events.filter((e): e is Extract<RunEvent, { kind: K }> => e.kind === kind)
  const faults = bySubject(
    of('faults'),
    (e) => e.process,
    (e) => e.faults,
    toMs,
  )
  return {
    fromMs: head.startedAtMs,
    toMs,
    steps: stepBands(of('step'), toMs),
    processes: bySubject(
      of('process'),
      (e) => e.process,
      (e) => e.state,
      toMs,
    ),
    faults: new Map(
      [...faults].flatMap(([process, bands]) => {
        const set = bands.filter((b) => !isFaultless(b.value))
        return set.length > 0 ? [[process, set] as const] : []
      }),
    ),
    actions: of('action'),
    topics: new Map(
      [head.topic, ...(head.watched === null ? [] : [head.watched])].map((topic) => [
        topic,
        bySubject(
          of('partition').filter((e) => e.topic === topic),
          (e) => e.partition,
          (e) => e,
          toMs,
        ),
      ]),
    ),
    cluster:
      bySubject(
        of('cluster'),
        () => '',
        (e) => e,
        toMs,
      ).get('') ?? [],
    groups: bySubject(
      of('group'),
      (e) => e.group,
      (e) => e,
      toMs,
    ),
    errors: errorBands(of('error'), head.startedAtMs),
    seconds: seconds.map((second) => ({
      fromMs: second.atMs,
      toMs: second.atMs + SECOND_MS,
      value: { good: isGood(second), without: second.acks.flatMap((n, partition) => (n === 0 ? [partition] : [])) },
    })),
  }
}

/** What holds at a moment. */
export const at = <V>(bands: Bands<V>, ms: number): V | undefined =>
  bands.findLast((b) => b.fromMs <= ms && ms < b.toMs)?.value

function bySubject<E extends { readonly atMs: number }, S, V>(
  events: readonly E[],
  subjectOf: (event: E) => S,
  stateOf: (event: E) => V,
  toMs: number,
): Map<S, Bands<V>> {
  const all = new Map<S, Band<V>[]>()
  for (const event of events) {
    const subject = subjectOf(event)
    const bands = all.get(subject) ?? []
    all.set(subject, bands)
    const last = bands.at(-1)
    if (last) bands[bands.length - 1] = { ...last, toMs: event.atMs }
    bands.push({ fromMs: event.atMs, toMs, value: stateOf(event) })
  }
  return all
}

/** A step lasts from its beginning to its end; those that were skipped are no bands. */
function stepBands(events: readonly Extract<RunEvent, { kind: 'step' }>[], toMs: number): Timeline['steps'] {
  const began = new Map<number, number>()
  const bands: Band<{ step: number; state: StepState }>[] = []
  for (const { step, state, atMs } of events) {
    if (state === 'running') began.set(step, atMs)
    else if (began.has(step)) {
      bands.push({ fromMs: began.get(step)!, toMs: Math.max(atMs, began.get(step)! + 1), value: { step, state } })
      began.delete(step)
    }
  }
  for (const [step, fromMs] of began) bands.push({ fromMs, toMs, value: { step, state: 'running' } })
  return bands
}

function errorBands(events: readonly Extract<RunEvent, { kind: 'error' }>[], startedAtMs: number): Timeline['errors'] {
  const seconds = new Map<number, Map<string, number>>()
  for (const { atMs, code } of events) {
    const second = Math.floor((atMs - startedAtMs) / SECOND_MS)
    const codes = seconds.get(second) ?? new Map<string, number>()
    seconds.set(second, codes.set(code, (codes.get(code) ?? 0) + 1))
  }
  return [...seconds].map(([second, codes]) => {
    const most = [...codes].sort((a, b) => b[1] - a[1])[0]!
    const fromMs = startedAtMs + second * SECOND_MS
    const count = [...codes.values()].reduce((sum, n) => sum + n, 0)
    return { fromMs, toMs: fromMs + SECOND_MS, value: { count, code: most[0] } }
  })
}
