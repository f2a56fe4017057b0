'use client'
/**
 * Everything that happened in a run on one axis: the scenario's steps, processes and their faults, leaders with epochs and ISRs,
 * groups, client errors, seconds in which all partitions took a write. One line across all rows shows the moment that is read.
 */
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import type { Run } from '../../../../server/console/shapes/lab.ts'
import { timeTicks } from '../../../_charts/series.ts'
import { Segments } from '../../../_ui/chips.tsx'
import { cx } from '../../../_ui/cx.ts'
import { Panel } from '../../../_ui/page.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { type DrawnBand, leaderColour, leadersOf, useSections } from './timeline-looks.ts'
import type { Timeline as Rows } from './timeline-rows.ts'
import { type WindowName, windowNames, windowsMs } from './view.ts'

const ticks = 6
/** Labels, tracks and what is read stand in columns of their own: rows of the same heights keep them in line. */
const axisClass = 'h-5'
const titleClass = 'h-6'
const rowClass = 'h-[22px]'

export function Timeline({
  run,
  rows,
  window,
  onWindow,
}: {
  run: Run
  rows: Rows
  window: WindowName
  onWindow(window: WindowName): void
}) {
  const m = useMessages(messages).timeline
  const f = useFormat()
  const sections = useSections(run, rows)
  const [cursorMs, setCursor] = useState<number | null>(null)
  const track = useRef<HTMLDivElement>(null)
  const { toMs } = rows
  const fromMs = Math.max(rows.fromMs, toMs - windowsMs[window])
  const spanMs = Math.max(1, toMs - fromMs)
  const percent = (ms: number) => Math.min(1, Math.max(0, (ms - fromMs) / spanMs)) * 100
  const readMs = Math.min(toMs - 1, Math.max(fromMs, cursorMs ?? toMs - 1))

  function point(event: PointerEvent) {
    const box = track.current!.getBoundingClientRect()
    if (box.width > 0) setCursor(fromMs + ((event.clientX - box.left) / box.width) * spanMs)
  }
  function press(event: KeyboardEvent) {
    const stepMs = event.shiftKey ? spanMs / 10 : Math.max(100, spanMs / 100)
    const to = { ArrowLeft: readMs - stepMs, ArrowRight: readMs + stepMs, Home: fromMs, End: toMs }[event.key]
    if (to === undefined) return
    event.preventDefault()
    setCursor(to)
  }

  const moment = `${f.timeOfDay(readMs)} · +${((readMs - rows.fromMs) / 1_000).toFixed(1)} s`
  const said = sections.map((section) => ({
    ...section,
    rows: section.rows.map(({ id, label, says }) => ({ id, label, text: says(readMs) ?? m.nothing })),
  }))
  return (
    <Panel
      title={m.title}
      flush
      actions={
        <Segments
          label={m.window}
          value={window}
          onChange={onWindow}
          options={windowNames.map((value) => ({ value, label: m.windows[value] }))}
        />
      }
    >
      <Legend run={run} rows={rows} />
      <div className="flex gap-2.5 px-3.5 pb-3">
        <div aria-hidden className="w-[84px] shrink-0 sm:w-[150px]">
          <div className={axisClass} />
          {sections.map((section) => (
            <div key={section.id}>
              {section.title && (
                <div className={cx(titleClass, 'relative')}>
                  <span className="absolute bottom-0.5 left-0 whitespace-nowrap text-faint text-xs">
                    {section.title}
                  </span>
                </div>
              )}
              {section.rows.map((row) => (
                <div
                  key={row.id}
                  title={row.label}
                  className={cx(rowClass, 'truncate text-muted text-xs leading-[22px]')}
                >
                  {row.label}
                </div>
              ))}
            </div>
          ))}
        </div>
        <div
          ref={track}
          role="slider"
          tabIndex={0}
          aria-label={m.label}
          aria-valuemin={0}
          aria-valuemax={Math.round((toMs - rows.fromMs) / 1_000)}
          aria-valuenow={Math.round((readMs - rows.fromMs) / 1_000)}
          aria-valuetext={[moment, ...said.flatMap((s) => s.rows.map((r) => `${r.label}: ${r.text}`))].join('; ')}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setCursor(null)}
          onKeyDown={press}
          onBlur={() => setCursor(null)}
          className="relative min-w-0 flex-1 cursor-crosshair touch-pan-y select-none"
        >
          <div className={cx(axisClass, 'relative overflow-hidden')}>
            {timeTicks(fromMs, toMs, 0, ticks).map((ms) => (
              <span
                key={ms}
                className="num absolute -translate-x-1/2 whitespace-nowrap text-[11px] text-faint"
                style={{ left: `${percent(ms)}%` }}
              >
                {f.timeOfDay(ms)}
              </span>
            ))}
          </div>
          {sections.map((section) => (
            <div key={section.id}>
              {section.title && <div className={titleClass} />}
              {section.rows.map((row) => (
                <div key={row.id} className={cx(rowClass, 'py-0.5')}>
                  <div className="relative h-full overflow-hidden rounded-[3px] bg-sunken">
                    {row.bands.map((band) => (
                      <Drawn key={`${band.fromMs} ${band.key ?? ''}`} band={band} percent={percent} />
                    ))}
                  </div>
                </div>
              ))}
            </div>
          ))}
          {timeTicks(fromMs, toMs, 0, ticks).map((ms) => (
            <span
              key={ms}
              aria-hidden
              className="pointer-events-none absolute top-5 bottom-0 w-px bg-ink opacity-10"
              style={{ left: `${percent(ms)}%` }}
            />
          ))}
          {cursorMs !== null && (
            <span
              aria-hidden
              className="pointer-events-none absolute inset-y-0 w-px bg-ink"
              style={{ left: `${percent(readMs)}%` }}
            />
          )}
        </div>
        <div aria-hidden className="hidden w-[230px] shrink-0 lg:block">
          <div className={cx(axisClass, 'num text-[11px]')}>{moment}</div>
          {said.map((section) => (
            <div key={section.id}>
              {section.title && <div className={titleClass} />}
              {section.rows.map((row) => (
                <div key={row.id} title={row.text} className={cx(rowClass, 'truncate text-xs leading-[22px]')}>
                  {row.text}
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
      <div aria-hidden className="border-t px-3.5 py-2 text-xs lg:hidden">
        <div className="num mb-1 font-medium">{moment}</div>
        <div className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3">
          {said.flatMap((s) =>
            s.rows.map((row) => (
              <div key={row.id} className="contents">
                <span className="text-muted">{row.label}</span>
                <span className="truncate">{row.text}</span>
              </div>
            )),
          )}
        </div>
      </div>
      <p className="border-t px-3.5 py-1.5 text-faint text-xs">{m.help}</p>
    </Panel>
  )
}

/** At least a pixel and a half wide: what was short has happened all the same. */
function Drawn({ band, percent }: { band: DrawnBand; percent(ms: number): number }) {
  const left = percent(band.fromMs)
  const width = percent(band.toMs) - left
  if (width <= 0) return null
  return (
    <span
      className={cx('absolute inset-y-0 min-w-[1.5px] overflow-hidden border-surface border-l', band.look)}
      style={{ left: `${left}%`, width: `${width}%`, background: band.background }}
    >
      {band.text && width > 4 && (
        <span className="num absolute top-0 left-1 whitespace-nowrap text-[10px] leading-[13px]">{band.text}</span>
      )}
      {band.foot && <span className={cx('absolute inset-x-0 bottom-0 h-[5px] border-surface border-t', band.foot)} />}
    </span>
  )
}

/** Which colour is which broker, and what the foot of a partition's row says. */
function Legend({ run, rows }: { run: Run; rows: Rows }) {
  const words = useMessages(messages)
  const m = words.timeline.legend
  const leaders = leadersOf(rows)
  if (leaders.length === 0) return null
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-1 px-3.5 pt-2.5 pb-1 text-muted text-xs">
      <span className="flex flex-wrap items-center gap-x-3">
        {m.leader}
        {leaders.map((id) => (
          <span key={id} className="flex items-center gap-1.5">
            <span aria-hidden className="size-2.5 rounded-[3px]" style={{ background: leaderColour(id) }} />
            {words.broker(String(id))}
          </span>
        ))}
      </span>
      <span className="flex flex-wrap items-center gap-x-3">
        ISR
        <Foot look="bg-ok">{m.isrAll}</Foot>
        <Foot look="bg-warn">{m.isrSome}</Foot>
        {run.head.minInsyncReplicas > 1 && <Foot look="bg-bad">{m.isrFew}</Foot>}
      </span>
    </div>
  )
}

const Foot = ({ look, children }: { look: string; children: string }) => (
  <span className="flex items-center gap-1.5">
    <span aria-hidden className={cx('h-1 w-3', look)} />
    {children}
  </span>
)
