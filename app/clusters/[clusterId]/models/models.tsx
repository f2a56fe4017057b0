'use client'
/**
 * Throughput, latency, availability and storage as the documents' formulas give them, over any of their inputs, beside what is
 * measured. Begins with the live figures; what is changed stands in the address, and so can the figures themselves.
 */
import { useQuery } from '@tanstack/react-query'
import { Pause, Play } from 'lucide-react'
import { useMemo } from 'react'
import { type InputName, type Inputs, inputs } from '../../../../server/console/models/inputs.ts'
import { Button } from '../../../_ui/button.tsx'
import { Segments } from '../../../_ui/chips.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Page, PageHead, Panel } from '../../../_ui/page.tsx'
import { Callout } from '../../../_ui/plan-dialog.tsx'
import { ErrorState } from '../../../_ui/states.tsx'
import { TopicField } from '../../../_ui/topic-field.tsx'
import { useTRPC } from '../../../_ui/trpc.tsx'
import { useUrlState } from '../../../_ui/url-state.ts'
import { useFormat, useHydrated } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { AxisForm } from './axis-form.tsx'
import type { Beside } from './beside.ts'
import { faults, type Range, rangeAround } from './curve.ts'
import { FormulaCard } from './formula-card.tsx'
import { type Basis, inputNames, readHeld, writeHeld } from './held.ts'
import { parseInput } from './input-text.ts'
import { InputsForm } from './inputs-form.tsx'
import { MeasuredCharts } from './measured.tsx'
import { messages } from './messages.ts'
import { Probe } from './probe.tsx'
import { inputsOf, type ModelsUrl, modelsOf, modelsUrl, quantities, windowNames, windowsMs, xOf } from './view.ts'

const refreshMs = 5_000

export function Models() {
  const m = useMessages(messages)
  const f = useFormat()
  const hydrated = useHydrated()
  const trpc = useTRPC()
  const cluster = useClusterId()
  const [url, setUrl] = useUrlState(modelsUrl)
  const windowMs = windowsMs[url.window]
  const held = useMemo(() => readHeld(url.held), [url.held])
  const live = useQuery(
    trpc.models.inputs.queryOptions(
      { cluster, topic: url.topic || null, windowMs },
      { refetchInterval: held ? false : refreshMs },
    ),
  )
  const basis: Basis | undefined = held ?? live.data
  const x = xOf(url.show, url.x)
  const names = inputsOf(url.show)
  const shown = modelsOf(url.show)

  const given = useMemo(() => basis && givenBy(url, basis), [url, basis])
  const fallback = useFallback(x, basis, url)
  const range = useMemo(() => readRange(url, x, fallback), [url, x, fallback])
  const problems = useMemo(() => {
    const found = new Map<InputName, string>()
    for (const { input, reason } of given ? faults(modelsOf(url.show), given) : []) {
      found.set(input, m.reasons[reason](m.inputs.names[input]))
    }
    return found
  }, [url.show, given, m])

  const probe = live.data?.measured.probe
  const missing = ({ name }: Beside): string => {
    if (name !== 'latencyP50Ms' && name !== 'latencyP99Ms' && name !== 'availability') return m.card.noTraffic
    if (!probe || held) return m.card.notMeasured
    return probe.running ? m.card.probeWaits : m.card.probeOff
  }

  return (
    <Page>
      <PageHead
        title={m.title}
        actions={
          held ? (
            <Button icon={Play} onClick={() => setUrl({ held: [] })}>
              {m.goLive}
            </Button>
          ) : (
            <Button
              icon={Pause}
              title={m.holdHelp}
              disabled={!live.data}
              onClick={() => live.data && setUrl({ held: writeHeld(live.data) })}
            >
              {m.hold}
            </Button>
          )
        }
      />
      <p className="prose-width text-muted">{m.intro}</p>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Segments
          label={m.quantity}
          value={url.show}
          onChange={(show) => setUrl({ show, x: '', from: '', to: '' })}
          options={quantities.map((value) => ({ value, label: m.quantities[value] }))}
        />
        <TopicField
          topic={url.topic}
          onTopic={(topic) => topic !== url.topic && setUrl({ topic })}
          label={m.topic}
          placeholder={m.allTopics}
        />
        <span className="flex flex-wrap items-center gap-2">
          <span className="text-muted">{m.window}</span>
          <Segments
            label={m.window}
            value={url.window}
            onChange={(window) => setUrl({ window })}
            options={windowNames.map((value) => ({ value, label: m.windows[value] }))}
          />
        </span>
      </div>
      {held && (
        <Callout level="info">
          {m.held(hydrated ? `${f.dateTime(held.atMs)} ${f.zone}` : '…')} {m.holdHelp}
        </Callout>
      )}
      {live.error && !basis ? (
        <Panel>
          <ErrorState error={live.error} onRetry={() => void live.refetch()} busy={live.isFetching} />
        </Panel>
      ) : (
        <div className="grid items-start gap-3 lg:grid-cols-[272px_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
          <AxisForm x={x} names={names} range={range} fallback={fallback} url={url} setUrl={setUrl} />
          <div className="flex min-w-0 flex-col gap-3 lg:col-start-2 lg:row-span-2 lg:row-start-1">
            {shown.map((model) => (
              <FormulaCard
                key={model.id}
                model={model}
                basis={basis}
                given={given}
                x={x}
                range={typeof range === 'string' ? undefined : range}
                logY={url.logy}
                missing={missing}
              />
            ))}
            {probe && (url.show === 'latency' || url.show === 'availability') && <Probe state={probe} />}
            <MeasuredCharts quantity={url.show} topic={url.topic} windowMs={windowMs} />
          </div>
          <InputsForm names={names} basis={basis} problems={problems} url={url} setUrl={setUrl} />
        </div>
      )}
    </Page>
  )
}

/** What was typed, else the live figure. What cannot be read counts as not a number, and the formula says so. */
function givenBy(url: ModelsUrl['url'], basis: Basis): Inputs {
  return Object.fromEntries(
    inputNames.map((name) => [
      name,
      url[name] === '' ? basis.inputs[name].value : (parseInput(url[name], inputs[name].unit) ?? Number.NaN),
    ]),
  ) as Inputs
}

/** The range around what is marked on the axis, rounded so that it does not move with every look. */
function useFallback(x: InputName, basis: Basis | undefined, url: ModelsUrl['url']): Range {
  const typed = url[x] === '' ? undefined : parseInput(url[x], inputs[x].unit)
  const at = Number((typed ?? basis?.inputs[x].value ?? 10).toPrecision(1))
  return useMemo(() => rangeAround(x, at, url.log), [x, at, url.log])
}

function readRange(url: ModelsUrl['url'], x: InputName, fallback: Range): Range | 'order' | 'positive' {
  const end = (which: 'from' | 'to') =>
    (url[which] === '' ? undefined : parseInput(url[which], inputs[x].unit)) ?? fallback[which]
  const range = { from: end('from'), to: end('to'), log: url.log }
  if (range.to <= range.from) return 'order'
  return url.log && range.from <= 0 ? 'positive' : range
}
