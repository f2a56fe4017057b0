'use client'
import type { Inputs } from '../../../../server/console/models/inputs.ts'
/** What was measured in a run, beside the documents' formulas for availability with the same figures. */
import { models as formulas } from '../../../../server/console/models/models.ts'
import { isClean, isGood } from '../../../../server/console/shapes/lab.ts'
import { Badge } from '../../../_ui/badge.tsx'
import { Figure, Figures, Panel } from '../../../_ui/page.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { isOdd } from '../models/beside.ts'
import { messages as modelMessages } from '../models/messages.ts'
import { messages } from './messages.ts'
import type { Run } from './use-run.ts'

const availability = formulas.filter((model) => model.quantity === 'availability')

export function Availability({ run }: { run: Run }) {
  const words = useMessages(messages)
  const m = words.figures
  const models = useMessages(modelMessages)
  const f = useFormat()
  const { head, summary, seconds } = run
  const all = summary?.seconds ?? seconds.length
  const good = summary?.goodSeconds ?? seconds.filter(isGood).length
  const share = all > 0 ? good / all : null
  const verdict = summary?.verdict
  const inputs = {
    partitions: head.partitions,
    brokers: head.brokers,
    replicationFactor: head.replicationFactor,
    time: Math.max(1, all),
  } as Inputs
  const unknown = '–'
  const time = (ms: number | null | undefined) =>
    ms === null || ms === undefined ? unknown : f.duration(ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms))
  const errors = summary && Object.entries(summary.errors).map(([code, n]) => `${code} ${f.integer(n)}`)

  return (
    <Panel title={m.title} flush>
      <Figures className="rounded-none border-0 border-b">
        <Figure
          label={m.measured}
          value={share === null ? unknown : f.percent(share)}
          note={m.measuredNote(f.integer(good), f.integer(all))}
        />
        <Figure
          label={m.longestGap}
          value={time(summary?.longestGapMs)}
          note={summary?.longestGapPartition != null && m.gapNote(String(summary.longestGapPartition))}
        />
        <Figure
          label={m.latency}
          value={time(summary?.latencyP50Ms)}
          note={summary && m.latencyNote(time(summary.latencyP99Ms))}
        />
        <Figure
          label={m.acknowledged}
          value={summary ? f.integer(summary.acknowledged) : unknown}
          note={summary && m.ofSent(f.integer(summary.sent))}
        />
        <Figure
          label={m.failed}
          value={summary ? f.integer(summary.failed) : unknown}
          note={errors && <span title={errors.join('\n')}>{errors.length === 0 ? m.noErrors : errors.join(', ')}</span>}
        />
        <Figure
          label={m.lost}
          value={verdict ? f.integer(verdict.lost) : unknown}
          note={
            verdict ? (
              isClean(verdict) ? (
                <span className="text-ok">{m.clean}</span>
              ) : (
                <span className="text-bad">
                  {[
                    verdict.doubled > 0 && words.steps.doubled(f.integer(verdict.doubled)),
                    verdict.outOfOrder > 0 && words.steps.outOfOrder(f.integer(verdict.outOfOrder)),
                    verdict.elsewhere > 0 && words.steps.elsewhere(f.integer(verdict.elsewhere)),
                  ]
                    .filter(Boolean)
                    .join(', ')}
                </span>
              )
            ) : (
              m.notRead
            )
          }
        />
      </Figures>
      <div className="flex flex-col gap-2 p-3.5">
        <p className="prose-width text-muted">{m.what}</p>
        <h3 className="mt-1 text-sm">{m.beside}</h3>
        <div className="overflow-x-auto">
          <table className="w-full border-collapse">
            <thead>
              <tr className="text-left text-faint text-xs">
                <th scope="col" className="py-1 pr-4 font-medium">
                  {m.columns.formula}
                </th>
                <th scope="col" className="py-1 pr-4 text-right font-medium">
                  {m.columns.value}
                </th>
                <th scope="col" className="py-1 font-medium">
                  {m.columns.note}
                </th>
              </tr>
            </thead>
            <tbody>
              <tr className="border-t">
                <th scope="row" className="py-1.5 pr-4 text-left font-medium">
                  {m.model.measured}
                </th>
                <td className="num py-1.5 pr-4 text-right font-semibold">
                  {share === null ? unknown : f.percent(share)}
                </td>
                <td />
              </tr>
              {availability.map((model) => {
                const value = model.compute(inputs)
                const caveat = (models.caveats as Readonly<Record<string, string>>)[model.id] ?? model.caveat
                return (
                  <tr key={model.id} className="border-t align-top">
                    <th scope="row" className="min-w-48 py-1.5 pr-4 text-left font-normal">
                      <span className="num">{model.id}</span>
                      <span className="block text-muted text-xs">{model.formula}</span>
                    </th>
                    <td className="num py-1.5 pr-4 text-right">
                      {model.unit === '0..1' ? f.percent(value) : `${f.number(value, 2)} ${m.perSecond}`}
                    </td>
                    <td className="min-w-56 py-1.5 text-muted">
                      {isOdd(model) && (
                        <Badge tone="warn" className="mr-1.5">
                          {models.card.odd}
                        </Badge>
                      )}
                      {caveat}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      </div>
    </Panel>
  )
}
