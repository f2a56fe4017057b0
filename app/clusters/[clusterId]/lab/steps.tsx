'use client'
/** A scenario's steps: what should happen, what did. */
import { CircleCheck, CircleDashed, CircleX, LoaderCircle, MinusCircle } from 'lucide-react'
import { scenarios } from '../../../../server/console/shapes/lab.ts'
import { cx } from '../../../_ui/cx.ts'
import { Panel } from '../../../_ui/page.tsx'
import { Callout } from '../../../_ui/plan-dialog.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { happenedText, outcomesOf, shouldText } from './step-words.ts'
import type { Run } from './use-run.ts'

const marks = {
  running: { icon: LoaderCircle, look: 'text-accent' },
  passed: { icon: CircleCheck, look: 'text-ok' },
  failed: { icon: CircleX, look: 'text-bad' },
  skipped: { icon: MinusCircle, look: 'text-faint' },
  waiting: { icon: CircleDashed, look: 'text-faint' },
} as const

/** `run`: null shows what a scenario would do. */
export function Steps({ scenario: id, run }: { scenario: string; run: Run | null }) {
  const m = useMessages(messages)
  const f = useFormat()
  const scenario = scenarios.find((s) => s.id === id)
  if (!scenario) return null
  const outcomes = run ? outcomesOf(run) : new Map()
  const trouble = run?.events.flatMap((e) => (e.kind === 'trouble' ? [e.message] : [])) ?? []
  return (
    <Panel title={m.steps.title} flush>
      <ol>
        {scenario.steps.map((step, index) => {
          const outcome = outcomes.get(index)
          const { icon: Icon, look } = marks[(outcome?.state ?? 'waiting') as keyof typeof marks]
          const happened = outcome && happenedText(step, outcome, m.steps, f)
          return (
            <li key={index} className="flex items-start gap-2.5 border-b px-3.5 py-1.5 last:border-b-0">
              <Icon
                size={15}
                aria-hidden
                className={cx('mt-0.5 shrink-0', look, outcome?.state === 'running' && 'animate-spin')}
              />
              <span className="num w-5 shrink-0 text-right text-faint">{index + 1}</span>
              <span className="min-w-0 flex-1">
                {shouldText(step, m.steps, f.duration)}
                {happened && <span className="text-muted"> → {happened}</span>}
              </span>
              {outcome && (
                <span className={cx('shrink-0 text-xs', look)}>{m.steps.states[outcome.state as 'passed']}</span>
              )}
            </li>
          )
        })}
      </ol>
      {trouble.length > 0 && (
        <div className="flex flex-col gap-2 p-3">
          {[...new Set(trouble)].map((sentence) => (
            <Callout key={sentence} level="danger">
              <span lang="en">{sentence}</span>
            </Callout>
          ))}
        </div>
      )}
    </Panel>
  )
}
