/** A scenario's step in words: what should happen, and what has. Pure. */
import { isFaultless, type Run, type Step, type StepState, type Who } from '../../../../server/console/shapes/lab.ts'
import type { messages } from './messages.ts'

type Words = (typeof messages)['en']['steps']
type Duration = (ms: number) => string

export function shouldText(step: Step, m: Words, duration: Duration): string {
  const who = (one: Who) => m.parts[one]
  switch (step.do) {
    case 'act':
      return m.act[step.action](who(step.who))
    case 'faults': {
      if (isFaultless(step.faults)) return m.faults.none(who(step.who))
      if (step.faults.cutOff !== 'no') return m.faults.cutOff(who(step.who))
      return step.faults.fullDisk ? m.faults.fullDisk(who(step.who)) : m.faults.slowDisk(who(step.who))
    }
    case 'hold':
      return m.hold(duration(step.ms))
    case 'await': {
      const what = m.awaits[step.what]
      const whom = (step.who ?? []).map(who).join(', ')
      return `${typeof what === 'string' ? what : what(whom)}, ${m.within(duration(step.withinMs))}`
    }
    case 'nothingLost':
      return m.nothingLost
    case 'gap':
      return m.gap(duration(step.atMostMs))
  }
}

export interface StepOutcome {
  readonly state: StepState
  readonly found: Readonly<Record<string, number>>
}

/** Of each step that has begun, its last state. */
export function outcomesOf(run: Run): ReadonlyMap<number, StepOutcome> {
  return new Map(run.events.flatMap((e) => (e.kind === 'step' ? [[e.step, { state: e.state, found: e.found }]] : [])))
}

export function happenedText(
  step: Step,
  { state, found }: StepOutcome,
  m: Words,
  f: { duration: Duration; integer(n: number): string },
): string {
  if (state === 'running' || state === 'skipped') return ''
  const of = (name: string) => found[name] ?? 0
  switch (step.do) {
    case 'await':
      return state === 'passed' ? m.after(f.duration(Math.round(of('tookMs')))) : m.inTime
    case 'nothingLost':
      return [
        m.found(f.integer(of('acknowledged')), f.integer(of('found'))),
        ...(['lost', 'doubled', 'outOfOrder', 'elsewhere'] as const).flatMap((name) =>
          of(name) > 0 || name === 'lost' ? [m[name](f.integer(of(name)))] : [],
        ),
      ].join(', ')
    case 'gap':
      return m.longest(f.duration(Math.round(of('longestGapMs'))))
    default:
      return ''
  }
}
