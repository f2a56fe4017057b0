'use client'
/** The steps of a plan, or of an audit entry, as a difference: what stood, what will stand. */
import { useState } from 'react'
import { Button } from './button.tsx'
import { messages } from './common.ts'
import { formatInteger } from './format.ts'
import { useMessages } from './use-messages.ts'

const shownAtFirst = 60

/** A `PlanStep`, or what an audit entry kept of one. */
export interface DiffStep {
  /** Null: its subject says all. */
  readonly kind: string | null
  readonly subject: string
  /** Null: not there. */
  readonly before: string | null
  readonly after: string | null
}

export function PlanDiff({ steps }: { steps: readonly DiffStep[] }) {
  const m = useMessages(messages)
  const kinds = m.plan.steps as Readonly<Record<string, string>>
  const [all, setAll] = useState(false)
  const shown = all ? steps : steps.slice(0, shownAtFirst)
  return (
    <div className="overflow-x-auto rounded-md border">
      <table className="w-full border-collapse">
        <thead>
          <tr className="bg-sunken text-left text-muted text-xs">
            <th scope="col" className="px-2.5 py-1.5 font-medium">
              {m.plan.what}
            </th>
            <th scope="col" className="px-2.5 py-1.5 font-medium">
              {m.plan.before}
            </th>
            <th scope="col" className="px-2.5 py-1.5 font-medium">
              {m.plan.after}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((step, index) => (
            <tr key={`${index} ${step.kind} ${step.subject}`} className="border-t align-top">
              <th scope="row" className="px-2.5 py-1.5 text-left font-normal">
                {step.kind && <span className="text-faint text-xs">{kinds[step.kind] ?? step.kind} </span>}
                <span className="num break-all">{step.subject}</span>
              </th>
              <td className="px-2.5 py-1.5">
                <Side value={step.before} sign="−" look="bg-bad-soft text-bad" />
              </td>
              <td className="px-2.5 py-1.5">
                <Side value={step.after} sign="+" look="bg-ok-soft text-ok" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {steps.length > shown.length && (
        <div className="border-t p-1.5">
          <Button kind="quiet" onClick={() => setAll(true)}>
            {m.json.more(formatInteger(steps.length - shown.length))}
          </Button>
        </div>
      )}
    </div>
  )
}

function Side({ value, sign, look }: { value: string | null; sign: string; look: string }) {
  const m = useMessages(messages)
  if (value === null) return <span className="text-faint">{m.plan.absent}</span>
  return (
    <span className={`num inline-block break-all rounded-sm px-1.5 ${look}`}>
      <span aria-hidden>{sign} </span>
      {value === '' ? m.empty : value}
    </span>
  )
}
