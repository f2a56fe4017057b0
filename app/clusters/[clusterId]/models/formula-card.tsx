'use client'
/** One formula: as printed, with its source, unit and what it leaves out; its value and curve beside what is measured. */
import { useMemo } from 'react'
import { type InputName, type Inputs, inputs } from '../../../../server/console/models/inputs.ts'
import type { Model } from '../../../../server/console/models/model.ts'
import { FunctionChart } from '../../../_charts/chart.tsx'
import type { ChartSeries } from '../../../_charts/series.ts'
import { Badge } from '../../../_ui/badge.tsx'
import { Facts, Panel } from '../../../_ui/page.tsx'
import { Callout } from '../../../_ui/plan-dialog.tsx'
import { Bone } from '../../../_ui/states.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { type Beside, beside, isOdd } from './beside.ts'
import { curve, evaluate, type Range, sample } from './curve.ts'
import type { Basis } from './held.ts'
import { messages } from './messages.ts'
import { useFigures } from './use-figures.ts'

export function FormulaCard({
  model,
  basis,
  given,
  x,
  range,
  logY,
  missing,
}: {
  model: Model
  basis: Basis | undefined
  /** All inputs as they are now; undefined while something is missing. */
  given: Inputs | undefined
  x: InputName
  /** Undefined: it cannot be drawn. */
  range: Range | undefined
  logY: boolean
  /** Why nothing is measured, if so. */
  missing(measured: Beside): string
}) {
  const words = useMessages(messages)
  const m = words.card
  const f = useFormat()
  const { write, writeInput } = useFigures()
  const caveat = (words.caveats as Readonly<Record<string, string>>)[model.id] ?? model.caveat ?? ''
  const name = words.inputs.names[x]
  const measured = basis && beside(model, basis)
  const now = given && evaluate(model, given)

  const liveX = basis?.inputs[x].value
  const series = useMemo((): ChartSeries[] | undefined => {
    if (!given || !basis || !range) return undefined
    const xs = sample(x, range, [given[x], basis.inputs[x].value])
    const points = curve(model, given, x, xs).map(([at, y]) => [at, logY && y !== null && y <= 0 ? null : y] as const)
    const dots = beside(model, basis).flatMap(({ name: which, value }, index): ChartSeries[] =>
      value === null || (logY && value <= 0)
        ? []
        : [
            {
              id: which,
              label: words.measured.names[which],
              points: [[basis.inputs[x].value, value]],
              colour: index === 0 ? 2 : 3,
            },
          ],
    )
    return [{ id: 'model', label: m.model, points, dashed: true, colour: 1 }, ...dots]
  }, [given, basis, range, x, model, logY, words, m])

  return (
    <Panel
      title={<span className="num">{model.id}</span>}
      actions={isOdd(model) && <Badge tone="warn">{m.odd}</Badge>}
      className="@container"
    >
      <div className="grid gap-3 @3xl:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        <div className="flex min-w-0 flex-col gap-3">
          <Facts
            rows={[
              { label: m.formula, value: <span className="text-ink">{model.formula}</span> },
              {
                label: m.source,
                value: m.sourceText(model.source.document, model.source.section),
              },
              { label: m.unit, value: words.unitWords[model.unit as keyof typeof words.unitWords], mono: false },
              {
                label: m.model,
                value: !now ? (
                  <Bone className="w-16" />
                ) : 'value' in now ? (
                  <span className="font-semibold text-ink" title={String(now.value)}>
                    {write(now.value, model.unit)}
                  </span>
                ) : (
                  <span className="font-sans text-bad">
                    {words.reasons[now.error.reason](words.inputs.names[now.error.input])}
                  </span>
                ),
              },
              {
                label: m.measured,
                value: !measured ? (
                  <Bone className="w-16" />
                ) : measured.length === 0 ? (
                  <span className="font-sans text-muted">{m.incomparable}</span>
                ) : (
                  <ul>
                    {measured.map((one) => (
                      <li key={one.name} className="flex flex-wrap gap-x-2">
                        <span className="font-sans text-muted">{words.measured.names[one.name]}</span>
                        {one.value === null ? (
                          <span className="font-sans text-faint">{missing(one)}</span>
                        ) : (
                          <span className="font-semibold text-ink">{write(one.value, model.unit)}</span>
                        )}
                      </li>
                    ))}
                  </ul>
                ),
              },
            ]}
          />
          {now && 'value' in now && <Comparison model={now.value} measured={measured?.[0]?.value ?? null} />}
          {caveat && <Callout level={isOdd(model) ? 'warning' : 'info'}>{caveat}</Callout>}
          {!model.inputs.includes(x) && <p className="text-muted">{m.notInIt(name)}</p>}
        </div>
        <FunctionChart
          title={m.chart(words.quantities[model.quantity], name)}
          name={`model-${model.id}`}
          series={range ? series : []}
          xName={name}
          formatX={(at) => writeInput(at, x)}
          formatY={(y) => (model.unit === 'messages/s' ? `${f.compact(y)}/s` : write(y, model.unit))}
          from={range?.from ?? 0}
          to={range?.to ?? 1}
          logX={range?.log ? (inputs[x].unit === 'B' ? 2 : 10) : undefined}
          logY={logY}
          markX={liveX}
          empty={m.empty}
          heightPx={210}
          className="border-0 bg-transparent"
        />
      </div>
    </Panel>
  )
}

/** How far the model is from what happens. */
function Comparison({ model, measured }: { model: number; measured: number | null }) {
  const m = useMessages(messages).card
  const f = useFormat()
  if (measured === null || measured <= 0) return null
  const ratio = model / measured
  if (Math.abs(ratio - 1) <= 0.01) return <p className="text-muted">{m.same}</p>
  return (
    <p className="text-muted">
      {ratio > 1
        ? m.times(ratio >= 1e4 ? f.compact(ratio) : f.number(ratio, ratio < 10 ? 2 : 0))
        : m.share(f.percent(ratio))}
    </p>
  )
}
